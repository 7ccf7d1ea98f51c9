/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What wolfSSL's TLS is told to take from elsewhere, through its crypto callback ("device"): what
 * libcrypto does faster (ecdhe.h, aead.h, sha256.h), and random bytes from the kernel, so that no
 * file need be opened for each session.
 */
#ifndef RDV_SE_CARD_DEVICE_H
#define RDV_SE_CARD_DEVICE_H

#include "base/err.h"

/* The device id to give to wolfSSL_CTX_SetDevId. */
#define SE_DEVICE 256

/* Once per process, after the library's own initialisation. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_device_register(void);

#endif
