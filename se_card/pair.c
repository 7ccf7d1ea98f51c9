/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/pair.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/invariant.h"

#define STACK_BYTES (512 * 1024)

struct se_pair {
    pthread_t thread;
    pthread_mutex_t mutex; /* for all below */
    pthread_cond_t changed;
    enum { IDLE, ASKED, TAKEN, ENDING } state;
    void (*work)(void *user, unsigned who);
    void *user;
};

static void *second(void *arg)
{
    struct se_pair *pair = arg;

    (void)pthread_mutex_lock(&pair->mutex);
    while (pair->state != ENDING) {
        if (pair->state != ASKED) {
            (void)pthread_cond_wait(&pair->changed, &pair->mutex);
            continue;
        }
        pair->state = TAKEN;
        (void)pthread_mutex_unlock(&pair->mutex);
        pair->work(pair->user, SE_PAIR_SECOND);
        (void)pthread_mutex_lock(&pair->mutex);
        pair->state = IDLE;
        (void)pthread_cond_signal(&pair->changed);
    }
    (void)pthread_mutex_unlock(&pair->mutex);
    return NULL;
}

/* All memory may be locked: the stack is not greater than it need be. Signals are for the thread
 * that runs the loop. */
static int start(struct se_pair *pair)
{
    sigset_t all, before;
    pthread_attr_t attr;
    int r;

    RDV_INVARIANT(pthread_attr_init(&attr) == 0 &&
                  pthread_attr_setstacksize(&attr, STACK_BYTES) == 0);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&pair->thread, &attr, second, pair);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attr);
    return r;
}

enum rdv_err se_pair_new(struct se_pair **out)
{
    struct se_pair *pair;

    *out = NULL;
    if ((pair = calloc(1, sizeof(*pair))) == NULL)
        return RDV_ERR_NOMEM;
    RDV_INVARIANT(pthread_mutex_init(&pair->mutex, NULL) == 0 &&
                  pthread_cond_init(&pair->changed, NULL) == 0);
    if (start(pair) != 0) {
        free(pair);
        return RDV_ERR_NOMEM;
    }
    *out = pair;
    return RDV_OK;
}

void se_pair_free(struct se_pair *pair)
{
    if (pair == NULL)
        return;
    (void)pthread_mutex_lock(&pair->mutex);
    pair->state = ENDING;
    (void)pthread_cond_signal(&pair->changed);
    (void)pthread_mutex_unlock(&pair->mutex);
    (void)pthread_join(pair->thread, NULL);
    (void)pthread_cond_destroy(&pair->changed);
    (void)pthread_mutex_destroy(&pair->mutex);
    free(pair);
}

void se_pair_do(struct se_pair *pair, void (*work)(void *user, unsigned who), void *user)
{
    if (pair == NULL) {
        work(user, SE_PAIR_FIRST);
        return;
    }
    (void)pthread_mutex_lock(&pair->mutex);
    pair->work = work;
    pair->user = user;
    pair->state = ASKED;
    (void)pthread_cond_signal(&pair->changed);
    (void)pthread_mutex_unlock(&pair->mutex);
    work(user, SE_PAIR_FIRST);
    (void)pthread_mutex_lock(&pair->mutex);
    if (pair->state == ASKED) /* it is not awake yet */
        pair->state = IDLE;
    while (pair->state == TAKEN)
        (void)pthread_cond_wait(&pair->changed, &pair->mutex);
    (void)pthread_mutex_unlock(&pair->mutex);
}
