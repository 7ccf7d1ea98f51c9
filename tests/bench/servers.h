/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The servers that are compared, each started fresh in a directory of its own below the job's. */
#ifndef RDV_TESTS_BENCH_SERVERS_H
#define RDV_TESTS_BENCH_SERVERS_H

#include "base/bytes.h"
#include "base/err.h"
#include "tests/bench/bench.h"
#include "tests/bench/process.h"
#include "tests/bench/tls.h"

#define BENCH_PROCESSES 3
#define BENCH_BANNER "RDV keystore " RDV_VERSION /* what ours says of itself */

/* A zeroed struct is a server that does not run. */
struct bench_server {
    const char *name;
    struct bench_process processes[BENCH_PROCESSES];
    size_t n;
    unsigned short port;
    struct bench_tls_config *tls;
    long cpu;    /* that it stays on; -1: as it comes */
    bool sleepy; /* ours: does no busy polling */
    char dir[256];
};

/* All: on failure nothing is left running. The server must be stopped. */

/* Ours: processes[0] is the card (one element, BENCH_SEN, demonstration keys), processes[1] the
 * front. `most` sessions may be open at once. */
RDV_MUST_USE enum rdv_err bench_rdv_start(struct bench_server *srv, const struct bench_job *job,
                                          size_t most);

/* The same with these elements, all of them in one thread of the card. */
RDV_MUST_USE enum rdv_err bench_rdv_start_with(struct bench_server *srv,
                                               const struct bench_job *job, size_t most,
                                               const char *const *sens, size_t n_sens);

/* The same as bench_rdv_start with a card that signs nothing and has no log
 * (tests/support/no_log.c): the mailbox alone. */
RDV_MUST_USE enum rdv_err bench_unsigned_start(struct bench_server *srv,
                                               const struct bench_job *job, size_t most);

/* The least that can be asked of ours: who it is. A bench_ask (load.h). */
RDV_MUST_USE enum rdv_err bench_ask_banner(struct rdv_buf *ask, struct rdv_buf *want, void *user,
                                           size_t session, unsigned long nth);

/* `openssl s_server` that answers each line with the line reversed. */
RDV_MUST_USE enum rdv_err bench_s_server_start(struct bench_server *srv,
                                               const struct bench_job *job);

/* `openssl s_server -WWW` with a file of n bytes, BENCH_FILE, to fetch. */
#define BENCH_FILE "content"
RDV_MUST_USE enum rdv_err bench_www_start(struct bench_server *srv, const struct bench_job *job,
                                          size_t n);

/* redis-server with a log that is on disk before it answers. */
RDV_MUST_USE enum rdv_err bench_redis_start(struct bench_server *srv, const struct bench_job *job);

/* mosquitto, which keeps nothing on disk, with one listener: TLS and the key of root. */
RDV_MUST_USE enum rdv_err bench_broker_start(struct bench_server *srv, const struct bench_job *job,
                                             const char *name);

/* Adds the bridge to ours, from its card to a broker, and waits until it is with both. */
RDV_MUST_USE enum rdv_err bench_bridge_start(struct bench_server *srv,
                                             const struct bench_server *broker);

/* Returns: RDV_ERR_IO when one did not end in good order. */
RDV_MUST_USE enum rdv_err bench_server_stop(struct bench_server *srv);

double bench_server_cpu_s(const struct bench_server *srv);

#endif
