/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/uri.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/quote.h"
#include "base/secret.h"
#include "base/why.h"
#include "schema/wire/link.h"

#define SCHEME "shellS://"
#define PLACEHOLDER "HOST:PORT"
#define RECORD_PATH "/record/"
#define QUERY "query="

/* RFC 3986 section 2.3, and what may stand raw in a query without being read as something else. */
#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define RAW_IN_COMMAND UNRESERVED "!$'()*,;:@/?="

/* --- reading ---------------------------------------------------------------------------------- */

/* Cuts text at the first of these characters; *rest begins with it, or is empty. */
static struct rdv_span cut(struct rdv_span *rest, const char *at)
{
    const struct rdv_span all = *rest;
    size_t n = 0;

    while (n < all.n && strchr(at, all.p[n]) == NULL)
        n++;
    *rest = (struct rdv_span){ all.p + n, all.n - n };
    return (struct rdv_span){ all.p, n };
}

static struct rdv_span skip(struct rdv_span s, size_t n)
{
    return (struct rdv_span){ s.p + n, s.n - n };
}

static bool begins(struct rdv_span s, const char *with)
{
    const size_t n = strlen(with);

    return s.n >= n && memcmp(s.p, with, n) == 0;
}

/* Percent-decodes. Returns: RDV_ERR_FORMAT for a bad escape or a control character, RDV_ERR_LIMIT.
 */
static enum rdv_err decode(char *out, size_t size, struct rdv_span in)
{
    size_t n = 0;

    for (size_t i = 0; i < in.n; i++) {
        uint8_t c = in.p[i];

        if (c == '%' &&
            (in.n - i < 3 || rdv_hex_decode(&c, 1, (struct rdv_span){ in.p + i + 1, 2 }) != RDV_OK))
            return RDV_ERR_FORMAT;
        if (in.p[i] == '%')
            i += 2;
        if (c < 0x20 || c == 0x7f)
            return RDV_ERR_FORMAT;
        if (n + 1 == size)
            return RDV_ERR_LIMIT;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return RDV_OK;
}

static enum rdv_err read_psk(struct rdv_uri *uri, struct rdv_span digits, struct rdv_why *why)
{
    struct rdv_key raw = { 0 }, key = { 0 };
    enum rdv_err err;

    if ((err = rdv_hex_decode(raw.bytes, sizeof(raw.bytes), digits)) != RDV_OK) {
        err = rdv_why_say(why, RDV_ERR_FORMAT, "the key behind SEN: is not 64 hex digits");
    } else if ((err = rdv_key_import(&key, (struct rdv_span){ raw.bytes, sizeof(raw.bytes) })) !=
               RDV_OK) {
        err = rdv_why_say(why, err, "the key behind SEN: is all zero");
    } else {
        memcpy(uri->psk, key.bytes, sizeof(uri->psk));
        uri->has_psk = true;
    }
    rdv_key_wipe(&raw);
    rdv_key_wipe(&key);
    return err;
}

/* "(ID)" up to the end of the user part. */
static enum rdv_err read_identity(struct rdv_uri *uri, struct rdv_span in, struct rdv_why *why)
{
    struct rdv_span rest = skip(in, 1);
    const struct rdv_span id = cut(&rest, "()");

    if (!rdv_span_is(rest, ")"))
        return rdv_why_say(why, RDV_ERR_FORMAT,
                           "an identity stands alone in parentheses before the @; "
                           "( ) and @ inside it are %%28 %%29 and %%40");
    if (id.n == 0 || decode(uri->identity, sizeof(uri->identity), id) != RDV_OK)
        return rdv_why_say(why, RDV_ERR_FORMAT,
                           "an identity has 1 to 64 characters, none of them a control character");
    return RDV_OK;
}

/* SEN[:PSK][(ID)]. The parts are not quoted: what is misplaced may be the key. */
static enum rdv_err read_user(struct rdv_uri *uri, struct rdv_span in, struct rdv_why *why)
{
    struct rdv_span rest = in;
    const struct rdv_span sen = cut(&rest, ":(");
    enum rdv_err err;

    if (!rdv_sen_is_valid(sen))
        return rdv_why_say(why, RDV_ERR_FORMAT,
                           "the name of a secure element (SEN) has 1 to 15 letters, digits, '.', "
                           "'-' or '_', and begins with neither '.' nor '-'");
    memcpy(uri->sen, sen.p, sen.n);
    if (rest.n > 0 && rest.p[0] == ':') {
        rest = skip(rest, 1);
        if ((err = read_psk(uri, cut(&rest, "("), why)) != RDV_OK)
            return err;
    }
    return rest.n == 0 ? RDV_OK : read_identity(uri, rest, why);
}

static enum rdv_err read_port(struct rdv_uri *uri, struct rdv_span digits, struct rdv_why *why)
{
    unsigned port = 0;

