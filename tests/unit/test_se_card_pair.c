/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/pair.h"

#include <pthread.h>
#include <stdatomic.h>

#include "tests/support/test.h"

static pthread_barrier_t both_here;

static void meet(void *user, unsigned who)
{
    unsigned *met = user;

    (void)pthread_barrier_wait(&both_here); /* one alone would wait for ever */
    met[who]++;
}

static void two_are_at_work_at_once(void)
{
    unsigned met[SE_PAIR_BOTH] = { 0, 0 };
    struct se_pair *pair;

    T_MUST(pthread_barrier_init(&both_here, NULL, 2) == 0);
    T_MUST_OK(se_pair_new(&pair));
    for (unsigned i = 0; i < 100; i++)
        se_pair_do(pair, meet, met);
    se_pair_free(pair);
    T_UINT(met[SE_PAIR_FIRST], 100);
    T_UINT(met[SE_PAIR_SECOND], 100);
    (void)pthread_barrier_destroy(&both_here);
}

#define PIECES 8

struct pieces {
    atomic_uint next;
    unsigned done[PIECES]; /* each by whoever has taken it */
};

static void take_pieces(void *user, unsigned who)
{
    struct pieces *p = user;
    unsigned mine;

    (void)who;
    while ((mine = atomic_fetch_add(&p->next, 1)) < PIECES)
        p->done[mine]++;
}

static void all_is_done_once_when_it_returns(void)
{
    struct se_pair *pair;

    T_MUST_OK(se_pair_new(&pair));
    for (unsigned i = 0; i < 2000; i++) {
        struct pieces p = { .next = 0 };
        bool once = true;

        se_pair_do(pair, take_pieces, &p);
        for (unsigned j = 0; j < PIECES; j++)
            once = once && p.done[j] == 1;
        T_TRUE(once);
    }
    se_pair_free(pair);
}

static void without_a_pair_one_does_all(void)
{
    struct pieces p = { .next = 0 };

    se_pair_do(NULL, take_pieces, &p);
    for (unsigned j = 0; j < PIECES; j++)
        T_UINT(p.done[j], 1);
}

static void one_that_has_never_worked_ends(void)
{
    struct se_pair *pair;

    T_MUST_OK(se_pair_new(&pair));
    se_pair_free(pair);
    se_pair_free(NULL);
}

static CU_TestInfo tests[] = {
    T_CASE(two_are_at_work_at_once),
    T_CASE(all_is_done_once_when_it_returns),
    T_CASE(without_a_pair_one_does_all),
    T_CASE(one_that_has_never_worked_ends),
    T_END,
};

T_SUITE(se_card_pair, tests);
