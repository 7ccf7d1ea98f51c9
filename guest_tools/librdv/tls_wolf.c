/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/tls.h"

#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

#include "base/why.h"
#include "schema/wire/tls_record.h"

/* By the names of RFC 8446 and of wolfSSL. */
static const struct suite {
    const char *name, *in_wolfssl;
} suites[] = {
    { "TLS_AES_128_CCM_SHA256", "TLS13-AES128-CCM-SHA256" },
    { "TLS_AES_128_GCM_SHA256", "TLS13-AES128-GCM-SHA256" },
    { "TLS_CHACHA20_POLY1305_SHA256", "TLS13-CHACHA20-POLY1305-SHA256" },
};
#define INPUT_MAX ((size_t)4 * RDV_TLS_RECORD_MAX)
#define OUTPUT_MAX ((size_t)4 * 1024 * 1024)

struct guest_tls {
    WOLFSSL_CTX *ctx;
    WOLFSSL *ssl;
    enum guest_tls_state state;
    struct rdv_buf input; /* what wolfSSL has not taken yet */
    struct rdv_buf output;
    char identity[65];
    struct rdv_key key; /* until the handshake is done */
    const struct suite *suite;
    bool wants_alpn, close_sent;
    bool speaks_tls; /* as far as the first bytes tell */
    enum rdv_err cannot_send;
    uint8_t exported[GUEST_TLS_EXPORT_BYTES];
};

/* wolfSSL's first initialization is not safe against itself in two threads, and a library has no
 * main() to call it from. */
__attribute__((constructor)) static void initialize(void)
{
    (void)wolfSSL_Init();
}

/* --- wolfSSL's callbacks ---------------------------------------------------------------------- */

static int on_receive(WOLFSSL *ssl, char *out, int size, void *user)
{
    struct guest_tls *tls = user;
    const struct rdv_span in = rdv_buf_view(&tls->input);
    const size_t n = in.n < (size_t)size ? in.n : (size_t)size;

    (void)ssl;
    if (n == 0)
        return WOLFSSL_CBIO_ERR_WANT_READ;
    memcpy(out, in.p, n);
    rdv_buf_consume(&tls->input, n);
    return (int)n;
}

static int on_send(WOLFSSL *ssl, char *data, int size, void *user)
{
    struct guest_tls *tls = user;

    (void)ssl;
    tls->cannot_send =
            rdv_put_bytes(&tls->output, (struct rdv_span){ (uint8_t *)data, (size_t)size });
    return tls->cannot_send == RDV_OK ? size : WOLFSSL_CBIO_ERR_GENERAL;
}

static unsigned int on_psk(WOLFSSL *ssl, const char *hint, char *identity,
                           unsigned int identity_max, unsigned char *key, unsigned int key_max,
                           const char **suite)
{
    const struct guest_tls *tls = wolfSSL_GetIOReadCtx(ssl);
    const size_t n = strlen(tls->identity) + 1;

    (void)hint;
    if (n > identity_max || key_max < RDV_KEY_BYTES)
        return 0;
    memcpy(identity, tls->identity, n);
    memcpy(key, tls->key.bytes, RDV_KEY_BYTES);
    *suite = tls->suite->in_wolfssl;
    return RDV_KEY_BYTES;
}

/* --- what a server may say -------------------------------------------------------------------- */

static enum rdv_err alert_means(int alert, struct rdv_why *why)
{
    switch (alert) {
    case RDV_ALERT_UNRECOGNIZED_NAME:
        return rdv_why_say(why, RDV_ERR_ABSENT, "the server has no secure element of this name");
    case RDV_ALERT_DECRYPT_ERROR:
    case RDV_ALERT_UNKNOWN_PSK_IDENTITY:
        return rdv_why_say(why, RDV_ERR_AUTH, "the server refuses the identity or its key");
    case RDV_ALERT_INTERNAL_ERROR:
        return rdv_why_say(why, RDV_ERR_BUSY, "the server cannot serve now (internal_error)");
    case RDV_ALERT_NO_APPLICATION_PROTOCOL:
        return rdv_why_say(why, RDV_ERR_VERSION, "the server does not speak this protocol");
    default:
        return rdv_why_say(why, RDV_ERR_TLS, "the server ended the session with alert %d", alert);
    }
}

