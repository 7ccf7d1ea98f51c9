/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An independent TLS 1.3 client (OpenSSL) on memory, to talk to the card's endpoint without
 * sockets.
 */
#ifndef RDV_TESTS_SUPPORT_TLS_CLIENT_H
#define RDV_TESTS_SUPPORT_TLS_CLIENT_H

#include "base/bytes.h"
#include "base/secret.h"

struct t_client;

struct t_client_options {
    const char *identity;
    struct rdv_key psk;
    const char *server_name; /* NULL: none is sent */
    const char *suites;      /* NULL: what OpenSSL offers unasked */
    const char *groups;      /* NULL: the same */
    const char *alpn;        /* names, each behind a byte of its length; NULL: none is offered */
};

/* 0102..1F20, identity "root", SNI key1.com, the suite and group of the published client. */
struct t_client_options t_client_published(void);

struct t_client *t_client_new(const struct t_client_options *options);
void t_client_free(struct t_client *c);

/* Takes bytes from the server, goes on with the handshake, appends what is to be sent to `out`. */
void t_client_step(struct t_client *c, struct rdv_span in, struct rdv_buf *out);

bool t_client_is_open(const struct t_client *c);
/* The alert that ended it (RFC 8446 section 6), or -1. */
int t_client_alert(const struct t_client *c);
/* True once close_notify has come. */
bool t_client_is_closed(const struct t_client *c);
/* Number of application data records received, to see that each answer is one. */
unsigned t_client_records(const struct t_client *c);
const char *t_client_suite(const struct t_client *c);
/* What was agreed on (ALPN); "" when nothing was. Valid until the next call. */
const char *t_client_protocol(const struct t_client *c);

/* Its side of the exporter of RFC 8446 section 7.5, without a context. */
void t_client_export(const struct t_client *c, uint8_t *out, size_t n, const char *label);

/* Encrypts one record of text into `out`. */
void t_client_write(struct t_client *c, struct rdv_span text, struct rdv_buf *out);
void t_client_close(struct t_client *c, struct rdv_buf *out);
/* Moves everything decrypted so far into `text`. */
void t_client_read(struct t_client *c, struct rdv_buf *text);

#endif
