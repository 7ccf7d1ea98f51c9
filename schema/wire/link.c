/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/link.h"

#include <arpa/inet.h>
#include <string.h>

#define MAGIC "RDVL"
#define MAGIC_BYTES 4
#define WELCOME_BYTES 8

bool rdv_sen_is_valid(struct rdv_span sen)
{
    if (sen.n == 0 || sen.n > RDV_SEN_MAX || sen.p[0] == '.' || sen.p[0] == '-')
        return false;
    for (size_t i = 0; i < sen.n; i++) {
        const uint8_t c = sen.p[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_')
            return false;
    }
    return true;
}

static bool is_port(struct rdv_span text)
{
    unsigned long port = 0;

    if (text.n == 0 || text.n > 5 || text.p[0] == '0')
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        port = 10 * port + (unsigned long)(text.p[i] - '0');
    }
    return port <= 65535;
}

/* A name, or an IPv4 address, which looks like one. */
static bool is_host_name(struct rdv_span host)
{
    if (host.n == 0 || host.p[0] == '-')
        return false;
    for (size_t i = 0; i < host.n; i++) {
        const uint8_t c = host.p[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '-')
            return false;
    }
    return true;
}

static bool is_bracketed_ipv6(struct rdv_span host)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr in6;

    return host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']' &&
           rdv_span_to_text(text, sizeof(text), (struct rdv_span){ host.p + 1, host.n - 2 }) ==
                   RDV_OK &&
           inet_pton(AF_INET6, text, &in6) == 1;
}

bool rdv_reached_is_valid(struct rdv_span reached)
{
    struct rdv_span host, port;
    const uint8_t *colon;

    if (reached.n == 0 || reached.n > RDV_LINK_REACHED_MAX ||
        (colon = memrchr(reached.p, ':', reached.n)) == NULL)
        return false;
    host = (struct rdv_span){ reached.p, (size_t)(colon - reached.p) };
    port = (struct rdv_span){ colon + 1, reached.n - host.n - 1 };
    return is_port(port) && (is_host_name(host) || is_bracketed_ipv6(host));
}

enum rdv_err rdv_link_put_hello(struct rdv_buf *out, struct rdv_span sen, struct rdv_span address,
                                struct rdv_span reached)
{
    enum rdv_err err;

    if (sen.n > RDV_SEN_MAX || address.n > RDV_LINK_ADDRESS_MAX || reached.n > RDV_LINK_REACHED_MAX)
        return RDV_ERR_LIMIT;
    if ((err = rdv_put_text(out, MAGIC)) != RDV_OK ||
        (err = rdv_put_u8(out, RDV_LINK_MAJOR)) != RDV_OK ||
        (err = rdv_put_u8(out, RDV_LINK_MINOR)) != RDV_OK ||
        (err = rdv_put_vec8(out, sen)) != RDV_OK || (err = rdv_put_vec8(out, address)) != RDV_OK)
        return err;
    return rdv_put_vec8(out, reached);
}

/* The magic, as much of it as has arrived. */
static enum rdv_err check_magic(struct rdv_span in)
{
    const size_t n = in.n < MAGIC_BYTES ? in.n : MAGIC_BYTES;

    return rdv_span_equal((struct rdv_span){ in.p, n }, (struct rdv_span){ RDV_LIT(MAGIC).p, n })
                   ? RDV_OK
                   : RDV_ERR_FORMAT;
}

enum rdv_err rdv_link_get_hello(struct rdv_link_hello *out, size_t *used, struct rdv_span in)
{
    struct rdv_reader rd = { in };
    struct rdv_span magic;
    enum rdv_err err;

    *out = (struct rdv_link_hello){ 0 };
    *used = 0;
    if ((err = check_magic(in)) != RDV_OK)
        return err;
    if (rdv_get_bytes(&rd, &magic, MAGIC_BYTES) != RDV_OK ||
        rdv_get_u8(&rd, &out->major) != RDV_OK || rdv_get_u8(&rd, &out->minor) != RDV_OK)
        return RDV_OK;
    if (out->major != RDV_LINK_MAJOR) {
        *used = in.n - rd.rest.n;
        return RDV_OK;
    }
    if (rd.rest.n > 0 && rd.rest.p[0] > RDV_SEN_MAX)
        return RDV_ERR_LIMIT;
    if (rdv_get_vec8(&rd, &out->sen) != RDV_OK)
        return RDV_OK;
    if (rd.rest.n > 0 && rd.rest.p[0] > RDV_LINK_ADDRESS_MAX)
        return RDV_ERR_LIMIT;
    if (rdv_get_vec8(&rd, &out->address) == RDV_OK && rdv_get_vec8(&rd, &out->reached) == RDV_OK)
        *used = in.n - rd.rest.n;
    return RDV_OK;
}

