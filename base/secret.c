/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void rdv_wipe(void *p, size_t n)
{
    if (n == 0)
        return;
    memset(p, 0, n);
    /* The barrier makes the zeros visible to code the compiler cannot see: it must write them. */
    __asm__ __volatile__("" : : "r"(p) : "memory");
}

bool rdv_ct_equal(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;
    uint8_t differ = 0;

    for (size_t i = 0; i < n; i++)
        differ |= (uint8_t)(x[i] ^ y[i]);
    return !rdv_reveal(differ);
}

enum rdv_err rdv_key_import(struct rdv_key *out, struct rdv_span bytes)
{
    static const struct rdv_key zero;

    rdv_key_wipe(out);
    if (bytes.n != RDV_KEY_BYTES)
        return RDV_ERR_RANGE;
    if (rdv_ct_equal(bytes.p, zero.bytes, RDV_KEY_BYTES))
        return RDV_ERR_WEAK;
    memcpy(out->bytes, bytes.p, RDV_KEY_BYTES);
    return RDV_OK;
}

bool rdv_key_is_weak(const struct rdv_key *key)
{
    const uint8_t step = (uint8_t)(key->bytes[1] - key->bytes[0]);
    uint8_t differ = 0;

    for (size_t i = 2; i < RDV_KEY_BYTES; i++)
        differ |= (uint8_t)((uint8_t)(key->bytes[i] - key->bytes[i - 1]) ^ step);
    return !rdv_reveal(differ);
}

bool rdv_secret_lock(void *p, size_t n)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t first = (uintptr_t)p & ~(page - 1);

    (void)madvise((void *)first, (uintptr_t)p + n - first, MADV_DONTDUMP);
    return mlock(p, n) == 0;
}
