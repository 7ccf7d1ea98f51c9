/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One session that has many questions under way: it writes as fast as the server takes them and
 * reads what comes, in one thread. For what load.h's questions, one at a time and small, do not
 * show.
 */
#ifndef RDV_TESTS_BENCH_TALK_H
#define RDV_TESTS_BENCH_TALK_H

#include "base/bytes.h"
#include "base/err.h"
#include "tests/bench/servers.h"

struct bench_talk;

/* Appends the next question. */
typedef enum rdv_err (*bench_say)(void *user, struct rdv_buf *out);

/* Takes one whole answer from the front of `in` and checks it. *whole is false when it has not all
 * come yet; nothing is consumed then. Returns: RDV_ERR_FORMAT when it is wrong. */
typedef enum rdv_err (*bench_hear)(void *user, struct rdv_buf *in, bool *whole);

/* Connects and shakes hands. `protocol` is offered by ALPN unless it is NULL. Returns: RDV_ERR_IO,
 * RDV_ERR_TLS, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err bench_talk_new(struct bench_talk **out, const struct bench_server *srv,
                                         const char *protocol);
void bench_talk_free(struct bench_talk *t);

/* Asks for `seconds`, with `depth` questions under way, and awaits the last answers.
 * Out: *answers, how many came; *took, seconds. Returns: RDV_ERR_IO, _TLS, _CLOSED, _TIMEOUT,
 * RDV_ERR_FORMAT, RDV_ERR_STATE (interrupted). */
RDV_MUST_USE enum rdv_err bench_talk_run(struct bench_talk *t, bench_say say, bench_hear hear,
                                         void *user, size_t depth, double seconds,
                                         unsigned long *answers, double *took);

/* Asks once, and reads until the server closes. Out: *n, bytes that came. Returns as above. */
RDV_MUST_USE enum rdv_err bench_talk_fetch(struct bench_talk *t, struct rdv_span question,
                                           size_t *n);

/* In a session of its own: says a line of words, and awaits its OK. Returns as above. */
RDV_MUST_USE enum rdv_err bench_talk_order(const struct bench_server *srv, const char *line);

/* For whoever runs several beside each other: what is to be said goes into bench_talk_out,
 * bench_talk_move writes what the socket takes and appends all that has come to bench_talk_in. The
 * socket does not block, and is for epoll only. Returns: RDV_ERR_TLS, _CLOSED, _LIMIT, _NOMEM. */
int bench_talk_fd(const struct bench_talk *t);
struct rdv_buf *bench_talk_out(struct bench_talk *t);
struct rdv_buf *bench_talk_in(struct bench_talk *t);
RDV_MUST_USE enum rdv_err bench_talk_move(struct bench_talk *t);

#endif
