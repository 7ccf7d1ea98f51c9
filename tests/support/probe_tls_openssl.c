/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/probe_tls.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

#include "tests/support/probe.h"

#define SUITES "TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256"
#define BINDERS_BYTES (2 + 1 + 32) /* of one identity: list length, length, HMAC-SHA256 */

struct probe_tls {
    SSL_CTX *ctx;
    SSL *ssl;
    BIO *in, *out; /* the session's */
    const struct probe_login *login;
    bool hello_was_taken;
    int alert;
};

static unsigned int on_psk(SSL *ssl, const char *hint, char *identity, unsigned int identity_max,
                           unsigned char *psk, unsigned int psk_max)
{
    const struct probe_login *login = SSL_get_app_data(ssl);
    const size_t n = strlen(login->identity);

    (void)hint;
    if (n >= identity_max || psk_max < PROBE_PSK_BYTES)
        return 0;
    memcpy(identity, login->identity, n + 1);
    memcpy(psk, login->psk, PROBE_PSK_BYTES);
    return PROBE_PSK_BYTES;
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct probe_tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    if (where == SSL_CB_READ_ALERT && value >> 8 == SSL3_AL_FATAL)
        tls->alert = value & 0xff;
}

/* What is offered stands behind its length. */
static void offer(SSL *ssl, const char *protocol)
{
    uint8_t list[256];
    const size_t n = protocol == NULL ? 0 : strlen(protocol);

    if (n == 0)
        return;
    if (n >= sizeof(list))
        probe_misuse("\"%s\": too long for a protocol", protocol);
    list[0] = (uint8_t)n;
    memcpy(list + 1, protocol, n);
    if (SSL_set_alpn_protos(ssl, list, (unsigned)n + 1) != 0)
        probe_fail("OpenSSL: protocol refused");
}

struct probe_tls *probe_tls_new(const struct probe_login *login)
{
    struct probe_tls *tls = calloc(1, sizeof(*tls));

    if (tls == NULL || (tls->ctx = SSL_CTX_new(TLS_client_method())) == NULL ||
        SSL_CTX_set_min_proto_version(tls->ctx, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(tls->ctx, SUITES) != 1 || SSL_CTX_set_app_data(tls->ctx, tls) != 1)
        probe_fail("OpenSSL: no context");
    SSL_CTX_set_psk_client_callback(tls->ctx, on_psk);
    SSL_CTX_set_info_callback(tls->ctx, on_info);
    tls->login = login;
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());
    if (tls->in == NULL || tls->out == NULL || (tls->ssl = SSL_new(tls->ctx)) == NULL)
        probe_fail("OpenSSL: no session");
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    SSL_set_connect_state(tls->ssl);
    offer(tls->ssl, login->alpn);
    /* These want pointers they may write through; they do not. */
    if (SSL_set_app_data(tls->ssl, (void *)(uintptr_t)login) != 1 ||
        (login->sen != NULL &&
         SSL_set_tlsext_host_name(tls->ssl, (void *)(uintptr_t)login->sen) != 1))
        probe_fail("OpenSSL: session refused");
    return tls;
}

void probe_tls_free(struct probe_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_free(tls->ssl);
    SSL_CTX_free(tls->ctx);
    free(tls);
}

void probe_tls_feed(struct probe_tls *tls, struct rdv_span bytes)
{
    if (bytes.n > 0 && BIO_write(tls->in, bytes.p, (int)bytes.n) != (int)bytes.n)
        probe_fail("OpenSSL: no memory");
}

/* --- a ClientHello rewritten ------------------------------------------------------------------ */

static void hmac(uint8_t out[32], const uint8_t key[32], const void *data, size_t n)
{
    if (HMAC(EVP_sha256(), key, 32, data, n, out, NULL) == NULL)
        probe_fail("OpenSSL: HMAC");
}

/* HKDF-Expand-Label (RFC 8446 7.1), 32 bytes out: one block. `hash` may be empty. */
static void expand(uint8_t out[32], const uint8_t key[32], const char *label, struct rdv_span hash)
{
    struct rdv_buf info = RDV_BUF(128);

    if (rdv_put_u16(&info, 32) != RDV_OK ||
        rdv_put_u8(&info, (uint8_t)(strlen("tls13 ") + strlen(label))) != RDV_OK ||
        rdv_put_text(&info, "tls13 ") != RDV_OK || rdv_put_text(&info, label) != RDV_OK ||
        rdv_put_vec8(&info, hash) != RDV_OK || rdv_put_u8(&info, 1) != RDV_OK)
        probe_fail("no memory");
    hmac(out, key, rdv_buf_view(&info).p, rdv_buf_len(&info));
    rdv_buf_free(&info);
}

