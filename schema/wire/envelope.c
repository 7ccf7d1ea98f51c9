/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/envelope.h"

#include <string.h>
#include <strings.h>

#define CTI_BYTES 8

/* COSE_Key (RFC 9052 section 7, RFC 8812 section 3.1). */
enum { KEY_TYPE = 1, KEY_ID = 2, KEY_ALG = 3, KEY_CURVE = -1, KEY_X = -2, KEY_Y = -3 };
#define KEY_TYPE_EC2 2
#define CURVE_SECP256K1 8

/* --- what may be said ------------------------------------------------------------------------- */

static bool is_entry(const struct rdv_envelope *in)
{
    return in->topic.kind == RDV_TOPIC_RECORD || in->topic.kind == RDV_TOPIC_CARD;
}

static bool is_printable(struct rdv_span text, size_t most)
{
    if (text.n == 0 || text.n > most || text.p[0] == ' ' || text.p[text.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < ' ' || text.p[i] > '~')
            return false;
    }
    return true;
}

bool rdv_media_type_is_valid(struct rdv_span type)
{
    const struct rdv_span reserved = RDV_LIT(RDV_TYPE_RESERVED);
    const uint8_t *slash;

    if (!is_printable(type, RDV_MEDIA_TYPE_MAX) || (slash = memchr(type.p, '/', type.n)) == NULL ||
        slash == type.p || slash == type.p + type.n - 1)
        return false;
    return type.n < reserved.n ||
           strncasecmp((const char *)type.p, (const char *)reserved.p, reserved.n) != 0;
}

static bool is_zero(const uint8_t hash[RDV_ENVELOPE_HASH_BYTES])
{
    static const uint8_t zeros[RDV_ENVELOPE_HASH_BYTES] = { 0 };

    return memcmp(hash, zeros, sizeof(zeros)) == 0;
}

static bool entry_is_valid(const struct rdv_envelope *in)
{
    const struct rdv_entry *e = &in->entry;

    return e->seq > 0 && e->n > 0 && (e->n == 1) == is_zero(e->prev) &&
           is_printable(e->author, RDV_AUTHOR_MAX) && e->content.n <= RDV_RPC_CONTENT_MAX &&
           (in->topic.kind == RDV_TOPIC_CARD ? rdv_span_is(e->type, RDV_TYPE_CARD)
                                             : rdv_media_type_is_valid(e->type));
}

static bool is_valid(const struct rdv_envelope *in)
{
    if (!rdv_sen_is_valid(rdv_span_of(in->topic.sen)) || in->time < 0)
        return false;
    if (is_entry(in))
        return entry_is_valid(in);
    if (in->topic.kind == RDV_TOPIC_HEAD)
        return (in->head.n == 0) == is_zero(in->head.hash) && in->head.until >= in->time;
    return in->topic.kind == RDV_TOPIC_KEY && in->keys.n > 0 && in->keys.n <= RDV_ENVELOPE_KEYS_MAX;
}

/* --- writing: labels in the order of their encoding ------------------------------------------- */

static enum rdv_err put_text(struct rdv_buf *out, int64_t label, struct rdv_span text)
{
    const enum rdv_err err = rdv_cbor_put_int(out, label);

    return err != RDV_OK ? err : rdv_cbor_put_text(out, text);
}

static enum rdv_err put_bytes(struct rdv_buf *out, int64_t label, const uint8_t *p, size_t n)
{
    const enum rdv_err err = rdv_cbor_put_int(out, label);

    return err != RDV_OK ? err : rdv_cbor_put_bytes(out, (struct rdv_span){ p, n });
}

static enum rdv_err put_int(struct rdv_buf *out, int64_t label, int64_t n)
{
    const enum rdv_err err = rdv_cbor_put_int(out, label);

    return err != RDV_OK ? err : rdv_cbor_put_int(out, n);
}

static enum rdv_err put_entry_claims(struct rdv_buf *out, const struct rdv_entry *in)
{
    uint8_t cti[CTI_BYTES];
    enum rdv_err err;

    for (size_t i = 0; i < sizeof(cti); i++)
        cti[i] = (uint8_t)(in->seq >> 8 * (sizeof(cti) - 1 - i));
    if ((err = put_bytes(out, RDV_CWT_CTI, cti, sizeof(cti))) != RDV_OK ||
        (err = rdv_cbor_put_int(out, RDV_CLAIM_N)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, in->n)) != RDV_OK ||
        (err = put_bytes(out, RDV_CLAIM_PREV, in->prev, sizeof(in->prev))) != RDV_OK)
        return err;
    return put_text(out, RDV_CLAIM_AUTHOR, in->author);
}

