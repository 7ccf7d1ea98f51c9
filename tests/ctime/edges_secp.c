/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The edge of libsecp256k1, which is followed inside as well: it was made for that, and has such a
 * test of its own. Debian builds it without the marks of what it knows to be harmless: known.supp.
 */
#include <secp256k1.h>

#include "tests/ctime/secrets.h"

int __real_secp256k1_ec_pubkey_create(const secp256k1_context *ctx, secp256k1_pubkey *out,
                                      const unsigned char *secret);
int __wrap_secp256k1_ec_pubkey_create(const secp256k1_context *ctx, secp256k1_pubkey *out,
                                      const unsigned char *secret);

/* A public key is for everybody. */
int __wrap_secp256k1_ec_pubkey_create(const secp256k1_context *ctx, secp256k1_pubkey *out,
                                      const unsigned char *secret)
{
    const int answer = __real_secp256k1_ec_pubkey_create(ctx, out, secret);

    t_show(out, sizeof(*out));
    return answer;
}
