/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where secrets come in and where answers go out. The first two stand for base/random.c and
 * base/reveal.c; the linker puts those with __wrap_ in the place of the functions they are named
 * for. What is done at the libraries' edges is in edges_openssl.c and edges_secp.c.
 */
#include <string.h>

#include <valgrind/memcheck.h>

#include "base/invariant.h"
#include "base/random.h"
#include "base/secret.h"
#include "se_card/k1.h"
#include "se_card/p256.h"
#include "tests/ctime/secrets.h"

enum rdv_err __real_se_k1_sign(struct se_k1 *k1, uint8_t rs[64], const struct rdv_key *secret,
                               const uint8_t value[32], const uint8_t extra[32]);
enum rdv_err __wrap_se_k1_sign(struct se_k1 *k1, uint8_t rs[64], const struct rdv_key *secret,
                               const uint8_t value[32], const uint8_t extra[32]);
enum rdv_err __real_se_p256_sign(struct se_p256_group *group, uint8_t rs[64],
                                 const struct rdv_key *secret, const uint8_t value[32],
                                 struct rdv_span extra);
enum rdv_err __wrap_se_p256_sign(struct se_p256_group *group, uint8_t rs[64],
                                 const struct rdv_key *secret, const uint8_t value[32],
                                 struct rdv_span extra);

void t_hide(void *p, size_t n)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(p, n);
}

void t_show(const void *p, size_t n)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(p, n);
}

bool t_is_hidden(const void *p, size_t n)
{
    uint8_t bits[64] = { 0 };
    unsigned any = 0;

    RDV_INVARIANT(n <= sizeof(bits) && VALGRIND_GET_VBITS(p, bits, n) == 1);
    for (size_t i = 0; i < n; i++)
        any |= bits[i];
    return any != 0;
}

void rdv_random(void *out, size_t n)
{
    memset(out, 0x5A, n);
    t_hide(out, n);
}

bool rdv_reveal(uint64_t bits)
{
    t_show(&bits, sizeof(bits));
    return bits != 0;
}

/* A signature is for everybody: its DER form may depend on it. */

enum rdv_err __wrap_se_k1_sign(struct se_k1 *k1, uint8_t rs[64], const struct rdv_key *secret,
                               const uint8_t value[32], const uint8_t extra[32])
{
    const enum rdv_err err = __real_se_k1_sign(k1, rs, secret, value, extra);

    t_show(rs, 64);
    return err;
}

enum rdv_err __wrap_se_p256_sign(struct se_p256_group *group, uint8_t rs[64],
                                 const struct rdv_key *secret, const uint8_t value[32],
                                 struct rdv_span extra)
{
    const enum rdv_err err = __real_se_p256_sign(group, rs, secret, value, extra);

    t_show(rs, 64);
    return err;
}
