/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every fuzz harness is written with. A harness is a file fuzz_NAME.c with one function; with
 * libFuzzer it is fed by it, in every other build replay.c feeds it the corpus. It states a
 * property with RDV_INVARIANT, is deterministic and keeps no state between inputs.
 */
#ifndef RDV_TESTS_FUZZ_FUZZ_H
#define RDV_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next number of a sequence that depends on *seed alone. */
static inline uint32_t fuzz_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

/* How many of n > 0 bytes come next: often one, often few, sometimes all. */
static inline size_t fuzz_cut(uint32_t *seed, size_t n)
{
    const uint32_t r = fuzz_random(seed);
    const size_t wish = r % 4 == 0 ? 1 : r % 4 == 1 ? r / 4 % 8 + 1 : r / 4 % 2048 + 1;

    return r % 31 == 0 || wish > n ? n : wish;
}

/* The first two bytes as a seed; 0 when there are none. */
static inline uint32_t fuzz_seed(struct rdv_reader *rd)
{
    uint16_t seed;

    return rdv_get_u16(rd, &seed) == RDV_OK ? seed : 0;
}

#endif
