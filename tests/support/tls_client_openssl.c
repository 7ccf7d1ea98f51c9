/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/tls_client.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

struct t_client {
    SSL_CTX *ctx;
    SSL *ssl;
    BIO *in, *out; /* owned by ssl */
    struct t_client_options options;
    int alert;
    unsigned records;
    bool open, closed;
};

static void check(bool fine)
{
    if (!fine) {
        ERR_print_errors_fp(stderr);
        abort();
    }
}

struct t_client_options t_client_published(void)
{
    struct t_client_options o = {
        .identity = "root",
        .server_name = "key1.com",
        .suites = "TLS_AES_128_CCM_SHA256",
        .groups = "P-256",
    };

    for (size_t i = 0; i < RDV_KEY_BYTES; i++)
        o.psk.bytes[i] = (uint8_t)(i + 1);
    return o;
}

static unsigned on_psk(SSL *ssl, const char *hint, char *identity, unsigned identity_max,
                       unsigned char *psk, unsigned psk_max)
{
    const struct t_client *c = SSL_get_app_data(ssl);

    (void)hint;
    check(strlen(c->options.identity) < identity_max && psk_max >= RDV_KEY_BYTES);
    memcpy(identity, c->options.identity, strlen(c->options.identity) + 1);
    memcpy(psk, c->options.psk.bytes, RDV_KEY_BYTES);
    return RDV_KEY_BYTES;
}

/* OpenSSL shows every message it takes: the inner content type tells records of data apart. */
static void on_message(int sent, int version, int type, const void *bytes, size_t n, SSL *ssl,
                       void *user)
{
    struct t_client *c = user;

    (void)version;
    (void)ssl;
    if (sent == 0 && type == SSL3_RT_ALERT && n == 2)
        c->alert = ((const uint8_t *)bytes)[1];
    if (sent == 0 && type == SSL3_RT_INNER_CONTENT_TYPE && n == 1 &&
        *(const uint8_t *)bytes == SSL3_RT_APPLICATION_DATA)
        c->records++;
}

/* OpenSSL's macros take what they only read as if they changed it. */
static void copy_text(char *out, size_t size, const char *text)
{
    check(rdv_span_to_text(out, size, rdv_span_of(text)) == RDV_OK);
}

struct t_client *t_client_new(const struct t_client_options *options)
{
    struct t_client *c = calloc(1, sizeof(*c));
    char text[64];

    check(c != NULL && (c->ctx = SSL_CTX_new(TLS_client_method())) != NULL);
    c->options = *options;
    c->alert = -1;
    check(SSL_CTX_set_min_proto_version(c->ctx, TLS1_3_VERSION) == 1);
    if (options->suites != NULL)
        check(SSL_CTX_set_ciphersuites(c->ctx, options->suites) == 1);
    if (options->groups != NULL) {
        copy_text(text, sizeof(text), options->groups);
        check(SSL_CTX_set1_groups_list(c->ctx, text) == 1);
    }
    SSL_CTX_set_psk_client_callback(c->ctx, on_psk);
    check((c->ssl = SSL_new(c->ctx)) != NULL);
    SSL_set_app_data(c->ssl, c);
    SSL_set_msg_callback(c->ssl, on_message);
    SSL_set_msg_callback_arg(c->ssl, c);
    check((c->in = BIO_new(BIO_s_mem())) != NULL && (c->out = BIO_new(BIO_s_mem())) != NULL);
    SSL_set_bio(c->ssl, c->in, c->out);
    if (options->alpn != NULL)
        check(SSL_set_alpn_protos(c->ssl, (const unsigned char *)options->alpn,
                                  (unsigned)strlen(options->alpn)) == 0);
    if (options->server_name != NULL) {
        copy_text(text, sizeof(text), options->server_name);
        check(SSL_set_tlsext_host_name(c->ssl, text) == 1);
    }
    SSL_set_connect_state(c->ssl);
    return c;
}

void t_client_free(struct t_client *c)
{
    if (c == NULL)
        return;
    SSL_free(c->ssl);
    SSL_CTX_free(c->ctx);
    free(c);
}

static void take_output(struct t_client *c, struct rdv_buf *out)
{
    char *p;
    const long n = BIO_get_mem_data(c->out, &p);

    if (n > 0)
        check(rdv_put_bytes(out, (struct rdv_span){ (uint8_t *)p, (size_t)n }) == RDV_OK);
    check(BIO_reset(c->out) == 1);
}

void t_client_step(struct t_client *c, struct rdv_span in, struct rdv_buf *out)
{
    ERR_clear_error();
    if (in.n > 0)
        check(BIO_write(c->in, in.p, (int)in.n) == (int)in.n);
    if (!c->open && SSL_do_handshake(c->ssl) == 1)
        c->open = true;
    take_output(c, out);
}

bool t_client_is_open(const struct t_client *c)
{
    return c->open;
}

int t_client_alert(const struct t_client *c)
{
    return c->alert;
}

bool t_client_is_closed(const struct t_client *c)
{
    return c->closed;
}

unsigned t_client_records(const struct t_client *c)
{
    return c->records;
}

const char *t_client_protocol(const struct t_client *c)
{
    static char text[64];
    const unsigned char *name;
    unsigned n;

    SSL_get0_alpn_selected(c->ssl, &name, &n);
    check(rdv_span_to_text(text, sizeof(text), (struct rdv_span){ name, n }) == RDV_OK);
    return text;
}

const char *t_client_suite(const struct t_client *c)
{
    return SSL_get_cipher_name(c->ssl);
}

void t_client_export(const struct t_client *c, uint8_t *out, size_t n, const char *label)
{
    check(SSL_export_keying_material(c->ssl, out, n, label, strlen(label), NULL, 0, 0) == 1);
}

void t_client_write(struct t_client *c, struct rdv_span text, struct rdv_buf *out)
{
    check(SSL_write(c->ssl, text.p, (int)text.n) == (int)text.n);
    take_output(c, out);
}

void t_client_close(struct t_client *c, struct rdv_buf *out)
{
    (void)SSL_shutdown(c->ssl);
    take_output(c, out);
}

void t_client_read(struct t_client *c, struct rdv_buf *text)
{
    uint8_t chunk[RDV_KEY_BYTES * 512];
    int r;

    ERR_clear_error();
    while ((r = SSL_read(c->ssl, chunk, sizeof(chunk))) > 0)
        check(rdv_put_bytes(text, (struct rdv_span){ chunk, (size_t)r }) == RDV_OK);
    c->closed |= SSL_get_error(c->ssl, r) == SSL_ERROR_ZERO_RETURN;
}
