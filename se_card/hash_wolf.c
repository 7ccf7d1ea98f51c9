/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/hash.h"

#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/hmac.h>

#include "base/secret.h"

void se_sha256(uint8_t out[SE_SHA256_BYTES], struct rdv_span data)
{
    struct se_sha256_state s;

    se_sha256_start(&s);
    if (data.n > 0)
        se_sha256_update(&s, data);
    se_sha256_finish(&s, out);
}

void se_hmac_sha256(uint8_t out[SE_SHA256_BYTES], struct rdv_span key, struct rdv_span data)
{
    se_sha256_hmac(out, key, &data, 1);
}

/* wolfCrypt's hashes fail on a NULL and on hardware only: here they cannot. */
void se_hmac_sha512(uint8_t out[SE_SHA512_BYTES], struct rdv_span key, struct rdv_span data)
{
    Hmac h;

    RDV_INVARIANT(key.n <= UINT32_MAX && data.n <= UINT32_MAX &&
                  wc_HmacInit(&h, NULL, INVALID_DEVID) == 0 &&
                  wc_HmacSetKey(&h, WC_SHA512, key.p, (word32)key.n) == 0);
    RDV_INVARIANT(data.n == 0 || wc_HmacUpdate(&h, data.p, (word32)data.n) == 0);
    RDV_INVARIANT(wc_HmacFinal(&h, out) == 0);
    wc_HmacFree(&h);
    rdv_wipe(&h, sizeof(h)); /* the library leaves the padded key in it */
}

/* The library has HKDF too, and leaves its keys on the stack. */
void se_hkdf_sha256(uint8_t *out, size_t n, struct rdv_span secret, struct rdv_span salt,
                    struct rdv_span info)
{
    uint8_t prk[SE_SHA256_BYTES], block[SE_SHA256_BYTES];
    const struct rdv_span prk_span = { prk, sizeof(prk) };
    uint8_t count = 0;
    struct rdv_span parts[] = { { NULL, 0 }, info, { &count, 1 } }; /* first: the block before */

    RDV_INVARIANT(n <= 255 * SE_SHA256_BYTES);
    /* HMAC fills a short key up with zeros: an empty salt is the RFC's string of zeros. */
    se_sha256_hmac(prk, salt, &secret, 1);
    while (n > 0) {
        const size_t part = n < sizeof(block) ? n : sizeof(block);

        count++;
        se_sha256_hmac(block, prk_span, parts, sizeof(parts) / sizeof(parts[0]));
        parts[0] = (struct rdv_span){ block, sizeof(block) };
        memcpy(out, block, part);
        out += part;
        n -= part;
    }
    rdv_wipe(prk, sizeof(prk));
    rdv_wipe(block, sizeof(block));
}
