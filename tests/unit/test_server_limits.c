/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rdv_server/limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

static struct rdv_limits_key key_of(const char *address)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = 4711 };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = 4712 };

    if (strchr(address, ':') == NULL) {
        T_MUST(inet_pton(AF_INET, address, &in.sin_addr) == 1);
        return rdv_limits_key_of((const struct sockaddr *)&in);
    }
    T_MUST(inet_pton(AF_INET6, address, &in6.sin6_addr) == 1);
    return rdv_limits_key_of((const struct sockaddr *)&in6);
}

static enum rdv_err enter(struct rdv_limits *l, const char *address)
{
    const struct rdv_limits_key key = key_of(address);

    return rdv_limits_enter(l, &key);
}

static void leave(struct rdv_limits *l, const char *address)
{
    const struct rdv_limits_key key = key_of(address);

    rdv_limits_leave(l, &key);
}

static void an_address_has_so_many_sessions_and_no_more(void)
{
    struct rdv_limits *l;

    T_MUST_OK(rdv_limits_new(&l, 10, 3));
    for (unsigned i = 0; i < 3; i++)
        T_OK(enter(l, "192.0.2.7"));
    T_ERR(enter(l, "192.0.2.7"), RDV_ERR_LIMIT);
    T_UINT(rdv_limits_count(l), 3);
    T_OK(enter(l, "192.0.2.8"));
    leave(l, "192.0.2.7");
    T_OK(enter(l, "192.0.2.7"));
    T_ERR(enter(l, "192.0.2.7"), RDV_ERR_LIMIT);
    rdv_limits_free(l);
}

static void all_together_have_so_many_sessions_and_no_more(void)
{
    struct rdv_limits *l;

    T_MUST_OK(rdv_limits_new(&l, 3, 3));
    T_OK(enter(l, "192.0.2.1"));
    T_OK(enter(l, "192.0.2.2"));
    T_OK(enter(l, "192.0.2.3"));
    T_ERR(enter(l, "192.0.2.4"), RDV_ERR_FULL);
    T_ERR(enter(l, "192.0.2.1"), RDV_ERR_FULL);
    T_UINT(rdv_limits_count(l), 3);
    leave(l, "192.0.2.2");
    T_OK(enter(l, "192.0.2.4"));
    rdv_limits_free(l);
}

static void a_limit_of_none_lets_nobody_in(void)
{
    struct rdv_limits *l;

    T_MUST_OK(rdv_limits_new(&l, 2, 0));
    for (unsigned char i = 0; i < 9; i++) {
        const struct rdv_limits_key key = { { i } };

        T_ERR(rdv_limits_enter(l, &key), RDV_ERR_LIMIT);
    }
    T_UINT(rdv_limits_count(l), 0);
    rdv_limits_free(l);
    T_MUST_OK(rdv_limits_new(&l, 0, 1));
    T_ERR(enter(l, "192.0.2.1"), RDV_ERR_FULL);
    rdv_limits_free(l);
}

static bool same(const char *a, const char *b)
{
    const struct rdv_limits_key x = key_of(a), y = key_of(b);

    return memcmp(&x, &y, sizeof(x)) == 0;
}

static void knows_who_is_the_same(void)
{
    T_TRUE(same("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"));
    T_TRUE(!same("2001:db8:0:1::1", "2001:db8:0:2::1"));
    T_TRUE(same("192.0.2.7", "::ffff:192.0.2.7"));
    T_TRUE(!same("::ffff:192.0.2.7", "::ffff:192.0.2.8"));
    T_TRUE(!same("192.0.2.7", "::192.0.2.7"));
    T_TRUE(same("::1", "::2"));
    T_TRUE(!same("0.0.0.0", "::"));
}

static void leaving_forgets_the_address(void)
{
    struct rdv_limits *l;

    T_MUST_OK(rdv_limits_new(&l, 2, 1));
    for (unsigned i = 0; i < 1000; i++) { /* far more addresses than sessions, one after another */
        const struct rdv_limits_key key = { { (unsigned char)i, (unsigned char)(i >> 8) } };

        T_OK(rdv_limits_enter(l, &key));
        rdv_limits_leave(l, &key);
    }
    T_UINT(rdv_limits_count(l), 0);
    rdv_limits_free(l);
    rdv_limits_free(NULL);
}

#define MODEL_SESSIONS 50
#define MODEL_EACH 5
#define MODEL_ADDRESSES 80

static void a_hundred_thousand_random_steps_agree_with_a_simple_model(void)
{
    size_t count[MODEL_ADDRESSES] = { 0 }, all = 0;
    struct rdv_limits *l;
    uint32_t seed = 4711;
    unsigned wrong = 0;

    T_MUST_OK(rdv_limits_new(&l, MODEL_SESSIONS, MODEL_EACH));
    for (unsigned i = 0; i < 100000; i++) {
        const uint32_t a = t_random(&seed) % MODEL_ADDRESSES;
        const struct rdv_limits_key key = { { (unsigned char)a, 9 } };

        if (t_random(&seed) % 2 == 0) {
            const enum rdv_err want = all == MODEL_SESSIONS    ? RDV_ERR_FULL
                                      : count[a] == MODEL_EACH ? RDV_ERR_LIMIT
                                                               : RDV_OK;

            wrong += rdv_limits_enter(l, &key) != want;
            count[a] += want == RDV_OK;
            all += want == RDV_OK;
        } else if (count[a] > 0) {
            rdv_limits_leave(l, &key);
            count[a]--;
            all--;
        }
        wrong += rdv_limits_count(l) != all;
    }
    T_UINT(wrong, 0);
    rdv_limits_free(l);
}

static void without_memory_it_says_so(void)
{
    enum rdv_err err = RDV_OK;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err)) {
        struct rdv_limits *l;

        err = rdv_limits_new(&l, 10, 10);
        T_TRUE((err == RDV_OK) == (l != NULL));
        rdv_limits_free(l);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(an_address_has_so_many_sessions_and_no_more),
    T_CASE(all_together_have_so_many_sessions_and_no_more),
    T_CASE(a_limit_of_none_lets_nobody_in),
    T_CASE(knows_who_is_the_same),
    T_CASE(leaving_forgets_the_address),
    T_CASE(a_hundred_thousand_random_steps_agree_with_a_simple_model),
    T_CASE(without_memory_it_says_so),
    T_END,
};

T_SUITE(server_limits, tests);
