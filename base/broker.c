/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/broker.h"

#include <string.h>

#include "base/hex.h"
#include "base/private.h"
#include "base/quote.h"
#include "base/secret.h"
#include "base/why.h"

/* --- where ------------------------------------------------------------------------------------ */

static bool take(struct rdv_span *in, const char *beginning)
{
    const size_t n = strlen(beginning);

    if (in->n < n || memcmp(in->p, beginning, n) != 0)
        return false;
    in->p += n;
    in->n -= n;
    return true;
}

static enum rdv_err parse_port(uint16_t *out, struct rdv_span digits)
{
    unsigned long port = 0;

    if (digits.n == 0)
        return RDV_ERR_FORMAT;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return RDV_ERR_FORMAT;
        if ((port = port * 10 + (unsigned long)(digits.p[i] - '0')) > 65535)
            return RDV_ERR_RANGE;
    }
    *out = (uint16_t)port;
    return port == 0 ? RDV_ERR_RANGE : RDV_OK;
}

/* Up to the colon before the port, which an IPv6 address has inside its brackets too. */
static size_t host_bytes(struct rdv_span in)
{
    const uint8_t *end;

    if (in.n == 0)
        return 0;
    if (in.p[0] == '[') {
        end = memchr(in.p, ']', in.n);
        return end == NULL ? 0 : (size_t)(end - in.p) + 1;
    }
    end = memchr(in.p, ':', in.n);
    return end == NULL ? in.n : (size_t)(end - in.p);
}

static bool is_host(struct rdv_span host)
{
    const bool address6 = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';

    for (size_t i = address6 ? 1 : 0; i + (address6 ? 1 : 0) < host.n; i++) {
        const uint8_t c = host.p[i];
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';

        if (!word && !(address6 && (c == ':' || c == '%')))
            return false;
    }
    return host.n > 0;
}

enum rdv_err rdv_broker_parse(struct rdv_broker_address *out, const char *text, struct rdv_why *why)
{
    struct rdv_span rest = rdv_span_of(text), host;
    enum rdv_err err = RDV_ERR_FORMAT;

    *out = (struct rdv_broker_address){ 0 };
    if (take(&rest, "mqtts://"))
        out->tls = true;
    else if (!take(&rest, "mqtt://"))
        goto out;
    out->port = out->tls ? RDV_BROKER_PORT_TLS : RDV_BROKER_PORT;
    host = (struct rdv_span){ rest.p, host_bytes(rest) };
    rest.p += host.n;
    rest.n -= host.n;
    if (!is_host(host) || (err = rdv_span_to_text(out->host, sizeof(out->host), host)) != RDV_OK)
        goto out;
    err = rest.n == 0 ? RDV_OK : take(&rest, ":") ? parse_port(&out->port, rest) : RDV_ERR_FORMAT;
out:
    if (err == RDV_OK)
        return RDV_OK;
    *out = (struct rdv_broker_address){ 0 };
    return rdv_why_say(why, err, "\"%s\" is not mqtt://HOST:PORT or mqtts://HOST:PORT",
                       rdv_quote(rdv_span_of(text)).text);
}

/* --- secrets ---------------------------------------------------------------------------------- */

#define LINE_MAX_BYTES (RDV_BROKER_SECRET_NAME + 1 + 2 * RDV_BROKER_SECRET_BYTES + 2)
#define PSK_LEAST 16
#define PSK_MOST 64
#define PEM_MAX_BYTES 65536

static enum rdv_err set_password(struct rdv_broker_secret *out, struct rdv_span secret)
{
    if (secret.n > sizeof(out->bytes))
        return RDV_ERR_LIMIT;
    memcpy(out->bytes, secret.p, secret.n);
    out->n = secret.n;
    return RDV_OK;
}

static enum rdv_err set_psk(struct rdv_broker_secret *out, struct rdv_span secret)
{
    if (secret.n % 2 != 0 || secret.n / 2 < PSK_LEAST || secret.n / 2 > PSK_MOST)
        return RDV_ERR_FORMAT;
    out->n = secret.n / 2;
    return rdv_hex_decode(out->bytes, out->n, secret);
}

static enum rdv_err read_secret(struct rdv_broker_secret *out, const char *path, const char *form,
                                enum rdv_err (*set)(struct rdv_broker_secret *, struct rdv_span),
                                struct rdv_why *why)
{
    struct rdv_buf text = RDV_BUF(LINE_MAX_BYTES);
    struct rdv_span line, name;
    const uint8_t *colon;
    enum rdv_err err;

    rdv_wipe(out, sizeof(*out));
    if ((err = rdv_private_read(&text, path, why)) != RDV_OK)
        goto out;
    line = rdv_buf_view(&text);
    if (line.n > 0 && line.p[line.n - 1] == '\n')
        line.n--;
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    err = RDV_ERR_FORMAT;
    colon = line.n == 0 ? NULL : memchr(line.p, ':', line.n);
    if (colon != NULL && colon > line.p && memchr(line.p, '\n', line.n) == NULL) {
        name = (struct rdv_span){ line.p, (size_t)(colon - line.p) };
        if ((err = rdv_span_to_text(out->name, sizeof(out->name), name)) == RDV_OK)
            err = set(out, (struct rdv_span){ colon + 1, line.n - name.n - 1 });
    }
    if (err != RDV_OK) {
        rdv_wipe(out, sizeof(*out));
        (void)rdv_why_say(why, err, "%s: it must hold %s", path, form);
    }
out:
    rdv_buf_free(&text);
    return err;
}

enum rdv_err rdv_broker_password_read(struct rdv_broker_secret *out, const char *path,
                                      struct rdv_why *why)
{
    return read_secret(out, path, "NAME:PASSWORD", set_password, why);
}

enum rdv_err rdv_broker_psk_read(struct rdv_broker_secret *out, const char *path,
                                 struct rdv_why *why)
{
    return read_secret(out, path, "IDENTITY:KEY, the key in 32 to 128 hex digits", set_psk, why);
}

enum rdv_err rdv_broker_key_check(const char *path, struct rdv_why *why)
{
    struct rdv_buf pem = RDV_BUF(PEM_MAX_BYTES);
    const enum rdv_err err = rdv_private_read(&pem, path, why);

    rdv_buf_free(&pem);
    return err;
}
