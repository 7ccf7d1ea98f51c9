/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/tls_server.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

struct t_server {
    SSL_CTX *ctx;
    SSL *ssl;
    BIO *in, *out; /* owned by ssl */
    struct t_server_options options;
    bool open;
};

static void check(bool fine)
{
    if (!fine) {
        ERR_print_errors_fp(stderr);
        abort();
    }
}

struct t_server_options t_server_usual(void)
{
    struct t_server_options o = { .identity = "root", .suites = "TLS_AES_128_CCM_SHA256" };

    for (size_t i = 0; i < RDV_KEY_BYTES; i++)
        o.psk.bytes[i] = (uint8_t)(i + 1);
    return o;
}

static unsigned on_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned psk_max)
{
    const struct t_server *s = SSL_get_app_data(ssl);

    check(psk_max >= RDV_KEY_BYTES);
    if (s->options.identity == NULL || strcmp(identity, s->options.identity) != 0)
        return 0;
    memcpy(psk, s->options.psk.bytes, RDV_KEY_BYTES);
    return RDV_KEY_BYTES;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                   const unsigned char *in, unsigned in_n, void *user)
{
    const struct t_server *s = user;
    const struct rdv_span wanted = rdv_span_of(s->options.alpn);
    struct rdv_reader rd = { { in, in_n } };
    struct rdv_span offered;

    (void)ssl;
    while (rdv_get_vec8(&rd, &offered) == RDV_OK) {
        if (rdv_span_equal(offered, wanted)) {
            *out = offered.p;
            *out_n = (unsigned char)offered.n;
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* A certificate of its own making, good for a day. */
static void certify(struct t_server *s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *name;

    check(key != NULL && certificate != NULL);
    name = X509_get_subject_name(certificate);
    check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"key1.com",
                                     -1, -1, 0) == 1 &&
          X509_set_version(certificate, 2) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
          X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL &&
          X509_gmtime_adj(X509_getm_notAfter(certificate), 86400) != NULL &&
          X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
          X509_sign(certificate, key, EVP_sha256()) > 0);
    check(SSL_CTX_use_certificate(s->ctx, certificate) == 1 &&
          SSL_CTX_use_PrivateKey(s->ctx, key) == 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void set_up(struct t_server *s)
{
    char text[64];

    check(SSL_CTX_set_min_proto_version(s->ctx, TLS1_2_VERSION) == 1);
    if (s->options.only_tls12)
        check(SSL_CTX_set_max_proto_version(s->ctx, TLS1_2_VERSION) == 1);
    if (s->options.suites != NULL)
        check(SSL_CTX_set_ciphersuites(s->ctx, s->options.suites) == 1);
    if (s->options.groups != NULL) {
        check(rdv_span_to_text(text, sizeof(text), rdv_span_of(s->options.groups)) == RDV_OK);
        check(SSL_CTX_set1_groups_list(s->ctx, text) == 1);
    }
    if (s->options.alpn != NULL)
        SSL_CTX_set_alpn_select_cb(s->ctx, on_alpn, s);
    if (s->options.identity == NULL)
        certify(s);
    else
        SSL_CTX_set_psk_server_callback(s->ctx, on_psk);
    check(SSL_CTX_set_num_tickets(s->ctx, 0) == 1);
}

struct t_server *t_server_new(const struct t_server_options *options)
{
    struct t_server *s = calloc(1, sizeof(*s));

    check(s != NULL && (s->ctx = SSL_CTX_new(TLS_server_method())) != NULL);
    s->options = *options;
    set_up(s);
    check((s->ssl = SSL_new(s->ctx)) != NULL);
    SSL_set_app_data(s->ssl, s);
    check((s->in = BIO_new(BIO_s_mem())) != NULL && (s->out = BIO_new(BIO_s_mem())) != NULL);
    SSL_set_bio(s->ssl, s->in, s->out);
    SSL_set_accept_state(s->ssl);
    return s;
}

void t_server_free(struct t_server *s)
{
    if (s == NULL)
        return;
    SSL_free(s->ssl);
    SSL_CTX_free(s->ctx);
    free(s);
}

static void take_output(struct t_server *s, struct rdv_buf *out)
{
    char *p;
    const long n = BIO_get_mem_data(s->out, &p);

    if (n > 0)
        check(rdv_put_bytes(out, (struct rdv_span){ (uint8_t *)p, (size_t)n }) == RDV_OK);
    check(BIO_reset(s->out) == 1);
}

void t_server_step(struct t_server *s, struct rdv_span in, struct rdv_buf *out)
{
    ERR_clear_error();
    if (in.n > 0)
        check(BIO_write(s->in, in.p, (int)in.n) == (int)in.n);
    if (!s->open && SSL_do_handshake(s->ssl) == 1)
        s->open = true;
    take_output(s, out);
}

bool t_server_is_open(const struct t_server *s)
{
    return s->open;
}

const char *t_server_asked(const struct t_server *s)
{
    const char *name = SSL_get_servername(s->ssl, TLSEXT_NAMETYPE_host_name);

    return name == NULL ? "" : name;
}

void t_server_write(struct t_server *s, struct rdv_span text, struct rdv_buf *out)
{
    check(SSL_write(s->ssl, text.p, (int)text.n) == (int)text.n);
    take_output(s, out);
}

void t_server_close(struct t_server *s, struct rdv_buf *out)
{
    (void)SSL_shutdown(s->ssl);
    take_output(s, out);
}

void t_server_read(struct t_server *s, struct rdv_buf *text)
{
    uint8_t chunk[16384];
    int r;

    ERR_clear_error();
    while ((r = SSL_read(s->ssl, chunk, sizeof(chunk))) > 0)
        check(rdv_put_bytes(text, (struct rdv_span){ chunk, (size_t)r }) == RDV_OK);
}

void t_server_update_keys(struct t_server *s, struct rdv_buf *out)
{
    check(SSL_key_update(s->ssl, SSL_KEY_UPDATE_REQUESTED) == 1);
    check(SSL_do_handshake(s->ssl) == 1);
    take_output(s, out);
}

void t_server_export(struct t_server *s, const char *label, uint8_t *out, size_t n)
{
    check(SSL_export_keying_material(s->ssl, out, n, label, strlen(label), NULL, 0, 0) == 1);
}
