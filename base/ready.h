/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_BASE_READY_H
#define RDV_BASE_READY_H

#include "base/err.h"

/*
 * Tells whoever waits that the daemon serves now: writes the address really bound to the ready file
 * (when its path is not empty), and READY=1 to the service manager (sd_notify(3), when
 * NOTIFY_SOCKET is set). Returns: RDV_ERR_IO when the file could not be written.
 */
RDV_MUST_USE enum rdv_err rdv_ready(const char *ready_file, const char *address);

#endif
