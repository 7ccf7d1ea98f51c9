/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/hash.h"

#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/hmac.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include "base/secret.h"
#include "se_card/device.h"

/* wolfCrypt's hashes fail on a NULL and on hardware only: here they cannot. */

static void update(Hmac *h, struct rdv_span data)
{
    RDV_INVARIANT(data.n <= UINT32_MAX);
    RDV_INVARIANT(data.n == 0 || wc_HmacUpdate(h, data.p, (word32)data.n) == 0);
}

/* Over a, b and c in a row; what is not needed is empty. */
static void hmac(uint8_t *out, int hash, struct rdv_span key, struct rdv_span a, struct rdv_span b,
                 struct rdv_span c)
{
    Hmac h;

    RDV_INVARIANT(key.n <= UINT32_MAX &&
                  wc_HmacInit(&h, NULL, hash == WC_SHA256 ? SE_DEVICE : INVALID_DEVID) == 0 &&
                  wc_HmacSetKey(&h, hash, key.p, (word32)key.n) == 0);
    update(&h, a);
    update(&h, b);
    update(&h, c);
    RDV_INVARIANT(wc_HmacFinal(&h, out) == 0);
    wc_HmacFree(&h);
    rdv_wipe(&h, sizeof(h)); /* the library leaves the padded key in it */
}

static const struct rdv_span none;

void se_sha256(uint8_t out[SE_SHA256_BYTES], struct rdv_span data)
{
    wc_Sha256 sha;

    RDV_INVARIANT(data.n <= UINT32_MAX && wc_InitSha256_ex(&sha, NULL, SE_DEVICE) == 0);
    RDV_INVARIANT(data.n == 0 || wc_Sha256Update(&sha, data.p, (word32)data.n) == 0);
    RDV_INVARIANT(wc_Sha256Final(&sha, out) == 0);
    wc_Sha256Free(&sha);
    rdv_wipe(&sha, sizeof(sha));
}

void se_hmac_sha256(uint8_t out[SE_SHA256_BYTES], struct rdv_span key, struct rdv_span data)
{
    hmac(out, WC_SHA256, key, data, none, none);
}

void se_hmac_sha512(uint8_t out[SE_SHA512_BYTES], struct rdv_span key, struct rdv_span data)
{
    hmac(out, WC_SHA512, key, data, none, none);
}

/* The library has HKDF too, and leaves its keys on the stack. */
void se_hkdf_sha256(uint8_t *out, size_t n, struct rdv_span secret, struct rdv_span salt,
                    struct rdv_span info)
{
    uint8_t prk[SE_SHA256_BYTES], block[SE_SHA256_BYTES];
    const struct rdv_span prk_span = { prk, sizeof(prk) };
    struct rdv_span before = none;
    uint8_t count = 0;

    RDV_INVARIANT(n <= 255 * SE_SHA256_BYTES);
    /* HMAC fills a short key up with zeros: an empty salt is the RFC's string of zeros. */
    hmac(prk, WC_SHA256, salt, secret, none, none);
    while (n > 0) {
        const size_t part = n < sizeof(block) ? n : sizeof(block);

        count++;
        hmac(block, WC_SHA256, prk_span, before, info, (struct rdv_span){ &count, 1 });
        before = (struct rdv_span){ block, sizeof(block) };
        memcpy(out, block, part);
        out += part;
        n -= part;
    }
    rdv_wipe(prk, sizeof(prk));
    rdv_wipe(block, sizeof(block));
}
