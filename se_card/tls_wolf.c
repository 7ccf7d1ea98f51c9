/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/tls.h"

#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>

#include "base/log.h"
#include "schema/wire/client_hello.h"
#include "schema/wire/rpc.h"
#include "schema/wire/tls_record.h"
#include "se_card/device.h"

/* In our order of preference, which wolfSSL follows too. */
static const struct {
    uint16_t number;
    const char *name;
} suites[] = {
    { 0x1304, "TLS13-AES128-CCM-SHA256" },
    { 0x1301, "TLS13-AES128-GCM-SHA256" },
    { 0x1303, "TLS13-CHACHA20-POLY1305-SHA256" },
};
#define SUITES "TLS13-AES128-CCM-SHA256:TLS13-AES128-GCM-SHA256:TLS13-CHACHA20-POLY1305-SHA256"
/* The card writes no more than one response takes, and a record. */
#define OUTPUT_MAX (256 * 1024)

struct se_tls_server {
    WOLFSSL_CTX *ctx;
};

struct se_tls {
    WOLFSSL *ssl;
    enum se_tls_state state;
    struct rdv_span incoming; /* what wolfSSL may read now */
    struct rdv_buf output;
    struct rdv_buf hello; /* records of a ClientHello that is not whole yet */
    se_tls_key_fn key_fn;
    void *user;
    char identity[128 + 1]; /* the one that `key` belongs to, as wolfSSL shows it */
    struct rdv_key key;
    bool has_key;
    uint8_t exported[SE_TLS_EXPORT_BYTES]; /* once the session is open */
    const char *suite;
    bool has_sent; /* anything at all */
    bool close_sent;
    const char *reason;
};

enum rdv_err se_tls_library_init(void)
{
    if (wolfSSL_Init() != WOLFSSL_SUCCESS)
        return RDV_ERR_NOMEM;
    return se_device_register();
}

/* --- wolfSSL's callbacks ---------------------------------------------------------------------- */

static int on_receive(WOLFSSL *ssl, char *out, int size, void *user)
{
    struct se_tls *tls = user;
    size_t n = (size_t)size;

    (void)ssl;
    if (tls->incoming.n == 0)
        return WOLFSSL_CBIO_ERR_WANT_READ;
    if (n > tls->incoming.n)
        n = tls->incoming.n;
    memcpy(out, tls->incoming.p, n);
    tls->incoming.p += n;
    tls->incoming.n -= n;
    return (int)n;
}

static int on_send(WOLFSSL *ssl, char *data, int size, void *user)
{
    struct se_tls *tls = user;

    (void)ssl;
    if (rdv_put_bytes(&tls->output, (struct rdv_span){ (uint8_t *)data, (size_t)size }) != RDV_OK)
        return WOLFSSL_CBIO_ERR_GENERAL;
    tls->has_sent = true;
    return size;
}

/* wolfSSL asks for each identity it considers; the answer was fixed when the ClientHello came in.
 * It must name the suite that wolfSSL is about to choose: at another one, this version gives up. */
static unsigned int on_psk(WOLFSSL *ssl, const char *identity, unsigned char *out,
                           unsigned int out_max, const char **suite)
{
    const struct se_tls *tls = wolfSSL_GetIOReadCtx(ssl);

    if (!tls->has_key || out_max < RDV_KEY_BYTES || strcmp(identity, tls->identity) != 0)
        return 0;
    *suite = tls->suite;
    memcpy(out, tls->key.bytes, RDV_KEY_BYTES);
    return RDV_KEY_BYTES;
}

/* --- server ----------------------------------------------------------------------------------- */

enum rdv_err se_tls_server_new(struct se_tls_server **out)
{
    int groups[] = { WOLFSSL_ECC_SECP256R1, WOLFSSL_ECC_X25519 };
    struct se_tls_server *server;

