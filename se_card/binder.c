/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/binder.h"

#include <string.h>

#include "se_card/hash.h"

#define HASH SE_SHA256_BYTES

static void hmac(uint8_t out[HASH], const uint8_t key[HASH], struct rdv_span data)
{
    se_hmac_sha256(out, (struct rdv_span){ key, HASH }, data);
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
    se_sha256(hash, RDV_LIT(""));
    expand_label(binder_key, early, "tls13 ext binder", (struct rdv_span){ hash, HASH });
    expand_label(finished, binder_key, "tls13 finished", RDV_LIT(""));
    se_sha256(hash, hello_before_binders);
    hmac(want, finished, (struct rdv_span){ hash, HASH });
    same = binder.n == HASH && rdv_ct_equal(want, binder.p, HASH);
    rdv_wipe(early, HASH);
    rdv_wipe(binder_key, HASH);
    rdv_wipe(finished, HASH);
    rdv_wipe(want, HASH);
    return same;
}