static enum rdv_err put_claims(struct rdv_buf *out, const struct rdv_envelope *in)
{
    char subject[RDV_SUBJECT_MAX + 1], topic[RDV_TOPIC_MAX + 1];
    enum rdv_err err;

    rdv_subject_print(subject, &in->topic);
    rdv_topic_print(topic, &in->topic);
    if ((err = rdv_cbor_put_map(out, is_entry(in) ? 8 : 4)) != RDV_OK ||
        (err = put_text(out, RDV_CWT_ISS, rdv_span_of(in->topic.sen))) != RDV_OK ||
        (err = put_text(out, RDV_CWT_SUB, rdv_span_of(subject))) != RDV_OK ||
        (err = put_int(out, RDV_CWT_IAT, in->time)) != RDV_OK ||
        (is_entry(in) && (err = put_entry_claims(out, &in->entry)) != RDV_OK))
        return err;
    return put_text(out, RDV_CLAIM_TOPIC, rdv_span_of(topic));
}

static struct rdv_span type_of(const struct rdv_envelope *in)
{
    return is_entry(in)                       ? in->entry.type
           : in->topic.kind == RDV_TOPIC_HEAD ? RDV_LIT(RDV_TYPE_HEAD)
                                              : RDV_LIT(RDV_TYPE_KEYS);
}

enum rdv_err rdv_envelope_put_protected(struct rdv_buf *out, const struct rdv_envelope *in)
{
    enum rdv_err err;

    if (!is_valid(in))
        return RDV_ERR_RANGE;
    if ((err = rdv_cbor_put_map(out, 4)) != RDV_OK ||
        (err = put_int(out, RDV_COSE_ALG, RDV_COSE_ES256K)) != RDV_OK ||
        (err = put_text(out, RDV_COSE_CONTENT_TYPE, type_of(in))) != RDV_OK ||
        (err = put_bytes(out, RDV_COSE_KID, in->kid, sizeof(in->kid))) != RDV_OK ||
        (err = rdv_cbor_put_int(out, RDV_COSE_CLAIMS)) != RDV_OK)
        return err;
    return put_claims(out, in);
}

static enum rdv_err put_head(struct rdv_buf *out, const struct rdv_envelope *in)
{
    struct rdv_cbor_map map;
    enum rdv_err err;

    if ((err = rdv_cbor_map_begin(&map, out)) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "n")) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, in->head.n)) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "hash")) != RDV_OK ||
        (err = rdv_cbor_put_bytes(
                 out, (struct rdv_span){ in->head.hash, sizeof(in->head.hash) })) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "time")) != RDV_OK ||
        (err = rdv_cbor_put_int(out, in->time)) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "until")) != RDV_OK ||
        (err = rdv_cbor_put_int(out, in->head.until)) != RDV_OK ||
        (err = rdv_cbor_map_key(&map, "record")) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, in->topic.record)) != RDV_OK)
        return err;
    return rdv_cbor_map_end(&map);
}

static enum rdv_err put_keys(struct rdv_buf *out, const struct rdv_key_set *in)
{
    enum rdv_err err = rdv_cbor_put_array(out, in->n);

    for (size_t i = 0; i < in->n && err == RDV_OK; i++) {
        const struct rdv_public_key *key = &in->keys[i];

        if ((err = rdv_cbor_put_map(out, 6)) != RDV_OK ||
            (err = put_int(out, KEY_TYPE, KEY_TYPE_EC2)) != RDV_OK ||
            (err = put_bytes(out, KEY_ID, key->kid, sizeof(key->kid))) != RDV_OK ||
            (err = put_int(out, KEY_ALG, RDV_COSE_ES256K)) != RDV_OK ||
            (err = put_int(out, KEY_CURVE, CURVE_SECP256K1)) != RDV_OK ||
            (err = put_bytes(out, KEY_X, key->x, sizeof(key->x))) != RDV_OK)
            return err;
        err = put_bytes(out, KEY_Y, key->y, sizeof(key->y));
    }
    return err;
}

enum rdv_err rdv_envelope_put_payload(struct rdv_buf *out, const struct rdv_envelope *in)
{
    if (!is_valid(in))
        return RDV_ERR_RANGE;
    if (is_entry(in))
        return rdv_put_bytes(out, in->entry.content);
    return in->topic.kind == RDV_TOPIC_HEAD ? put_head(out, in) : put_keys(out, &in->keys);
}

