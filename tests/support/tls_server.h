/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An independent TLS server (OpenSSL) on memory, to talk to librdv's endpoint without sockets; it
 * can be many things that a card is not.
 */
#ifndef RDV_TESTS_SUPPORT_TLS_SERVER_H
#define RDV_TESTS_SUPPORT_TLS_SERVER_H

#include "base/bytes.h"
#include "base/secret.h"

struct t_server;

struct t_server_options {
    const char *identity; /* the one it knows; NULL: it has a certificate and no keys */
    struct rdv_key psk;
    const char *suites; /* NULL: what OpenSSL takes unasked, which is not CCM */
    const char *groups; /* NULL: the same */
    const char *alpn;   /* the one it speaks; NULL: it does not know the extension */
    bool only_tls12;
};

/* Identity "root", key 0102..1F20, TLS_AES_128_CCM_SHA256. */
struct t_server_options t_server_usual(void);

struct t_server *t_server_new(const struct t_server_options *options);
void t_server_free(struct t_server *s);

/* Takes bytes from the client, goes on with the handshake, appends what is to be sent to `out`. */
void t_server_step(struct t_server *s, struct rdv_span in, struct rdv_buf *out);
bool t_server_is_open(const struct t_server *s);
/* The server name the client asked for, or "". */
const char *t_server_asked(const struct t_server *s);

/* One record of text, or the end. */
void t_server_write(struct t_server *s, struct rdv_span text, struct rdv_buf *out);
void t_server_close(struct t_server *s, struct rdv_buf *out);
/* Appends everything decrypted so far. */
void t_server_read(struct t_server *s, struct rdv_buf *text);
/* Asks the client for new keys (RFC 8446 section 4.6.3). */
void t_server_update_keys(struct t_server *s, struct rdv_buf *out);
void t_server_export(struct t_server *s, const char *label, uint8_t *out, size_t n);

#endif
