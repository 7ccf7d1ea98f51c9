/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/broker_paho.h"

#include <stdio.h>
#include <string.h>

/* "THREAD:error:NUMBER:library:function:reason:file:line:": the reason is for people. */
static struct rdv_span reason_of(struct rdv_span text)
{
    for (unsigned field = 0; field < 5; field++) {
        const uint8_t *colon = text.n == 0 ? NULL : memchr(text.p, ':', text.n);

        if (colon == NULL)
            return text;
        text.n -= (size_t)(colon + 1 - text.p);
        text.p = colon + 1;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == ':')
            text.n = i;
    }
    return text;
}

static int on_error(const char *text, size_t n, void *context)
{
    const struct rdv_broker_tls *how = context;
    const struct rdv_quoted why =
            rdv_quote(reason_of((struct rdv_span){ (const uint8_t *)text, n }));

    how->says(how->user, &why);
    return 1;
}

/* As SSL_CTX_set_psk_client_callback(3) has it. */
static unsigned on_psk(const char *hint, char *identity, unsigned identity_max, unsigned char *psk,
                       unsigned psk_max, void *context)
{
    const struct rdv_broker_secret *secret = ((const struct rdv_broker_tls *)context)->psk;

    (void)hint;
    if (secret->n > psk_max || strlen(secret->name) >= identity_max)
        return 0;
    (void)snprintf(identity, identity_max, "%s", secret->name);
    memcpy(psk, secret->bytes, secret->n);
    return (unsigned)secret->n;
}

/* Empty paths are none to Paho only when they are NULL. */
static const char *or_null(const char *path)
{
    return path == NULL || path[0] == '\0' ? NULL : path;
}

/* With a pre-shared key nobody is trusted who shows a certificate: TLS 1.3 could come to that. And
 * OpenSSL counts what does not encrypt among "PSK". */
void rdv_broker_tls_set(MQTTAsync_SSLOptions *out, struct rdv_broker_tls *how)
{
    const bool psk = how->psk->n > 0;

    out->trustStore = or_null(how->ca);
    out->keyStore = or_null(how->cert);
    out->privateKey = or_null(how->key);
    out->enableServerCertAuth = 1;
    out->verify = !psk; /* the name in the certificate */
    out->disableDefaultTrustStore = psk || out->trustStore != NULL;
    out->ssl_error_cb = on_error;
    out->ssl_error_context = how;
    if (psk) {
        out->enabledCipherSuites = "PSK:!kRSAPSK:!eNULL";
        out->ssl_psk_cb = on_psk;
        out->ssl_psk_context = how;
    }
}