enum rdv_err rdv_link_put_welcome(struct rdv_buf *out, enum rdv_link_status status, uint8_t flags)
{
    enum rdv_err err;

    if ((err = rdv_put_text(out, MAGIC)) != RDV_OK ||
        (err = rdv_put_u8(out, RDV_LINK_MAJOR)) != RDV_OK ||
        (err = rdv_put_u8(out, RDV_LINK_MINOR)) != RDV_OK ||
        (err = rdv_put_u8(out, (uint8_t)status)) != RDV_OK)
        return err;
    return rdv_put_u8(out, flags);
}

enum rdv_err rdv_link_get_welcome(struct rdv_link_welcome *out, size_t *used, struct rdv_span in)
{
    enum rdv_err err;

    *out = (struct rdv_link_welcome){ 0 };
    *used = 0;
    if ((err = check_magic(in)) != RDV_OK || in.n < WELCOME_BYTES)
        return err;
    *out = (struct rdv_link_welcome){ in.p[4], in.p[5], in.p[6], in.p[7] };
    *used = WELCOME_BYTES;
    return RDV_OK;
}

enum rdv_err rdv_link_get_frame(struct rdv_span *body, size_t *used, struct rdv_span in,
                                size_t most)
{
    struct rdv_reader rd = { in };
    uint32_t n;

    *body = (struct rdv_span){ NULL, 0 };
    *used = 0;
    if (rdv_get_u32(&rd, &n) != RDV_OK)
        return RDV_OK;
    if (n > most)
        return RDV_ERR_LIMIT;
    if (rdv_get_bytes(&rd, body, n) == RDV_OK)
        *used = RDV_LINK_FRAME_HEADER + n;
    return RDV_OK;
}

enum rdv_err rdv_link_put_record(struct rdv_buf *out, struct rdv_span record)
{
    const struct rdv_apdu apdu = {
        .ins = RDV_INS_SEND,
        .p2 = RDV_SEND_FIRST | RDV_SEND_LAST,
        .extended = true,
        .data = record,
        .le = 65536,
    };
    uint8_t *p;
    enum rdv_err err;

    if (record.n == 0 || record.n > RDV_TLS_RECORD_MAX)
        return RDV_ERR_LIMIT;
    /* Room for both first, so that a frame is never left half written. */
    if ((err = rdv_buf_room(out, &p,
                            RDV_LINK_FRAME_HEADER + RDV_APDU_EXTENDED_OVERHEAD + record.n)) !=
                RDV_OK ||
        (err = rdv_put_u32(out, (uint32_t)(RDV_APDU_EXTENDED_OVERHEAD + record.n))) != RDV_OK)
        return err;
    return rdv_apdu_encode(out, &apdu);
}

enum rdv_err rdv_link_put_get_response(struct rdv_buf *out)
{
    static const uint8_t frame[] = { 0, 0, 0, 7, 0, RDV_INS_GET_RESPONSE, 0, 0, 0, 0, 0 };

    return rdv_put_bytes(out, (struct rdv_span){ frame, sizeof(frame) });
}

enum rdv_err rdv_link_put_response(struct rdv_buf *out, struct rdv_span data, uint16_t sw)
{
    uint8_t *p;
    enum rdv_err err;

    if (data.n > RDV_LINK_RESPONSE_MAX - 2)
        return RDV_ERR_LIMIT;
    if ((err = rdv_buf_room(out, &p, RDV_LINK_FRAME_HEADER + data.n + 2)) != RDV_OK ||
        (err = rdv_put_u32(out, (uint32_t)(data.n + 2))) != RDV_OK ||
        (err = rdv_put_bytes(out, data)) != RDV_OK)
        return err;
    return rdv_put_u16(out, sw);
}
