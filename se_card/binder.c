/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/binder.h"

#include <string.h>

#include "se_card/hash.h"

#define HASH SE_SHA256_BYTES

static struct rdv_span hash_span(const uint8_t hash[HASH])
{
    return (struct rdv_span){ hash, HASH };
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
    se_hmac_sha256(out, hash_span(key), (struct rdv_span){ info, at });
}

/* Derive-Secret(early secret of the key, label, ""). */
static void derive_early(uint8_t out[HASH], const struct rdv_key *psk, const char *label)
{
    static const uint8_t zero[HASH];
    uint8_t early[HASH], nothing[HASH];

    se_hmac_sha256(early, hash_span(zero), (struct rdv_span){ psk->bytes, RDV_KEY_BYTES });
    se_sha256(nothing, RDV_LIT(""));
    expand_label(out, early, label, hash_span(nothing));
    rdv_wipe(early, HASH);
}

void se_binder_make(uint8_t out[SE_BINDER_BYTES], const struct rdv_key *psk, struct rdv_span data)
{
    uint8_t binder_key[HASH], finished[HASH];

    derive_early(binder_key, psk, "tls13 ext binder");
    expand_label(finished, binder_key, "tls13 finished", RDV_LIT(""));
    se_hmac_sha256(out, hash_span(finished), data);
    rdv_wipe(binder_key, HASH);
    rdv_wipe(finished, HASH);
}

void se_binder_derive(uint8_t out[SE_BINDER_BYTES], const struct rdv_key *psk, struct rdv_span data)
{
    uint8_t derived[HASH];

    derive_early(derived, psk, "tls13 derived");
    se_hmac_sha256(out, hash_span(derived), data);
    rdv_wipe(derived, HASH);
}

bool se_binder_matches(const struct rdv_key *psk, struct rdv_span hello_before_binders,
                       struct rdv_span binder)
{
    uint8_t hash[HASH], want[HASH];
    bool same;

    se_sha256(hash, hello_before_binders);
    se_binder_make(want, psk, hash_span(hash));
    same = binder.n == HASH && rdv_ct_equal(want, binder.p, HASH);
    rdv_wipe(want, HASH);
    return same;
}