/* --- reading: values at their places; what stands between them is checked by writing it again ---
 */

static enum rdv_err get(struct rdv_reader *rd, enum rdv_cbor_type type, struct rdv_cbor *out)
{
    const enum rdv_err err = rdv_cbor_get(rd, out);

    return err == RDV_OK && out->type != type ? RDV_ERR_FORMAT : err;
}

/* The value behind a label. */
static enum rdv_err get_value(struct rdv_reader *rd, enum rdv_cbor_type type, struct rdv_cbor *out)
{
    const enum rdv_err err = rdv_cbor_get(rd, out);

    return err != RDV_OK ? err : get(rd, type, out);
}

static enum rdv_err get_span(struct rdv_reader *rd, enum rdv_cbor_type type, struct rdv_span *out)
{
    struct rdv_cbor item;
    const enum rdv_err err = get_value(rd, type, &item);

    *out = item.bytes;
    return err;
}

static enum rdv_err get_uint(struct rdv_reader *rd, uint64_t *out)
{
    struct rdv_cbor item;
    const enum rdv_err err = get_value(rd, RDV_CBOR_UINT, &item);

    *out = item.n;
    return err;
}

static enum rdv_err get_time(struct rdv_reader *rd, int64_t *out)
{
    uint64_t n;
    const enum rdv_err err = get_uint(rd, &n);

    *out = 0;
    if (err != RDV_OK || n > INT64_MAX)
        return RDV_ERR_FORMAT;
    *out = (int64_t)n;
    return RDV_OK;
}

static enum rdv_err get_fixed(struct rdv_reader *rd, uint8_t *out, size_t n)
{
    struct rdv_span bytes;

    if (get_span(rd, RDV_CBOR_BYTES, &bytes) != RDV_OK || bytes.n != n)
        return RDV_ERR_FORMAT;
    memcpy(out, bytes.p, n);
    return RDV_OK;
}

static enum rdv_err get_entry_claims(struct rdv_reader *rd, struct rdv_entry *out)
{
    uint8_t cti[CTI_BYTES];
    enum rdv_err err;

    if ((err = get_fixed(rd, cti, sizeof(cti))) != RDV_OK)
        return err;
    for (size_t i = 0; i < sizeof(cti); i++)
        out->seq = out->seq << 8 | cti[i];
    if ((err = get_uint(rd, &out->n)) != RDV_OK ||
        (err = get_fixed(rd, out->prev, sizeof(out->prev))) != RDV_OK)
        return err;
    return get_span(rd, RDV_CBOR_TEXT, &out->author);
}

static enum rdv_err get_protected(struct rdv_envelope *out, struct rdv_span bytes)
{
    struct rdv_reader rd = { bytes };
    struct rdv_span type, sen, subject;
    struct rdv_cbor item;
    enum rdv_err err;

    if ((err = get(&rd, RDV_CBOR_MAP, &item)) != RDV_OK ||
        (err = get_value(&rd, RDV_CBOR_NEGATIVE, &item)) != RDV_OK ||
        (err = get_span(&rd, RDV_CBOR_TEXT, &type)) != RDV_OK ||
        (err = get_fixed(&rd, out->kid, sizeof(out->kid))) != RDV_OK ||
        (err = get_value(&rd, RDV_CBOR_MAP, &item)) != RDV_OK ||
        (err = get_span(&rd, RDV_CBOR_TEXT, &sen)) != RDV_OK ||
        (err = get_span(&rd, RDV_CBOR_TEXT, &subject)) != RDV_OK ||
        (err = rdv_subject_parse(&out->topic, sen, subject)) != RDV_OK ||
        (err = get_time(&rd, &out->time)) != RDV_OK || !is_entry(out))
        return err;
    out->entry.type = type;
    return get_entry_claims(&rd, &out->entry);
}

static enum rdv_err get_head(struct rdv_head *out, struct rdv_span bytes)
{
    struct rdv_reader rd = { bytes };
    struct rdv_cbor item;
    int64_t time;
    enum rdv_err err;

    if ((err = get(&rd, RDV_CBOR_MAP, &item)) != RDV_OK ||
        (err = get_uint(&rd, &out->n)) != RDV_OK ||
        (err = get_fixed(&rd, out->hash, sizeof(out->hash))) != RDV_OK ||
        (err = get_time(&rd, &time)) != RDV_OK)
        return err;
    return get_time(&rd, &out->until);
}

