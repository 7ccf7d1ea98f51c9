/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One worker: a loop, the elements that live in it, and the connections of their clients. In each
 * turn of the loop it takes what has arrived on all connections, runs it in one transaction per
 * element, and only then answers.
 */
#ifndef RDV_SE_CARD_WORKER_H
#define RDV_SE_CARD_WORKER_H

#include <stdatomic.h>

#include "base/err.h"
#include "se_card/element.h"

struct se_worker;

/* What all workers of a process look at. */
struct se_workers {
    struct se_element **elements;
    struct se_worker **worker_of; /* parallel to elements */
    size_t n_elements;
    size_t max_sessions;
    unsigned busy_poll_us; /* 0: never */
    atomic_size_t n_sessions;
};

RDV_MUST_USE enum rdv_err se_worker_new(struct se_worker **out, struct se_workers *all);
void se_worker_free(struct se_worker *w);

/* Takes over a connection of the front; only from the worker's own thread. */
void se_worker_adopt(struct se_worker *w, int fd);

/* Makes the worker listen too, and end its loop on SIGTERM and SIGINT. front_uid as in service.h.
 * Returns: RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err se_worker_listen(struct se_worker *w, int fd, long front_uid);

/* Runs the loop in a thread of its own. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_worker_start(struct se_worker *w);

/* Runs the loop here until it is stopped. */
void se_worker_run(struct se_worker *w);

/* Ends the loop, from any thread; waits for the thread if there is one. */
void se_worker_stop(struct se_worker *w);

#endif