    for (size_t i = 0; i < digits.n && i < 6; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return rdv_why_say(why, RDV_ERR_FORMAT, "port \"%s\" is not a number",
                               rdv_quote(digits).text);
        port = 10 * port + digits.p[i] - '0';
    }
    if (digits.n > 5 || port == 0 || port > UINT16_MAX)
        return rdv_why_say(why, RDV_ERR_RANGE, "port \"%s\" is not between 1 and 65535",
                           rdv_quote(digits).text);
    uri->port = (uint16_t)port;
    return RDV_OK;
}

/* The host of HOST[:PORT] or [IPv6][:PORT]; empty when the brackets are wrong. */
static struct rdv_span cut_host(struct rdv_span *rest)
{
    struct rdv_span host;

    if (!begins(*rest, "["))
        return cut(rest, ":");
    *rest = skip(*rest, 1);
    host = cut(rest, "]");
    if (rest->n == 0 || memchr(host.p, ':', host.n) == NULL)
        return (struct rdv_span){ host.p, 0 };
    *rest = skip(*rest, 1);
    return host;
}

/* In an IPv6 address "%25" begins a zone (RFC 6874); elsewhere nothing is escaped. */
static enum rdv_err read_address(struct rdv_uri *uri, struct rdv_span in, struct rdv_why *why)
{
    const char *characters = begins(in, "[") ? UNRESERVED ":%" : UNRESERVED;
    struct rdv_span rest = in;
    const struct rdv_span host = cut_host(&rest);

    if (rdv_span_is(in, PLACEHOLDER))
        return RDV_OK;
    if (host.n == 0 || (rest.n > 0 && rest.p[0] != ':') ||
        decode(uri->host, sizeof(uri->host), host) != RDV_OK ||
        uri->host[strspn(uri->host, characters)] != '\0' ||
        (!begins(in, "[") && memchr(host.p, '%', host.n) != NULL))
        return rdv_why_say(why, RDV_ERR_FORMAT,
                           "\"%.80s\" is not HOST:PORT (a name, an IPv4 address, or an IPv6 "
                           "address in brackets)",
                           rdv_quote(in).text);
    uri->port = RDV_PORT_DEFAULT;
    return rest.n == 0 ? RDV_OK : read_port(uri, skip(rest, 1), why);
}

static enum rdv_err read_command(struct rdv_uri *uri, struct rdv_span query, struct rdv_why *why)
{
    if (!begins(query, QUERY) || query.n == strlen(QUERY))
        return rdv_why_say(why, RDV_ERR_FORMAT, "the query must be query=COMMAND");
    query = skip(query, strlen(QUERY));
    if (memchr(query.p, '&', query.n) != NULL)
        return rdv_why_say(why, RDV_ERR_FORMAT, "one query only; & in a command is %%26");
    if (decode(uri->command, sizeof(uri->command), query) != RDV_OK)
        return rdv_why_say(why, RDV_ERR_FORMAT,
                           "the command has a bad %%XX or a control character");
    return RDV_OK;
}

/* "", "/", "/record/XX", each but the last with or without a query. */
static enum rdv_err read_resource(struct rdv_uri *uri, struct rdv_span in, struct rdv_why *why)
{
    struct rdv_span rest = in;
    const struct rdv_span path = cut(&rest, "?");
    uint8_t record;

    if (memchr(in.p, '#', in.n) != NULL)
        return rdv_why_say(why, RDV_ERR_FORMAT, "there are no fragments; # in a command is %%23");
    if (begins(path, RECORD_PATH) && rest.n == 0) {
        if (rdv_hex_decode(&record, 1, skip(path, strlen(RECORD_PATH))) != RDV_OK)
            return rdv_why_say(why, RDV_ERR_FORMAT, "a record is /record/XX, 00 to FF");
        uri->record = record;
        return RDV_OK;
    }
    if (path.n > 0 && !rdv_span_is(path, "/"))
        return rdv_why_say(why, RDV_ERR_FORMAT,
                           "behind the address there may be /record/XX or /?query=COMMAND");
    return rest.n == 0 ? RDV_OK : read_command(uri, skip(rest, 1), why);
}

static enum rdv_err read_all(struct rdv_uri *uri, const char *text, struct rdv_why *why)
{
    struct rdv_span rest = rdv_span_of(text), user, authority;
    enum rdv_err err;

