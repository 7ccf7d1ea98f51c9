/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/digest.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/sha.h>
#include <wolfssl/wolfcrypt/sha256.h>
#include <wolfssl/wolfcrypt/sha512.h>

#include "tests/support/test.h"

void t_digest_sha256(uint8_t midway[32], uint8_t out[32], int device, struct rdv_span bytes,
                     size_t cut)
{
    wc_Sha256 sha;

    T_MUST(wc_InitSha256_ex(&sha, NULL, device) == 0);
    T_TRUE(wc_Sha256Update(&sha, bytes.p, (word32)cut) == 0);
    T_TRUE(wc_Sha256GetHash(&sha, midway) == 0);
    T_TRUE(wc_Sha256Update(&sha, bytes.p + cut, (word32)(bytes.n - cut)) == 0);
    T_TRUE(wc_Sha256Final(&sha, out) == 0);
    wc_Sha256Free(&sha);
}

void t_digest_byte(uint8_t out[T_DIGEST_MAX], unsigned bits, int device)
{
    static const uint8_t byte;
    wc_Sha sha1;
    wc_Sha384 sha384;
    wc_Sha512 sha512;

    if (bits == 160) {
        T_TRUE(wc_InitSha_ex(&sha1, NULL, device) == 0 && wc_ShaUpdate(&sha1, &byte, 1) == 0 &&
               wc_ShaFinal(&sha1, out) == 0);
    } else if (bits == 384) {
        T_TRUE(wc_InitSha384_ex(&sha384, NULL, device) == 0 &&
               wc_Sha384Update(&sha384, &byte, 1) == 0 && wc_Sha384Final(&sha384, out) == 0);
    } else {
        T_TRUE(wc_InitSha512_ex(&sha512, NULL, device) == 0 &&
               wc_Sha512Update(&sha512, &byte, 1) == 0 && wc_Sha512Final(&sha512, out) == 0);
    }
}