    *out = NULL;
    if ((server = calloc(1, sizeof(*server))) == NULL)
        return RDV_ERR_NOMEM;
    if ((server->ctx = wolfSSL_CTX_new(wolfTLSv1_3_server_method())) == NULL ||
        wolfSSL_CTX_SetDevId(server->ctx, SE_DEVICE) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_cipher_list(server->ctx, SUITES) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_groups(server->ctx, groups, 2) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_no_ticket_TLSv13(server->ctx) != 0) {
        se_tls_server_free(server);
        return RDV_ERR_TLS;
    }
    wolfSSL_CTX_set_verify(server->ctx, WOLFSSL_VERIFY_NONE, NULL);
    wolfSSL_CTX_set_psk_server_tls13_callback(server->ctx, on_psk);
    wolfSSL_CTX_SetIORecv(server->ctx, on_receive);
    wolfSSL_CTX_SetIOSend(server->ctx, on_send);
    *out = server;
    return RDV_OK;
}

void se_tls_server_free(struct se_tls_server *server)
{
    if (server == NULL)
        return;
    wolfSSL_CTX_free(server->ctx);
    free(server);
}

/* --- session ---------------------------------------------------------------------------------- */

enum rdv_err se_tls_new(struct se_tls **out, struct se_tls_server *server, se_tls_key_fn key,
                        void *user)
{
    char protocol[] = RDV_RPC_PROTOCOL;
    struct se_tls *tls;

    *out = NULL;
    if ((tls = calloc(1, sizeof(*tls))) == NULL)
        return RDV_ERR_NOMEM;
    tls->output = RDV_BUF(OUTPUT_MAX);
    tls->hello = RDV_BUF(RDV_CLIENT_HELLO_MAX + 64 * RDV_TLS_HEADER);
    tls->key_fn = key;
    tls->user = user;
    tls->reason = "";
    if ((tls->ssl = wolfSSL_new(server->ctx)) == NULL) {
        se_tls_free(tls);
        return RDV_ERR_NOMEM;
    }
    /* Unless it is offered, nothing is said of it: the flight stays as it is. */
    if (wolfSSL_UseALPN(tls->ssl, protocol, sizeof(protocol) - 1,
                        WOLFSSL_ALPN_CONTINUE_ON_MISMATCH) != WOLFSSL_SUCCESS) {
        se_tls_free(tls);
        return RDV_ERR_NOMEM;
    }
    wolfSSL_SetIOReadCtx(tls->ssl, tls);
    wolfSSL_SetIOWriteCtx(tls->ssl, tls);
    wolfSSL_KeepArrays(tls->ssl); /* for keep_export, which lets go of them */
    *out = tls;
    return RDV_OK;
}

void se_tls_free(struct se_tls *tls)
{
    if (tls == NULL)
        return;
    wolfSSL_free(tls->ssl);
    rdv_buf_free(&tls->output);
    rdv_buf_free(&tls->hello);
    rdv_key_wipe(&tls->key);
    rdv_wipe(tls->exported, sizeof(tls->exported));
    free(tls);
}

enum se_tls_state se_tls_state(const struct se_tls *tls)
{
    return tls->state;
}

bool se_tls_is_of_programs(const struct se_tls *tls)
{
    unsigned short n = 0;
    char *name = NULL;

    return wolfSSL_ALPN_GetProtocol(tls->ssl, &name, &n) == WOLFSSL_SUCCESS &&
           rdv_span_is((struct rdv_span){ (const uint8_t *)name, n }, RDV_RPC_PROTOCOL);
}

struct rdv_buf *se_tls_output(struct se_tls *tls)
{
    return &tls->output;
}

const char *se_tls_reason(const struct se_tls *tls)
{
    return tls->reason;
}

static enum rdv_err fail(struct se_tls *tls, const char *reason)
{
    tls->state = SE_TLS_FAILED;
    tls->reason = reason;
    return RDV_ERR_TLS;
}

/* Refused before wolfSSL has seen it: the alert is ours, in clear. */
static enum rdv_err refuse(struct se_tls *tls, enum rdv_tls_alert alert, const char *reason)
{
    const enum rdv_err err = rdv_tls_put_alert(&tls->output, alert);

    (void)fail(tls, reason);
    return err == RDV_OK ? RDV_ERR_TLS : err;
}

static enum rdv_err library_failed(struct se_tls *tls, int r)
{
    const int error = wolfSSL_get_error(tls->ssl, r);
    const enum rdv_tls_alert alert =
            error == BAD_BINDER ? RDV_ALERT_DECRYPT_ERROR : RDV_ALERT_HANDSHAKE_FAILURE;