/* The server's alert says more than wolfSSL does of what followed from it. */
static enum rdv_err failed(struct guest_tls *tls, int r, struct rdv_why *why)
{
    const int error = wolfSSL_get_error(tls->ssl, r);
    WOLFSSL_ALERT_HISTORY history = { { -1, 0 }, { -1, 0 } };

    tls->state = GUEST_TLS_FAILED;
    if (error == MEMORY_E || tls->cannot_send != RDV_OK)
        return error == MEMORY_E ? RDV_ERR_NOMEM : tls->cannot_send;
    if (error == FATAL_ERROR && wolfSSL_get_alert_history(tls->ssl, &history) == WOLFSSL_SUCCESS &&
        history.last_rx.code >= 0)
        return alert_means(history.last_rx.code, why);
    return rdv_why_say(why, RDV_ERR_TLS, "%s",
                       wolfSSL_ERR_reason_error_string((unsigned long)error));
}

/* wolfSSL can export only while it holds all secrets of the handshake, the pre-shared key too. */
static enum rdv_err keep_export(struct guest_tls *tls)
{
    static const char label[] = "rdv acp";
    const int r = wolfSSL_export_keying_material(tls->ssl, tls->exported, sizeof(tls->exported),
                                                 label, sizeof(label) - 1, NULL, 0, 0);

    wolfSSL_FreeArrays(tls->ssl);
    return r == WOLFSSL_SUCCESS ? RDV_OK : RDV_ERR_TLS;
}

/* The server has proved that it knows the key; it must also speak the protocol, if one was asked
 * for. */
static enum rdv_err check_open(struct guest_tls *tls, struct rdv_why *why)
{
    char *protocol = NULL;
    unsigned short n = 0;

    if (tls->wants_alpn && wolfSSL_ALPN_GetProtocol(tls->ssl, &protocol, &n) != WOLFSSL_SUCCESS)
        return rdv_why_say(why, RDV_ERR_VERSION, "the server does not speak this protocol");
    return keep_export(tls);
}

static enum rdv_err shake_hands(struct guest_tls *tls, struct rdv_why *why)
{
    enum rdv_err err;
    int r;

    if ((r = wolfSSL_connect(tls->ssl)) != WOLFSSL_SUCCESS)
        return wolfSSL_get_error(tls->ssl, r) == WOLFSSL_ERROR_WANT_READ ? RDV_OK
                                                                         : failed(tls, r, why);
    rdv_key_wipe(&tls->key);
    tls->state = GUEST_TLS_OPEN;
    if ((err = check_open(tls, why)) != RDV_OK)
        tls->state = GUEST_TLS_FAILED;
    return err;
}

/* --- life ------------------------------------------------------------------------------------- */

static enum rdv_err set_up_library(struct guest_tls *tls)
{
    int groups[] = { WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_X25519 };

    if ((tls->ctx = wolfSSL_CTX_new(wolfTLSv1_3_client_method())) == NULL)
        return RDV_ERR_NOMEM;
    if (wolfSSL_CTX_set_cipher_list(tls->ctx, tls->suite->in_wolfssl) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_groups(tls->ctx, groups, 2) != WOLFSSL_SUCCESS)
        return RDV_ERR_TLS;
    /* No authority is known, so no certificate is good: a server uses the key, or fails. */
    wolfSSL_CTX_set_verify(tls->ctx, WOLFSSL_VERIFY_PEER, NULL);
    wolfSSL_CTX_set_psk_client_tls13_callback(tls->ctx, on_psk);
    wolfSSL_CTX_SetIORecv(tls->ctx, on_receive);
    wolfSSL_CTX_SetIOSend(tls->ctx, on_send);
    return RDV_OK;
}

