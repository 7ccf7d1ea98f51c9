/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations with the keys of the keystore (keys.h): one, or a pipe of many with the key opened
 * once. Inside a transaction, in which they are counted. */
#ifndef RDV_SE_CARD_KEY_USE_H
#define RDV_SE_CARD_KEY_USE_H

#include "se_card/keys.h"

enum se_key_op {
    SE_OP_SIGN, /* a digest of at most 32 bytes: DER, or PKCS#1 v1.5 with SHA-256 (256 bytes) */
    SE_OP_HMAC_SHA256,
    SE_OP_HMAC_SHA512,
    SE_OP_AES_ENCRYPT, /* AES-128-ECB; the secret must have 16 bytes */
    SE_OP_AES_DECRYPT,
    SE_OP_RSA_PRIVATE, /* raw; short input is filled up with zeros on the right */
    SE_OP_RSA_PUBLIC,
    SE_OP_COUNT,
};

/* Bytes of one block of a pipe. */
size_t se_key_block(enum se_key_op op);

struct se_key_use {
    enum se_key_op op;
    uint8_t slot;
    enum se_key_curve curve;
    bool pipe;     /* the input is blocks, one operation each */
    bool prefixed; /* each DER signature has its length before it, in one byte */
};

/* Appends what the operation gives and counts it. Returns: RDV_ERR_ABSENT (no such key),
 * RDV_ERR_RANGE (length of the input, another curve, parts that make no key), RDV_ERR_LIMIT (no
 * room in `out`); the transaction must be undone then, as after any failed command. */
RDV_MUST_USE enum rdv_err se_keys_use(struct se_element *el, struct rdv_buf *out,
                                      const struct se_key_use *use, struct rdv_span in);

#endif
