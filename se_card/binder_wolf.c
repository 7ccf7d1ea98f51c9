/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/binder.h"

#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/hmac.h>
#include <wolfssl/wolfcrypt/sha256.h>

#define HASH 32

static void hmac(uint8_t out[HASH], const uint8_t key[HASH], struct rdv_span data)
{
    Hmac h;

    RDV_INVARIANT(wc_HmacInit(&h, NULL, INVALID_DEVID) == 0 &&
                  wc_HmacSetKey(&h, WC_SHA256, key, HASH) == 0 &&
                  wc_HmacUpdate(&h, data.p, (word32)data.n) == 0 && wc_HmacFinal(&h, out) == 0);
    wc_HmacFree(&h);
}

static void sha256(uint8_t out[HASH], struct rdv_span data)
{
    RDV_INVARIANT(wc_Sha256Hash(data.p, (word32)data.n, out) == 0);
}

/* HKDF-Expand-Label(key, label, context, 32): one block, so one HMAC (RFC 8446 section 7.1). */
static void expand_label(uint8_t out[HASH], const uint8_t key[HASH], const char *label,
                         struct rdv_span context)
{
    uint8_t info[2 + 1 + 32 + 1 + HASH + 1];
    const size_t n = strlen(label);
    size_t at = 0;

    info[at++] = 0;
    info[at++] = HASH;
    info[at++] = (uint8_t)n;
    memcpy(info + at, label, n);
    at += n;
    info[at++] = (uint8_t)context.n;
    if (context.n > 0)
        memcpy(info + at, context.p, context.n);
    at += context.n;
    info[at++] = 1; /* HKDF's block counter */
    hmac(out, key, (struct rdv_span){ info, at });
}

bool se_binder_matches(const struct rdv_key *psk, struct rdv_span hello_before_binders,
                       struct rdv_span binder)
{
    static const uint8_t zero[HASH];
    uint8_t early[HASH], binder_key[HASH], finished[HASH], hash[HASH], want[HASH];
    bool same;

    hmac(early, zero, (struct rdv_span){ psk->bytes, RDV_KEY_BYTES });
    sha256(hash, RDV_LIT(""));
    expand_label(binder_key, early, "tls13 ext binder", (struct rdv_span){ hash, HASH });
    expand_label(finished, binder_key, "tls13 finished", RDV_LIT(""));
    sha256(hash, hello_before_binders);
    hmac(want, finished, (struct rdv_span){ hash, HASH });
    same = binder.n == HASH && rdv_ct_equal(want, binder.p, HASH);
    rdv_wipe(early, HASH);
    rdv_wipe(binder_key, HASH);
    rdv_wipe(finished, HASH);
    rdv_wipe(want, HASH);
    return same;
}
