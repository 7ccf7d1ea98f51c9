/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/rsa.h"

#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/rsa.h>

static void check(bool fine)
{
    if (!fine)
        abort();
}

static RsaKey public_key(const struct se_rsa_parts *parts)
{
    RsaKey key;

    check(wc_InitRsaKey(&key, NULL) == 0 &&
          wc_RsaPublicKeyDecodeRaw(parts->modulus, sizeof(parts->modulus), parts->exponent,
                                   sizeof(parts->exponent), &key) == 0);
    return key;
}

bool t_rsa_verifies(const struct se_rsa_parts *parts, struct rdv_span digest,
                    const uint8_t signature[SE_RSA_BYTES])
{
    /* RFC 8017 section 9.2, note 1 */
    static const char info[] = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05"
                               "\x00\x04\x20";
    RsaKey key = public_key(parts);
    uint8_t signed_bytes[SE_RSA_BYTES];
    const int n =
            wc_RsaSSL_Verify(signature, SE_RSA_BYTES, signed_bytes, sizeof(signed_bytes), &key);

    (void)wc_FreeRsaKey(&key);
    return n == (int)(sizeof(info) - 1 + digest.n) &&
           memcmp(signed_bytes, info, sizeof(info) - 1) == 0 &&
           memcmp(signed_bytes + sizeof(info) - 1, digest.p, digest.n) == 0;
}

void t_rsa_public(const struct se_rsa_parts *parts, uint8_t out[SE_RSA_BYTES],
                  const uint8_t in[SE_RSA_BYTES])
{
    RsaKey key = public_key(parts);
    word32 n = SE_RSA_BYTES;

    check(wc_RsaFunction(in, SE_RSA_BYTES, out, &n, RSA_PUBLIC_ENCRYPT, &key, NULL) == 0 &&
          n == SE_RSA_BYTES);
    (void)wc_FreeRsaKey(&key);
}