    /* wolfSSL sends no alert for some faults of the first message. */
    if (tls->state == SE_TLS_HANDSHAKE && !tls->has_sent &&
        rdv_tls_put_alert(&tls->output, alert) != RDV_OK)
        return RDV_ERR_NOMEM;
    return fail(tls, wolfSSL_ERR_reason_error_string((unsigned long)error));
}

static const char *choose_suite(struct rdv_span offered)
{
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        for (size_t at = 0; at + 1 < offered.n; at += 2) {
            if (offered.p[at] << 8 == (suites[i].number & 0xff00) &&
                offered.p[at + 1] == (suites[i].number & 0xff))
                return suites[i].name;
        }
    }
    return NULL;
}

/* What our profile asks of a ClientHello and wolfSSL does not check. */
static enum rdv_err check_hello(struct se_tls *tls, const struct rdv_client_hello *hello)
{
    if (!hello->offers_tls13)
        return refuse(tls, RDV_ALERT_PROTOCOL_VERSION, "TLS 1.3 not offered");
    if (!hello->has_psk || !hello->has_psk_modes)
        return refuse(tls, RDV_ALERT_MISSING_EXTENSION, "no pre-shared key offered");
    if (!hello->offers_psk_dhe)
        return refuse(tls, RDV_ALERT_HANDSHAKE_FAILURE, "psk_dhe_ke not offered");
    if (!hello->offers_group)
        return refuse(tls, RDV_ALERT_HANDSHAKE_FAILURE, "neither P-256 nor X25519 offered");
    if ((tls->suite = choose_suite(hello->cipher_suites)) == NULL)
        return refuse(tls, RDV_ALERT_HANDSHAKE_FAILURE, "no cipher suite in common");
    return RDV_OK;
}

/* The key is found at the first hello. The second one, after a HelloRetryRequest, must be the first
 * with another key share (RFC 8446 section 4.1.2). */
static enum rdv_err find_key(struct se_tls *tls, const struct rdv_client_hello *hello)
{
    char identity[sizeof(tls->identity)] = ""; /* a NUL inside ends it, as in wolfSSL's copy */
    struct rdv_span shown = hello->first_identity;

    if (shown.n > sizeof(identity) - 1)
        shown.n = sizeof(identity) - 1;
    if (shown.n > 0)
        memcpy(identity, shown.p, shown.n);
    if (tls->has_key && memcmp(identity, tls->identity, sizeof(identity)) != 0)
        return refuse(tls, RDV_ALERT_ILLEGAL_PARAMETER, "another identity in the second hello");
    if (tls->has_key)
        return RDV_OK;
    memcpy(tls->identity, identity, sizeof(identity));
    tls->key_fn(tls->user, &tls->key, hello);
    tls->has_key = true;
    return RDV_OK;
}

/* wolfSSL can export only while it holds all secrets of the handshake, the pre-shared key too. They
 * go now: a few microseconds of hashing for a session that never asks are the lesser evil. */
static bool keep_export(struct se_tls *tls)
{
    static const char label[] = "rdv acp";
    const int r = wolfSSL_export_keying_material(tls->ssl, tls->exported, sizeof(tls->exported),
                                                 label, sizeof(label) - 1, NULL, 0, 0);

    wolfSSL_FreeArrays(tls->ssl);
    return r == WOLFSSL_SUCCESS;
}

static enum rdv_err advance(struct se_tls *tls, struct rdv_span records)
{
    int r;

    tls->incoming = records;
    if ((r = wolfSSL_accept(tls->ssl)) == WOLFSSL_SUCCESS) {
        if (!keep_export(tls))
            return fail(tls, "no exporter");
        tls->state = SE_TLS_OPEN;
        rdv_key_wipe(&tls->key);
        tls->has_key = false;
        return RDV_OK;
    }
    if (wolfSSL_get_error(tls->ssl, r) == WOLFSSL_ERROR_WANT_READ && tls->incoming.n == 0)
        return RDV_OK;
    return library_failed(tls, r);
}

/* A record of a ClientHello: held until the message is whole, judged, then given to wolfSSL. */
static enum rdv_err feed_hello(struct se_tls *tls, struct rdv_span record)
{
    struct rdv_buf message = RDV_BUF(RDV_CLIENT_HELLO_MAX);
    struct rdv_client_hello hello;
    size_t whole;
    enum rdv_err err;