static enum rdv_err set_up_session(struct guest_tls *tls, const struct guest_tls_options *o)
{
    char alpn[32];

    if ((tls->ssl = wolfSSL_new(tls->ctx)) == NULL)
        return RDV_ERR_NOMEM;
    wolfSSL_SetIOReadCtx(tls->ssl, tls);
    wolfSSL_SetIOWriteCtx(tls->ssl, tls);
    wolfSSL_KeepArrays(tls->ssl); /* for keep_export, which lets go of them */
    if (wolfSSL_UseSNI(tls->ssl, WOLFSSL_SNI_HOST_NAME, o->sen, (unsigned short)strlen(o->sen)) !=
                WOLFSSL_SUCCESS ||
        wolfSSL_UseKeyShare(tls->ssl, WOLFSSL_ECC_SECP256R1) != WOLFSSL_SUCCESS)
        return RDV_ERR_TLS;
    tls->wants_alpn = o->alpn != NULL;
    if (!tls->wants_alpn)
        return RDV_OK;
    if (rdv_span_to_text(alpn, sizeof(alpn), rdv_span_of(o->alpn)) != RDV_OK ||
        wolfSSL_UseALPN(tls->ssl, alpn, (unsigned)strlen(alpn), WOLFSSL_ALPN_FAILED_ON_MISMATCH) !=
                WOLFSSL_SUCCESS)
        return RDV_ERR_TLS;
    return RDV_OK;
}

static const struct suite *find_suite(const char *name)
{
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        if (name == NULL || strcmp(name, suites[i].name) == 0)
            return &suites[i];
    }
    return NULL;
}

void guest_tls_free(struct guest_tls *tls)
{
    if (tls == NULL)
        return;
    wolfSSL_free(tls->ssl);
    wolfSSL_CTX_free(tls->ctx);
    rdv_buf_free(&tls->input);
    rdv_buf_free(&tls->output);
    rdv_key_wipe(&tls->key);
    rdv_wipe(tls->exported, sizeof(tls->exported));
    free(tls);
}

enum guest_tls_state guest_tls_state(const struct guest_tls *tls)
{
    return tls->state;
}

size_t guest_tls_room(const struct guest_tls *tls)
{
    return tls->input.limit - rdv_buf_len(&tls->input);
}

struct rdv_buf *guest_tls_output(struct guest_tls *tls)
{
    return &tls->output;
}

const char *guest_tls_suite(const struct guest_tls *tls)
{
    return tls->suite->name;
}

enum rdv_err guest_tls_new(struct guest_tls **out, const struct guest_tls_options *options)
{
    struct guest_tls *tls;
    enum rdv_err err;

    *out = NULL;
    if ((tls = calloc(1, sizeof(*tls))) == NULL)
        return RDV_ERR_NOMEM;
    tls->input = RDV_BUF(INPUT_MAX);
    tls->output = RDV_BUF(OUTPUT_MAX);
    tls->key = *options->psk;
    tls->suite = find_suite(options->suite);
    if ((err = tls->suite == NULL ? RDV_ERR_RANGE : RDV_OK) != RDV_OK ||
        (err = rdv_span_to_text(tls->identity, sizeof(tls->identity),
                                rdv_span_of(options->identity))) != RDV_OK ||
        (err = set_up_library(tls)) != RDV_OK || (err = set_up_session(tls, options)) != RDV_OK ||
        (err = shake_hands(tls, NULL)) != RDV_OK) {
        guest_tls_free(tls);
        return err;
    }
    *out = tls;
    return RDV_OK;
}

/* --- talking --------------------------------------------------------------------------------- */

/* The first bytes tell a server of something else; wolfSSL would only be confused. They are held
 * back from it until they are enough. */
