/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_verifier_load rdv_verifier_save rdv_verifier_overdue rdv_verifier_gap */
#include <rdv/verify.h>

#include <stdlib.h>
#include <string.h>

#include "guest_tools/librdv/sha256.h"
#include "tests/fuzz/fuzz.h"

#define NOW 1800000000

/* Of tests/vectors/envelope. */
static const uint8_t key[33] = { 0x02, 0xED, 0x4B, 0x61, 0xAE, 0x88, 0xA8, 0xFC, 0xAE, 0xF2, 0x4B,
                                 0xD1, 0x6E, 0x99, 0x0B, 0x99, 0x6A, 0xA6, 0xB8, 0x89, 0xCD, 0xB8,
                                 0x72, 0xA6, 0x14, 0xBF, 0x7F, 0xF3, 0xC8, 0x27, 0x5A, 0x41, 0x8A };

static struct rdv_verifier *new_verifier(void)
{
    const struct rdv_verifier_options options = { .key = key, .n_key = sizeof(key), .heads = true };
    struct rdv_verifier *v;

    RDV_INVARIANT(rdv_verifier_new(&v, &options) == RDV_OK);
    return v;
}

/* What is taken up is kept the same, and can be asked about. */
static void ask(struct rdv_verifier *v)
{
    struct rdv_standing standing;
    struct rdv_verified told;
    uint64_t from, to, missing;
    unsigned record = 0, overdue = 0;

    while (rdv_verifier_standing(v, &record, &standing)) {
        RDV_INVARIANT(standing.first <= standing.n || standing.missing == 0);
        missing = 0;
        for (size_t i = 0; rdv_verifier_gap(v, standing.record, i, &from, &to); i++)
            missing += to - from + 1;
        RDV_INVARIANT(missing == standing.missing);
    }
    while (rdv_verifier_ends(v, &told, NOW)) {
        RDV_INVARIANT(rdv_verdict_is_alarm(told.verdict));
        RDV_INVARIANT(overdue++ < 512);
    }
}

static void check(const uint8_t *bytes, size_t n)
{
    struct rdv_verifier *v = new_verifier(), *next = new_verifier();
    struct rdv_why why = { "" };
    uint8_t *kept, *again;
    size_t n_kept, n_again;

    if (rdv_verifier_load(v, bytes, n, &why) == RDV_OK) {
        RDV_INVARIANT(rdv_verifier_save(v, &kept, &n_kept) == RDV_OK);
        RDV_INVARIANT(rdv_verifier_load(next, kept, n_kept, NULL) == RDV_OK);
        RDV_INVARIANT(rdv_verifier_save(next, &again, &n_again) == RDV_OK);
        RDV_INVARIANT(n_kept == n_again && memcmp(kept, again, n_kept) == 0);
        ask(v);
        free(kept);
        free(again);
    } else {
        RDV_INVARIANT(why.text[0] != '\0');
    }
    rdv_verifier_free(v);
    rdv_verifier_free(next);
}

/* The hash behind is put there, or nothing but that would be found. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *whole = malloc(size + GUEST_SHA256_BYTES);

    if (whole == NULL)
        return 0;
    if (size > 0)
        memcpy(whole, data, size);
    RDV_INVARIANT(guest_sha256(whole + size, (struct rdv_span){ data, size }) == RDV_OK);
    check(whole, size + GUEST_SHA256_BYTES);
    free(whole);
    return 0;
}
