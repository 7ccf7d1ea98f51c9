/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/client_hello.h"

#include "schema/wire/tls_record.h"

#define HANDSHAKE_HEADER 4
#define TYPE_CLIENT_HELLO 1

enum extension {
    SERVER_NAME = 0,
    SUPPORTED_GROUPS = 10,
    PRE_SHARED_KEY = 41,
    SUPPORTED_VERSIONS = 43,
    PSK_KEY_EXCHANGE_MODES = 45,
};

/* ServerNameList: 16-bit length, then entries of type(1) and a 16-bit counted name. There is no
 * type but 0 and one name of a type, so one entry (RFC 6066 section 3). */
static enum rdv_err read_server_name(struct rdv_client_hello *out, struct rdv_span body)
{
    struct rdv_reader rd = { body }, list;
    enum rdv_err err;
    uint8_t type;

    if ((err = rdv_get_vec16(&rd, &list.rest)) != RDV_OK || (err = rdv_get_end(&rd)) != RDV_OK ||
        (err = rdv_get_u8(&list, &type)) != RDV_OK ||
        (err = rdv_get_vec16(&list, &out->server_name)) != RDV_OK ||
        (err = rdv_get_end(&list)) != RDV_OK)
        return err;
    if (type != 0)
        return RDV_ERR_FORMAT;
    out->has_server_name = true;
    return RDV_OK;
}

/* SupportedVersions: 8-bit length, then 16-bit versions. */
static enum rdv_err read_versions(struct rdv_client_hello *out, struct rdv_span body)
{
    struct rdv_reader rd = { body }, list;
    enum rdv_err err;
    uint16_t version;

    if ((err = rdv_get_vec8(&rd, &list.rest)) != RDV_OK || (err = rdv_get_end(&rd)) != RDV_OK)
        return err;
    out->has_supported_versions = true;
    while (list.rest.n > 0) {
        if ((err = rdv_get_u16(&list, &version)) != RDV_OK)
            return err;
        out->offers_tls13 |= version == 0x0304;
    }
    return RDV_OK;
}

/* NamedGroupList: 16-bit length, then 16-bit groups. */
static enum rdv_err read_groups(struct rdv_client_hello *out, struct rdv_span body)
{
    struct rdv_reader rd = { body }, list;
    enum rdv_err err;
    uint16_t group;

    if ((err = rdv_get_vec16(&rd, &list.rest)) != RDV_OK || (err = rdv_get_end(&rd)) != RDV_OK)
        return err;
    out->has_groups = true;
    while (list.rest.n > 0) {
        if ((err = rdv_get_u16(&list, &group)) != RDV_OK)
            return err;
        out->offers_group |= group == 0x0017 || group == 0x001d;
    }
    return RDV_OK;
}

/* PskKeyExchangeModes: 8-bit length, then one byte each. */
static enum rdv_err read_psk_modes(struct rdv_client_hello *out, struct rdv_span body)
{
    struct rdv_reader rd = { body };
    struct rdv_span modes;
    enum rdv_err err;

    if ((err = rdv_get_vec8(&rd, &modes)) != RDV_OK || (err = rdv_get_end(&rd)) != RDV_OK)
        return err;
    out->has_psk_modes = true;
    for (size_t i = 0; i < modes.n; i++)
        out->offers_psk_dhe |= modes.p[i] == 1;
    return RDV_OK;
}

/* OfferedPsks: identities (16-bit counted identity, 32-bit age), then binders. */
static enum rdv_err read_psk(struct rdv_client_hello *out, struct rdv_span body)
{
    struct rdv_reader rd = { body }, identities;
    struct rdv_reader binders;
    struct rdv_span identity;
    enum rdv_err err;
    uint32_t age;

    if ((err = rdv_get_vec16(&rd, &identities.rest)) != RDV_OK)
        return err;
    out->before_binders.p = rd.rest.p; /* its length follows: see decode */
    if ((err = rdv_get_vec16(&rd, &binders.rest)) != RDV_OK || (err = rdv_get_end(&rd)) != RDV_OK ||
        (err = rdv_get_vec8(&binders, &out->first_binder)) != RDV_OK)
        return err;
    if (identities.rest.n == 0)
        return RDV_ERR_FORMAT;
    while (identities.rest.n > 0) {
        if ((err = rdv_get_vec16(&identities, &identity)) != RDV_OK ||
            (err = rdv_get_u32(&identities, &age)) != RDV_OK)
            return err;
        if (!out->has_psk)
            out->first_identity = identity;
        out->has_psk = true;
    }
    return RDV_OK;
}

static enum rdv_err read_extension(struct rdv_client_hello *out, uint16_t type,
                                   struct rdv_span body)
{
    /* A second one of a kind would leave two readers with two opinions (RFC 8446 section 4.2). */
    switch (type) {
    case SERVER_NAME:
        return out->has_server_name ? RDV_ERR_FORMAT : read_server_name(out, body);
    case SUPPORTED_GROUPS:
        return out->has_groups ? RDV_ERR_FORMAT : read_groups(out, body);
    case SUPPORTED_VERSIONS:
        return out->has_supported_versions ? RDV_ERR_FORMAT : read_versions(out, body);
    case PSK_KEY_EXCHANGE_MODES:
        return out->has_psk_modes ? RDV_ERR_FORMAT : read_psk_modes(out, body);
    case PRE_SHARED_KEY:
        return read_psk(out, body);
    default:
        return RDV_OK;
    }
}