static enum rdv_err listen_first(struct guest_tls *tls, struct rdv_why *why)
{
    const struct rdv_span in = rdv_buf_view(&tls->input);
    struct rdv_span first;

    if (rdv_tls_record_peek(&first, in) != RDV_OK) {
        tls->state = GUEST_TLS_FAILED;
        return rdv_why_say(why, RDV_ERR_FORMAT, "what listens there does not speak TLS");
    }
    tls->speaks_tls = in.n >= RDV_TLS_HEADER;
    return RDV_OK;
}

enum rdv_err guest_tls_feed(struct guest_tls *tls, struct rdv_span bytes, struct rdv_why *why)
{
    enum rdv_err err;

    if (tls->state == GUEST_TLS_FAILED)
        return RDV_ERR_TLS;
    if ((err = rdv_put_bytes(&tls->input, bytes)) != RDV_OK)
        return err;
    if (!tls->speaks_tls && ((err = listen_first(tls, why)) != RDV_OK || !tls->speaks_tls))
        return err;
    return tls->state == GUEST_TLS_HANDSHAKE ? shake_hands(tls, why) : RDV_OK;
}

enum rdv_err guest_tls_read(struct guest_tls *tls, struct rdv_buf *out, struct rdv_why *why)
{
    uint8_t *room;
    int r, error;
    enum rdv_err err;

    if (tls->state == GUEST_TLS_CLOSED)
        return RDV_ERR_CLOSED;
    if (tls->state != GUEST_TLS_OPEN)
        return tls->state == GUEST_TLS_FAILED ? RDV_ERR_TLS : RDV_ERR_ABSENT;
    if ((err = rdv_buf_room(out, &room, RDV_TLS_PLAIN_MAX)) != RDV_OK)
        return err;
    if ((r = wolfSSL_read(tls->ssl, room, RDV_TLS_PLAIN_MAX)) > 0) {
        rdv_buf_grew(out, (size_t)r);
        return RDV_OK;
    }
    error = wolfSSL_get_error(tls->ssl, r);
    if (error == WOLFSSL_ERROR_WANT_READ)
        return RDV_ERR_ABSENT;
    if (error == WOLFSSL_ERROR_ZERO_RETURN) {
        tls->state = GUEST_TLS_CLOSED;
        return RDV_ERR_CLOSED;
    }
    return failed(tls, r, why);
}

enum rdv_err guest_tls_write(struct guest_tls *tls, struct rdv_span data)
{
    /* wolfSSL cannot take a record back that found no room. */
    const size_t records = data.n / RDV_TLS_PLAIN_MAX + 1;
    const size_t left = tls->output.limit - rdv_buf_len(&tls->output);

    if (data.n > left || records * (RDV_TLS_RECORD_MAX - RDV_TLS_PLAIN_MAX) > left - data.n)
        return RDV_ERR_LIMIT;
    while (data.n > 0) {
        const size_t n = data.n < RDV_TLS_PLAIN_MAX ? data.n : RDV_TLS_PLAIN_MAX;
        int r;

        if (tls->state != GUEST_TLS_OPEN)
            return RDV_ERR_TLS;
        if ((r = wolfSSL_write(tls->ssl, data.p, (int)n)) != (int)n)
            return failed(tls, r, NULL);
        data.p += n;
        data.n -= n;
    }
    return RDV_OK;
}

void guest_tls_close(struct guest_tls *tls)
{
    if (tls->close_sent || tls->state != GUEST_TLS_OPEN)
        return;
    tls->close_sent = true;
    (void)wolfSSL_shutdown(tls->ssl);
}

enum rdv_err guest_tls_export(const struct guest_tls *tls, uint8_t out[GUEST_TLS_EXPORT_BYTES])
{
    memset(out, 0, GUEST_TLS_EXPORT_BYTES);
    if (tls->state != GUEST_TLS_OPEN)
        return RDV_ERR_STATE;
    memcpy(out, tls->exported, GUEST_TLS_EXPORT_BYTES);
    return RDV_OK;
}