    if (rdv_put_bytes(&tls->hello, record) != RDV_OK)
        return refuse(tls, RDV_ALERT_DECODE_ERROR, "ClientHello too long");
    err = rdv_client_hello_collect(&hello, &whole, &message, rdv_buf_view(&tls->hello));
    if (err == RDV_ERR_NOMEM)
        goto out;
    if (err != RDV_OK) {
        err = refuse(tls, RDV_ALERT_DECODE_ERROR, "not a ClientHello");
        goto out;
    }
    if (whole == 0 || (err = check_hello(tls, &hello)) != RDV_OK ||
        (err = find_key(tls, &hello)) != RDV_OK)
        goto out;
    err = advance(tls, rdv_buf_view(&tls->hello));
    rdv_buf_free(&tls->hello);
out:
    rdv_buf_free(&message);
    return err;
}

enum rdv_err se_tls_feed(struct se_tls *tls, struct rdv_span record)
{
    /* wolfSSL allows itself a little more than RFC 8446 section 5.2 does, and would wait for the
     * rest of a record that is only a little too long. */
    static const uint8_t far_too_long[] = { RDV_TLS_APPLICATION_DATA, 3, 3, 0xff, 0xff };
    struct rdv_span whole;

    switch (tls->state) {
    case SE_TLS_HANDSHAKE:
        if (record.n > 0 && record.p[0] == RDV_TLS_HANDSHAKE)
            return feed_hello(tls, record);
        if (rdv_buf_len(&tls->hello) > 0)
            return refuse(tls, RDV_ALERT_UNEXPECTED_MESSAGE, "ClientHello interrupted");
        return advance(tls, record);
    case SE_TLS_OPEN:
        if (rdv_tls_record_peek(&whole, record) == RDV_ERR_LIMIT)
            record = (struct rdv_span){ far_too_long, sizeof(far_too_long) };
        tls->incoming = record;
        return RDV_OK;
    case SE_TLS_CLOSED:
        return RDV_OK; /* RFC 8446 section 6.1: data after a closure alert is ignored */
    case SE_TLS_FAILED:
        break;
    }
    return RDV_ERR_TLS;
}

enum rdv_err se_tls_read(struct se_tls *tls, struct rdv_buf *out)
{
    uint8_t *room;
    int r, error;
    enum rdv_err err;

    if (tls->state != SE_TLS_OPEN)
        return RDV_ERR_ABSENT;
    if ((err = rdv_buf_room(out, &room, RDV_TLS_PLAIN_MAX)) != RDV_OK)
        return err;
    if ((r = wolfSSL_read(tls->ssl, room, RDV_TLS_PLAIN_MAX)) > 0) {
        rdv_buf_grew(out, (size_t)r);
        return RDV_OK;
    }
    error = wolfSSL_get_error(tls->ssl, r);
    if (error == WOLFSSL_ERROR_WANT_READ && tls->incoming.n == 0)
        return RDV_ERR_ABSENT;
    if (error == WOLFSSL_ERROR_ZERO_RETURN) {
        tls->state = SE_TLS_CLOSED;
        return RDV_ERR_ABSENT;
    }
    return library_failed(tls, r);
}

enum rdv_err se_tls_write(struct se_tls *tls, struct rdv_span data)
{
    int r;

    RDV_INVARIANT(data.n > 0 && data.n <= RDV_TLS_PLAIN_MAX);
    if ((r = wolfSSL_write(tls->ssl, data.p, (int)data.n)) == (int)data.n)
        return RDV_OK;
    return library_failed(tls, r);
}

enum rdv_err se_tls_export(const struct se_tls *tls, uint8_t out[SE_TLS_EXPORT_BYTES])
{
    const bool open = tls->state == SE_TLS_OPEN;

    memset(out, 0, SE_TLS_EXPORT_BYTES);
    if (open)
        memcpy(out, tls->exported, SE_TLS_EXPORT_BYTES);
    return open ? RDV_OK : RDV_ERR_STATE;
}

void se_tls_close(struct se_tls *tls)
{
    if (tls->close_sent || tls->state == SE_TLS_FAILED)
        return;
    tls->close_sent = true;
    (void)wolfSSL_shutdown(tls->ssl); /* also asks for the peer's, which we do not wait for */
    tls->state = SE_TLS_CLOSED;
}
