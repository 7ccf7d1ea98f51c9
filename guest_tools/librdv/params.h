/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RDV_GUEST_TOOLS_LIBRDV_PARAMS_H
#define RDV_GUEST_TOOLS_LIBRDV_PARAMS_H

#include <rdv/value.h>

#include "base/bytes.h"

/* Appends the map of a request's parameters; NULL: none. Returns: RDV_ERR_RANGE (a kind that no
 * parameter has), RDV_ERR_LIMIT, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err guest_put_params(struct rdv_buf *out, const struct rdv_param *params);

#endif