static enum rdv_err read_body(struct rdv_client_hello *out, struct rdv_span body)
{
    struct rdv_reader rd = { body }, extensions;
    struct rdv_span random, session, compression, extension;
    uint16_t version, type;
    enum rdv_err err;

    if ((err = rdv_get_u16(&rd, &version)) != RDV_OK ||
        (err = rdv_get_bytes(&rd, &random, 32)) != RDV_OK ||
        (err = rdv_get_vec8(&rd, &session)) != RDV_OK ||
        (err = rdv_get_vec16(&rd, &out->cipher_suites)) != RDV_OK ||
        (err = rdv_get_vec8(&rd, &compression)) != RDV_OK)
        return err;
    if (version >> 8 != 3 || session.n > 32 || out->cipher_suites.n % 2 != 0)
        return RDV_ERR_FORMAT;
    if (rd.rest.n == 0) /* before TLS 1.3 there may be no extensions at all */
        return RDV_OK;
    if ((err = rdv_get_vec16(&rd, &extensions.rest)) != RDV_OK ||
        (err = rdv_get_end(&rd)) != RDV_OK)
        return err;
    while (extensions.rest.n > 0) {
        if (out->has_psk) /* it must be the last (RFC 8446 section 4.2.11) */
            return RDV_ERR_FORMAT;
        if ((err = rdv_get_u16(&extensions, &type)) != RDV_OK ||
            (err = rdv_get_vec16(&extensions, &extension)) != RDV_OK ||
            (err = read_extension(out, type, extension)) != RDV_OK)
            return err;
    }
    return RDV_OK;
}

enum rdv_err rdv_client_hello_decode(struct rdv_client_hello *out, struct rdv_span message)
{
    struct rdv_reader rd = { message };
    struct rdv_span body;
    uint8_t type;
    uint32_t n;

    *out = (struct rdv_client_hello){ 0 };
    if (rdv_get_u8(&rd, &type) != RDV_OK || type != TYPE_CLIENT_HELLO ||
        rdv_get_u24(&rd, &n) != RDV_OK || rdv_get_bytes(&rd, &body, n) != RDV_OK ||
        rdv_get_end(&rd) != RDV_OK || read_body(out, body) != RDV_OK) {
        *out = (struct rdv_client_hello){ 0 };
        return RDV_ERR_FORMAT;
    }
    if (out->has_psk)
        out->before_binders = (struct rdv_span){
            message.p,
            (size_t)(out->before_binders.p - message.p),
        };
    return RDV_OK;
}

/* True when the message holds all its header promises. A wrong header is an error at once. */
static enum rdv_err message_is_whole(bool *whole, const struct rdv_buf *message)
{
    const struct rdv_span m = rdv_buf_view(message);
    struct rdv_reader rd = { m };
    uint8_t type;
    uint32_t n;

    *whole = false;
    if (m.n > 0 && m.p[0] != TYPE_CLIENT_HELLO)
        return RDV_ERR_FORMAT;
    if (rdv_get_u8(&rd, &type) != RDV_OK || rdv_get_u24(&rd, &n) != RDV_OK)
        return RDV_OK;
    if (n > RDV_CLIENT_HELLO_MAX - HANDSHAKE_HEADER)
        return RDV_ERR_LIMIT;
    *whole = rd.rest.n >= n; /* of more than that, decoding complains */
    return RDV_OK;
}

enum rdv_err rdv_client_hello_collect(struct rdv_client_hello *out, size_t *n_records_bytes,
                                      struct rdv_buf *message, struct rdv_span in)
{
    struct rdv_span rest = in, record;
    bool whole = false;
    size_t n_records = 0;
    enum rdv_err err;

    *out = (struct rdv_client_hello){ 0 };
    *n_records_bytes = 0;
    rdv_buf_clear(message);
    for (;;) {
        if ((err = rdv_tls_record_peek(&record, rest)) != RDV_OK)
            return err;
        if (rest.n > 0 && rest.p[0] != RDV_TLS_HANDSHAKE)
            return RDV_ERR_FORMAT;
        if (record.n == 0)
            return RDV_OK;
        if (record.n == RDV_TLS_HEADER) /* RFC 8446 section 5.1: no empty handshake fragments */
            return RDV_ERR_FORMAT;
        if (n_records++ == RDV_CLIENT_HELLO_RECORDS)
            return RDV_ERR_LIMIT;
        rest.p += record.n;
        rest.n -= record.n;
        record.p += RDV_TLS_HEADER;
        record.n -= RDV_TLS_HEADER;
        if ((err = rdv_put_bytes(message, record)) != RDV_OK ||
            (err = message_is_whole(&whole, message)) != RDV_OK)
            return err;
        if (whole) {
            *n_records_bytes = in.n - rest.n;
            return rdv_client_hello_decode(out, rdv_buf_view(message));
        }
    }
}