/* The binder of a message that ends in one (RFC 8446 4.2.11.2). */
static void make_binder(uint8_t out[32], const uint8_t psk[PROBE_PSK_BYTES],
                        struct rdv_span message)
{
    static const uint8_t zero[32];
    uint8_t early[32], binder[32], finished[32], hash[32];

    hmac(early, zero, psk, PROBE_PSK_BYTES);
    SHA256(NULL, 0, hash);
    expand(binder, early, "ext binder", (struct rdv_span){ hash, sizeof(hash) });
    expand(finished, binder, "finished", RDV_LIT(""));
    SHA256(message.p, message.n - BINDERS_BYTES, hash);
    hmac(out, finished, hash, sizeof(hash));
}

/* Where the one byte of psk_key_exchange_modes stands in a ClientHello message. */
static size_t find_psk_mode(struct rdv_span message)
{
    struct rdv_reader rd = { message }, extensions;
    struct rdv_span skipped;
    uint16_t type;

    if (rdv_get_bytes(&rd, &skipped, 4 + 2 + 32) != RDV_OK ||
        rdv_get_vec8(&rd, &skipped) != RDV_OK || rdv_get_vec16(&rd, &skipped) != RDV_OK ||
        rdv_get_vec8(&rd, &skipped) != RDV_OK || rdv_get_vec16(&rd, &extensions.rest) != RDV_OK)
        probe_fail("OpenSSL's ClientHello is odd");
    while (rdv_get_u16(&extensions, &type) == RDV_OK &&
           rdv_get_vec16(&extensions, &skipped) == RDV_OK) {
        if (type == 45 && skipped.n == 2)
            return (size_t)(skipped.p + 1 - message.p);
    }
    probe_fail("OpenSSL's ClientHello names no PSK modes");
}

/* psk_dhe_ke becomes psk_ke, and the binder is made right again. */
static void offer_psk_ke_only(uint8_t *record, size_t n, const struct probe_login *login)
{
    const struct rdv_span message = { record + 5, n - 5 };

    record[5 + find_psk_mode(message)] = 0;
    make_binder(record + n - 32, login->psk, message);
}

void probe_tls_take(struct probe_tls *tls, struct rdv_buf *out)
{
    const size_t n = BIO_ctrl_pending(tls->out);
    uint8_t *room;

    if (n == 0)
        return;
    if (rdv_buf_room(out, &room, n) != RDV_OK || BIO_read(tls->out, room, (int)n) != (int)n)
        probe_fail("no memory");
    if (!tls->hello_was_taken && tls->login->psk_ke_only)
        offer_psk_ke_only(room, n, tls->login);
    tls->hello_was_taken = true;
    rdv_buf_grew(out, n);
}

/* --- talking ---------------------------------------------------------------------------------- */

static enum probe_tls_event event_of(struct probe_tls *tls, int r)
{
    const int error = SSL_get_error(tls->ssl, r);

    ERR_clear_error();
    if (tls->alert != 0)
        return PROBE_TLS_ALERT;
    if (error == SSL_ERROR_WANT_READ)
        return PROBE_TLS_MORE;
    return error == SSL_ERROR_ZERO_RETURN ? PROBE_TLS_CLOSED : PROBE_TLS_BROKEN;
}

enum probe_tls_event probe_tls_connect(struct probe_tls *tls)
{
    const int r = SSL_do_handshake(tls->ssl);

    return r == 1 ? PROBE_TLS_TEXT : event_of(tls, r);
}

void probe_tls_write(struct probe_tls *tls, struct rdv_span text)
{
    SSL_set_shutdown(tls->ssl, SSL_get_shutdown(tls->ssl) & ~SSL_SENT_SHUTDOWN);
    if (SSL_write(tls->ssl, text.p, (int)text.n) != (int)text.n)
        probe_fail("OpenSSL: cannot write %zu bytes", text.n);
}

enum probe_tls_event probe_tls_read(struct probe_tls *tls, struct rdv_buf *text)
{
    uint8_t *room;
    int r;

    if (rdv_buf_room(text, &room, PROBE_RECORD_MAX) != RDV_OK)
        probe_fail("no memory");
    if ((r = SSL_read(tls->ssl, room, PROBE_RECORD_MAX)) <= 0)
        return event_of(tls, r);
    rdv_buf_grew(text, (size_t)r);
    return PROBE_TLS_TEXT;
}

void probe_tls_close(struct probe_tls *tls)
{
    (void)SSL_shutdown(tls->ssl);
}

bool probe_tls_is_open(const struct probe_tls *tls)
{
    return SSL_is_init_finished(tls->ssl) == 1;
}

int probe_tls_alert(const struct probe_tls *tls)
{
    return tls->alert;
}

const char *probe_tls_alert_name(int description)
{
    return SSL_alert_desc_string_long(description);
}