static enum rdv_err get_keys(struct rdv_key_set *out, struct rdv_span bytes)
{
    struct rdv_reader rd = { bytes };
    struct rdv_cbor item;
    enum rdv_err err;

    if ((err = get(&rd, RDV_CBOR_ARRAY, &item)) != RDV_OK)
        return err;
    if (item.n > RDV_ENVELOPE_KEYS_MAX)
        return RDV_ERR_FORMAT;
    out->n = (size_t)item.n;
    for (size_t i = 0; i < out->n; i++) {
        struct rdv_public_key *key = &out->keys[i];

        if ((err = get(&rd, RDV_CBOR_MAP, &item)) != RDV_OK ||
            (err = get_value(&rd, RDV_CBOR_UINT, &item)) != RDV_OK ||
            (err = get_fixed(&rd, key->kid, sizeof(key->kid))) != RDV_OK ||
            (err = get_value(&rd, RDV_CBOR_NEGATIVE, &item)) != RDV_OK ||
            (err = get_value(&rd, RDV_CBOR_UINT, &item)) != RDV_OK ||
            (err = get_fixed(&rd, key->x, sizeof(key->x))) != RDV_OK ||
            (err = get_fixed(&rd, key->y, sizeof(key->y))) != RDV_OK)
            return err;
    }
    return RDV_OK;
}

/* Whether the parts are what would be written. */
static enum rdv_err check_encoding(const struct rdv_envelope *in, const struct rdv_cose *parts)
{
    struct rdv_buf again = RDV_BUF(RDV_ENVELOPE_PROTECTED_MAX + RDV_ENVELOPE_PAYLOAD_MAX);
    enum rdv_err err;

    if ((err = rdv_envelope_put_protected(&again, in)) == RDV_OK &&
        !rdv_span_equal(rdv_buf_view(&again), parts->protected))
        err = RDV_ERR_FORMAT;
    if (err == RDV_OK && !is_entry(in)) {
        rdv_buf_clear(&again);
        if ((err = rdv_envelope_put_payload(&again, in)) == RDV_OK &&
            !rdv_span_equal(rdv_buf_view(&again), parts->payload))
            err = RDV_ERR_FORMAT;
    }
    rdv_buf_free(&again);
    return err == RDV_ERR_RANGE ? RDV_ERR_FORMAT : err;
}

/* Of r, s and r, n - s, which both verify, only the one with the lower s is written. */
static bool is_low(struct rdv_span signature)
{
    static const uint8_t half_order[32] = {
        0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x5D, 0x57, 0x6E, 0x73, 0x57, 0xA4,
        0x50, 0x1D, 0xDF, 0xE9, 0x2F, 0x46, 0x68, 0x1B, 0x20, 0xA0,
    };

    return memcmp(signature.p + RDV_COSE_SIGNATURE_BYTES / 2, half_order, sizeof(half_order)) <= 0;
}

static size_t string_size(size_t n)
{
    return n + (n < 24 ? 1 : n <= UINT8_MAX ? 2 : n <= UINT16_MAX ? 3 : 5);
}

enum rdv_err rdv_envelope_get(struct rdv_envelope *out, struct rdv_cose *parts,
                              struct rdv_span message)
{
    enum rdv_err err;

    *out = (struct rdv_envelope){ .time = 0 };
    if (message.n > RDV_ENVELOPE_MAX)
        return RDV_ERR_LIMIT;
    if ((err = rdv_cose_get(parts, message)) != RDV_OK)
        return err;
    /* Tag, array and empty map, and each length in its shortest form. */
    if (message.n != 3 + string_size(parts->protected.n) + string_size(parts->payload.n) +
                             string_size(parts->signature.n) ||
        parts->protected.n > RDV_ENVELOPE_PROTECTED_MAX || !is_low(parts->signature) ||
        get_protected(out, parts->protected) != RDV_OK)
        return RDV_ERR_FORMAT;
    if (is_entry(out))
        out->entry.content = parts->payload;
    else if (out->topic.kind == RDV_TOPIC_HEAD)
        err = get_head(&out->head, parts->payload);
    else
        err = get_keys(&out->keys, parts->payload);
    return err == RDV_OK ? check_encoding(out, parts) : RDV_ERR_FORMAT;
}
