/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TLS side of the probe: OpenSSL on memory buffers, bytes in and bytes out. */
#ifndef RDV_TESTS_SUPPORT_PROBE_TLS_H
#define RDV_TESTS_SUPPORT_PROBE_TLS_H

#include "base/bytes.h"

#define PROBE_PSK_BYTES 32
#define PROBE_RECORD_MAX 16384 /* bytes of text in one record */

struct probe_login {
    const char *sen; /* TLS server name; NULL for none */
    const char *identity;
    const char *alpn; /* the one protocol offered; NULL for none */
    uint8_t psk[PROBE_PSK_BYTES];
    bool psk_ke_only; /* offer PSK without Diffie-Hellman, and nothing else */
};

enum probe_tls_event {
    PROBE_TLS_MORE,   /* nothing until more comes in */
    PROBE_TLS_TEXT,   /* the text of one record */
    PROBE_TLS_ALERT,  /* a fatal one: probe_tls_alert */
    PROBE_TLS_CLOSED, /* close_notify */
    PROBE_TLS_BROKEN, /* what came in is not TLS, or not for us */
    PROBE_TLS_ENDED,  /* the connection, not TLS (probe_conn_next only) */
};

struct probe_tls;

struct probe_tls *probe_tls_new(const struct probe_login *login);
void probe_tls_free(struct probe_tls *tls);

/* What came from the server. */
void probe_tls_feed(struct probe_tls *tls, struct rdv_span bytes);
/* Appends what is to be sent. */
void probe_tls_take(struct probe_tls *tls, struct rdv_buf *out);

/* Moves the handshake on: MORE, TEXT (it is done), or why it cannot be. */
enum probe_tls_event probe_tls_connect(struct probe_tls *tls);
/* One record. */
void probe_tls_write(struct probe_tls *tls, struct rdv_span text);
enum probe_tls_event probe_tls_read(struct probe_tls *tls, struct rdv_buf *text);
/* close_notify; probe_tls_write still works after it, as it should not. */
void probe_tls_close(struct probe_tls *tls);

bool probe_tls_is_open(const struct probe_tls *tls);
/* Description of the last fatal alert that came in. */
int probe_tls_alert(const struct probe_tls *tls);
const char *probe_tls_alert_name(int description);

#endif
