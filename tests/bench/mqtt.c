/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/mqtt.h"

#include <string.h>

#define CONNECT 0x10
#define SUBSCRIBE 0x82
#define PUBLISH_QOS_1_RETAIN 0x33
#define PUBACK 0x40
#define CLEAN_START 0x02
#define VERSION 5
#define QOS_MASK 0x06
#define QOS_1 0x02

static enum rdv_err put_text16(struct rdv_buf *out, const char *text)
{
    enum rdv_err err;

    if ((err = rdv_put_u16(out, (uint16_t)strlen(text))) != RDV_OK)
        return err;
    return rdv_put_text(out, text);
}

/* Section 1.5.5: seven bits a byte, the lowest first. */
static enum rdv_err put_head(struct rdv_buf *out, uint8_t first, size_t n)
{
    enum rdv_err err = rdv_put_u8(out, first);

    while (err == RDV_OK && n > 127) {
        err = rdv_put_u8(out, (uint8_t)(n | 0x80));
        n >>= 7;
    }
    return err == RDV_OK ? rdv_put_u8(out, (uint8_t)n) : err;
}

enum rdv_err bench_mqtt_put_connect(struct rdv_buf *out, const char *client_id)
{
    enum rdv_err err;

    if ((err = put_head(out, CONNECT, 13 + strlen(client_id))) != RDV_OK ||
        (err = put_text16(out, "MQTT")) != RDV_OK || (err = rdv_put_u8(out, VERSION)) != RDV_OK ||
        (err = rdv_put_u8(out, CLEAN_START)) != RDV_OK ||
        (err = rdv_put_u16(out, 0)) != RDV_OK || /* keep alive: for ever */
        (err = rdv_put_u8(out, 0)) != RDV_OK)
        return err;
    return put_text16(out, client_id);
}

enum rdv_err bench_mqtt_put_subscribe(struct rdv_buf *out, uint16_t id, const char *filter)
{
    enum rdv_err err;

    if ((err = put_head(out, SUBSCRIBE, 6 + strlen(filter))) != RDV_OK ||
        (err = rdv_put_u16(out, id)) != RDV_OK || (err = rdv_put_u8(out, 0)) != RDV_OK ||
        (err = put_text16(out, filter)) != RDV_OK)
        return err;
    return rdv_put_u8(out, 1); /* QoS */
}

enum rdv_err bench_mqtt_put_publish(struct rdv_buf *out, uint16_t id, const char *topic,
                                    struct rdv_span payload)
{
    enum rdv_err err;

    if ((err = put_head(out, PUBLISH_QOS_1_RETAIN, 5 + strlen(topic) + payload.n)) != RDV_OK ||
        (err = put_text16(out, topic)) != RDV_OK || (err = rdv_put_u16(out, id)) != RDV_OK ||
        (err = rdv_put_u8(out, 0)) != RDV_OK)
        return err;
    return rdv_put_bytes(out, payload);
}

enum rdv_err bench_mqtt_put_puback(struct rdv_buf *out, uint16_t id)
{
    enum rdv_err err = put_head(out, PUBACK, 2);

    return err == RDV_OK ? rdv_put_u16(out, id) : err;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* A number of one to four bytes. */
static enum rdv_err get_varint(struct rdv_reader *rd, size_t *out)
{
    uint8_t byte = 0x80;
    enum rdv_err err;

    *out = 0;
    for (unsigned shift = 0; (byte & 0x80) != 0; shift += 7) {
        if (shift > 21)
            return RDV_ERR_FORMAT;
        if ((err = rdv_get_u8(rd, &byte)) != RDV_OK)
            return err;
        *out |= (size_t)(byte & 0x7f) << shift;
    }
    return RDV_OK;
}

static enum rdv_err skip_properties(struct rdv_reader *rd)
{
    struct rdv_span skipped;
    size_t n;
    enum rdv_err err = get_varint(rd, &n);

    return err == RDV_OK ? rdv_get_bytes(rd, &skipped, n) : err;
}

static enum rdv_err get_publish(struct bench_mqtt_packet *out, uint8_t first, struct rdv_reader *rd)
{
    enum rdv_err err;

    if ((first & QOS_MASK) != QOS_1)
        return RDV_ERR_FORMAT;
    if ((err = rdv_get_vec16(rd, &out->topic)) != RDV_OK ||
        (err = rdv_get_u16(rd, &out->id)) != RDV_OK || (err = skip_properties(rd)) != RDV_OK)
        return err;
    out->payload = rd->rest;
    return RDV_OK;
}

/* Section 3.4.2.1: a PUBACK without a reason means success. */
static enum rdv_err get_answer(struct bench_mqtt_packet *out, struct rdv_reader *rd)
{
    uint8_t flags;
    enum rdv_err err;

    if (out->type == BENCH_MQTT_CONNACK) {
        if ((err = rdv_get_u8(rd, &flags)) != RDV_OK)
            return err;
    } else if ((err = rdv_get_u16(rd, &out->id)) != RDV_OK) {
        return err;
    }
    if (out->type == BENCH_MQTT_SUBACK && (err = skip_properties(rd)) != RDV_OK)
        return err;
    if (rd->rest.n > 0)
        out->reason = rd->rest.p[0];
    return RDV_OK;
}

static enum rdv_err get_body(struct bench_mqtt_packet *out, uint8_t first, struct rdv_span body)
{
    struct rdv_reader rd = { body };

    switch (out->type) {
    case BENCH_MQTT_PUBLISH:
        return get_publish(out, first, &rd);
    case BENCH_MQTT_CONNACK:
    case BENCH_MQTT_PUBACK:
    case BENCH_MQTT_SUBACK:
        return get_answer(out, &rd);
    }
    return RDV_ERR_FORMAT;
}

enum rdv_err bench_mqtt_get(struct bench_mqtt_packet *out, struct rdv_span in, bool *whole)
{
    struct rdv_reader rd = { in };
    struct rdv_span body;
    uint8_t first;
    size_t n;
    enum rdv_err err;

    *out = (struct bench_mqtt_packet){ .n = 0 };
    *whole = false;
    if ((err = rdv_get_u8(&rd, &first)) != RDV_OK || (err = get_varint(&rd, &n)) != RDV_OK ||
        (err = rdv_get_bytes(&rd, &body, n)) != RDV_OK)
        return err == RDV_ERR_SHORT ? RDV_OK : err;
    *whole = true;
    out->type = (enum bench_mqtt_type)(first >> 4);
    out->n = in.n - rd.rest.n;
    return get_body(out, first, body) == RDV_OK ? RDV_OK : RDV_ERR_FORMAT;
}