    if (rest.n >= RDV_URI_MAX)
        return rdv_why_say(why, RDV_ERR_LIMIT, "a URI has at most %d characters", RDV_URI_MAX - 1);
    if (strncasecmp(text, SCHEME, strlen(SCHEME)) != 0)
        return rdv_why_say(why, RDV_ERR_FORMAT, "a URI begins with " SCHEME);
    rest = skip(rest, strlen(SCHEME));
    authority = cut(&rest, "/?#");
    user = cut(&authority, "@");
    if (authority.n == 0)
        return rdv_why_say(why, RDV_ERR_FORMAT,
                           "no secure element is named: " SCHEME "SEN@HOST:PORT/");
    uri->record = -1;
    if ((err = read_user(uri, user, why)) != RDV_OK ||
        (err = read_address(uri, skip(authority, 1), why)) != RDV_OK)
        return err;
    return read_resource(uri, rest, why);
}

enum rdv_err rdv_uri_parse(struct rdv_uri *out, const char *text, struct rdv_why *why)
{
    enum rdv_err err;

    rdv_uri_wipe(out);
    if ((err = read_all(out, text, why)) != RDV_OK)
        rdv_uri_wipe(out);
    return err;
}

void rdv_uri_wipe(struct rdv_uri *uri)
{
    rdv_wipe(uri, sizeof(*uri));
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum rdv_err put_encoded(struct rdv_buf *out, const char *text, const char *raw)
{
    enum rdv_err err = RDV_OK;

    for (const char *p = text; *p != '\0' && err == RDV_OK; p++) {
        char escape[4] = { *p, '\0' };

        if (strchr(raw, *p) == NULL) {
            escape[0] = '%';
            rdv_hex_encode(escape + 1, (struct rdv_span){ (const uint8_t *)p, 1 });
            escape[3] = '\0';
        }
        err = rdv_put_text(out, escape);
    }
    return err;
}

static enum rdv_err put_user(struct rdv_buf *out, const struct rdv_uri *uri, bool with_psk)
{
    enum rdv_err err;

    if ((err = rdv_put_text(out, SCHEME)) != RDV_OK ||
        (err = rdv_put_text(out, uri->sen)) != RDV_OK)
        return err;
    if (with_psk && uri->has_psk &&
        ((err = rdv_put_text(out, ":")) != RDV_OK ||
         (err = rdv_hex_put(out, (struct rdv_span){ uri->psk, sizeof(uri->psk) })) != RDV_OK))
        return err;
    if (uri->identity[0] == '\0')
        return RDV_OK;
    if ((err = rdv_put_text(out, "(")) != RDV_OK ||
        (err = put_encoded(out, uri->identity, UNRESERVED)) != RDV_OK)
        return err;
    return rdv_put_text(out, ")");
}

static enum rdv_err put_address(struct rdv_buf *out, const struct rdv_uri *uri)
{
    const bool brackets = strchr(uri->host, ':') != NULL;
    char port[8];
    enum rdv_err err;

    if (uri->host[0] == '\0')
        return rdv_put_text(out, "@" PLACEHOLDER);
    (void)snprintf(port, sizeof(port), ":%u", (unsigned)uri->port);
    if ((err = rdv_put_text(out, brackets ? "@[" : "@")) != RDV_OK ||
        (err = put_encoded(out, uri->host, UNRESERVED ":")) != RDV_OK ||
        (err = rdv_put_text(out, brackets ? "]" : "")) != RDV_OK)
        return err;
    return rdv_put_text(out, port);
}

static enum rdv_err put_resource(struct rdv_buf *out, const struct rdv_uri *uri)
{
    char record[sizeof(RECORD_PATH) + 2];
    enum rdv_err err;

    if (uri->record >= 0) {
        (void)snprintf(record, sizeof(record), RECORD_PATH "%02X", (unsigned)uri->record & 0xff);
        return rdv_put_text(out, record);
    }
    if (uri->command[0] == '\0')
        return rdv_put_text(out, "/");
    if ((err = rdv_put_text(out, "/?" QUERY)) != RDV_OK)
        return err;
    return put_encoded(out, uri->command, RAW_IN_COMMAND);
}

enum rdv_err rdv_uri_format(char *out, size_t size, const struct rdv_uri *uri, bool with_psk)
{
    struct rdv_buf text = RDV_BUF(4 * RDV_URI_MAX);
    enum rdv_err err;

    out[0] = '\0';
    if ((err = put_user(&text, uri, with_psk)) == RDV_OK &&
        (err = put_address(&text, uri)) == RDV_OK && (err = put_resource(&text, uri)) == RDV_OK)
        err = rdv_span_to_text(out, size, rdv_buf_view(&text));
    rdv_buf_free(&text);
    return err;
}
