/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/tls.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/log.h"

struct bench_tls_config {
    SSL_CTX *ctx;
    SSL_SESSION *psk; /* the form in which OpenSSL takes a key from outside; NULL: certificates */
};

struct bench_tls {
    SSL *ssl;
    struct bench_login login;
};

struct bench_login bench_login_root(const char *sen)
{
    struct bench_login root = { .sen = sen, .identity = BENCH_IDENTITY };

    for (size_t i = 0; i < RDV_KEY_BYTES; i++) /* BENCH_PSK_HEX */
        root.psk.bytes[i] = (uint8_t)(i + 1);
    return root;
}

static enum rdv_err failed(const char *what)
{
    const unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

    log_error("%s: %s", what, reason == NULL ? "connection lost" : reason);
    ERR_clear_error();
    return RDV_ERR_TLS;
}

/* --- configuration ---------------------------------------------------------------------------- */

static int offer_psk(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *idlen,
                     SSL_SESSION **session)
{
    const struct bench_tls_config *config = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    const struct bench_login *login = SSL_get_app_data(ssl);

    (void)md;
    *session = SSL_SESSION_dup(config->psk); /* OpenSSL keeps it and changes it */
    *id = (const unsigned char *)login->identity;
    *idlen = strlen(login->identity);
    return *session != NULL &&
           SSL_SESSION_set1_master_key(*session, login->psk.bytes, RDV_KEY_BYTES) == 1;
}

/* What all keys have in common: they are bound to the hash of the suite. */
static enum rdv_err make_psk(struct bench_tls_config *config)
{
    const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(SSL_CTX_get_ciphers(config->ctx), 0);

    if (cipher == NULL || (config->psk = SSL_SESSION_new()) == NULL ||
        SSL_SESSION_set_cipher(config->psk, cipher) != 1 ||
        SSL_SESSION_set_protocol_version(config->psk, TLS1_3_VERSION) != 1)
        return failed("PSK");
    SSL_CTX_set_psk_use_session_callback(config->ctx, offer_psk);
    return RDV_OK;
}

enum rdv_err bench_tls_config_new(struct bench_tls_config **out, bool with_psk, const char *suite,
                                  const char *group)
{
    struct bench_tls_config *config = OPENSSL_zalloc(sizeof(*config));
    char groups[64]; /* OpenSSL's macro takes what it only reads as if it changed it */
    enum rdv_err err = RDV_ERR_NOMEM;

    *out = NULL;
    if (rdv_span_to_text(groups, sizeof(groups), rdv_span_of(group)) != RDV_OK) {
        err = failed("--group");
        goto out;
    }
    if (config == NULL || (config->ctx = SSL_CTX_new(TLS_client_method())) == NULL)
        goto out;
    SSL_CTX_set_app_data(config->ctx, config);
    SSL_CTX_set_verify(config->ctx, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_session_cache_mode(config->ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(config->ctx, 1);
    (void)SSL_CTX_set_mode(config->ctx,
                           SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                   SSL_MODE_ENABLE_PARTIAL_WRITE); /* for 10,000 that sit idle */
    if (SSL_CTX_set_min_proto_version(config->ctx, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(config->ctx, suite) != 1 ||
        SSL_CTX_set1_groups_list(config->ctx, groups) != 1) {
        err = failed("--suite, --group");
        goto out;
    }
    if (with_psk && (err = make_psk(config)) != RDV_OK)
        goto out;
    *out = config;
    config = NULL;
    err = RDV_OK;
out:
    bench_tls_config_free(config);
    return err;
}

void bench_tls_config_free(struct bench_tls_config *config)
{
    if (config == NULL)
        return;
    SSL_SESSION_free(config->psk);
    SSL_CTX_free(config->ctx);
    OPENSSL_free(config);
}

/* --- a connection ----------------------------------------------------------------------------- */

enum rdv_err bench_tls_new(struct bench_tls **out, struct bench_tls_config *config, int fd,
                           const struct bench_login *login)
{
    struct bench_tls *t = OPENSSL_zalloc(sizeof(*t));
    char sen[256]; /* OpenSSL's macro takes what it only reads as if it changed it */

    *out = NULL;
    (void)snprintf(sen, sizeof(sen), "%s", login->sen);
    if (t == NULL || (t->ssl = SSL_new(config->ctx)) == NULL || SSL_set_fd(t->ssl, fd) != 1 ||
        SSL_set_tlsext_host_name(t->ssl, sen) != 1) {
        bench_tls_free(t);
        return RDV_ERR_NOMEM;
    }
    if (login->protocol != NULL) {
        const size_t n = strlen(login->protocol);
        unsigned char list[32];

        list[0] = (unsigned char)n;
        memcpy(list + 1, login->protocol, n);
        if (SSL_set_alpn_protos(t->ssl, list, (unsigned)n + 1) != 0) {
            bench_tls_free(t);
            return RDV_ERR_NOMEM;
        }
    }
    t->login = *login;
    SSL_set_app_data(t->ssl, &t->login);
    SSL_set_connect_state(t->ssl);
    *out = t;
    return RDV_OK;
}

void bench_tls_free(struct bench_tls *t)
{
    if (t == NULL)
        return;
    SSL_free(t->ssl);
    OPENSSL_free(t);
}

enum rdv_err bench_tls_handshake(struct bench_tls *t, bool *done)
{
    const int r = SSL_do_handshake(t->ssl);

    *done = r == 1;
    if (r == 1 || SSL_get_error(t->ssl, r) == SSL_ERROR_WANT_READ)
        return RDV_OK;
    return failed("handshake");
}

enum rdv_err bench_tls_write(struct bench_tls *t, struct rdv_span bytes)
{
    size_t n;

    return SSL_write_ex(t->ssl, bytes.p, bytes.n, &n) == 1 ? RDV_OK : failed("write");
}

enum rdv_err bench_tls_write_some(struct bench_tls *t, struct rdv_span bytes, size_t *n)
{
    if (SSL_write_ex(t->ssl, bytes.p, bytes.n, n) == 1)
        return RDV_OK;
    *n = 0;
    return SSL_get_error(t->ssl, 0) == SSL_ERROR_WANT_WRITE ? RDV_OK : failed("write");
}

enum rdv_err bench_tls_read(struct bench_tls *t, uint8_t *out, size_t *n, size_t size)
{
    int why;

    if (SSL_read_ex(t->ssl, out, size, n) == 1)
        return RDV_OK;
    *n = 0;
    why = SSL_get_error(t->ssl, 0);
    if (why == SSL_ERROR_WANT_READ)
        return RDV_OK;
    return why == SSL_ERROR_ZERO_RETURN ? RDV_ERR_CLOSED : failed("read");
}

bool bench_tls_has_more(const struct bench_tls *t)
{
    return SSL_has_pending(t->ssl) == 1;
}
