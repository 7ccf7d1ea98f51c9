/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client's side of TLS 1.3, without blocking: either a pre-shared key, or a certificate that
 * nobody checks.
 */
#ifndef RDV_TESTS_BENCH_TLS_H
#define RDV_TESTS_BENCH_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

#define BENCH_SEN "key1.com"
#define BENCH_IDENTITY "root"
#define BENCH_PSK_HEX "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"

/* Who logs in, and where. */
struct bench_login {
    const char *sen;   /* borrowed for as long as the connection lives */
    char identity[16]; /* with NUL; unused, as the key, where the server has a certificate */
    struct rdv_key psk;
    const char *protocol; /* offered by ALPN; NULL: none. Borrowed as well */
};

/* Root of a demonstration card. */
struct bench_login bench_login_root(const char *sen);

struct bench_tls_config; /* what all connections to one server have in common */
struct bench_tls;        /* one connection */

/* Returns: RDV_ERR_TLS (a suite or group that OpenSSL does not know), RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err bench_tls_config_new(struct bench_tls_config **out, bool with_psk,
                                               const char *suite, const char *group);
void bench_tls_config_free(struct bench_tls_config *config);

/* Over a connected socket, which stays the caller's. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err bench_tls_new(struct bench_tls **out, struct bench_tls_config *config,
                                        int fd, const struct bench_login *login);
void bench_tls_free(struct bench_tls *t);

/* Goes on with the handshake; *done is false while it waits for the server.
 * Returns: RDV_ERR_TLS, logged. */
RDV_MUST_USE enum rdv_err bench_tls_handshake(struct bench_tls *t, bool *done);

/* All of it: what is asked fits the socket's buffer. Returns: RDV_ERR_TLS. */
RDV_MUST_USE enum rdv_err bench_tls_write(struct bench_tls *t, struct rdv_span bytes);

/* As much as the socket takes: *n is 0 when it takes nothing now. */
RDV_MUST_USE enum rdv_err bench_tls_write_some(struct bench_tls *t, struct rdv_span bytes,
                                               size_t *n);

/* *n is 0 when nothing has come. Returns: RDV_ERR_CLOSED (close_notify), RDV_ERR_TLS. */
RDV_MUST_USE enum rdv_err bench_tls_read(struct bench_tls *t, uint8_t *out, size_t *n, size_t size);

/* True when bytes were taken from the socket already, so that it will not tell of them again. */
bool bench_tls_has_more(const struct bench_tls *t);

#endif
