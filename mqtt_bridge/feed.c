/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/feed.h"

#define LIST_MOST 256 /* entries that a card says at once */
#define TOO_LARGE "too large for the broker"
#define DAMAGED "damaged"

/* --- asking ----------------------------------------------------------------------------------- */

static enum rdv_err ask_for_entries(struct rdv_session *s, const struct bridge_ask *ask)
{
    const struct rdv_param params[] = {
        RDV_NUMBER("from", ask->seq),
        RDV_NUMBER("seconds", ask->wait_s),
        RDV_NUMBER("count", ask->count < LIST_MOST ? ask->count : LIST_MOST),
        RDV_END,
    };

    return rdv_session_call(s, "wait", params, NULL);
}

static enum rdv_err ask_for_heads(struct rdv_session *s, const struct bridge_ask *ask)
{
    const struct rdv_param one[] = { RDV_NUMBER("record", (uint64_t)ask->record), RDV_END };

    return rdv_session_call(s, "head", ask->record < 0 ? NULL : one, NULL);
}

/* With 0 it changes nothing but that the consumer is there: then nothing is let go before it. */
static enum rdv_err ask_for_cursor(struct rdv_session *s, const char *consumer)
{
    const struct rdv_param params[] = { RDV_TEXT("consumer", consumer), RDV_NUMBER("seq", 0),
                                        RDV_END };

    return rdv_session_call(s, "ack", params, NULL);
}

static enum rdv_err acknowledge(struct rdv_session *s, const char *consumer,
                                const struct bridge_ask *ask)
{
    const struct rdv_param params[] = { RDV_TEXT("consumer", consumer), RDV_NUMBER("seq", ask->seq),
                                        RDV_NUMBER("was", ask->was), RDV_END };

    return rdv_session_call(s, "ack", params, NULL);
}

static enum rdv_err skip(struct rdv_session *s, const char *consumer, const struct bridge_ask *ask)
{
    const struct rdv_param params[] = { RDV_TEXT("consumer", consumer), RDV_NUMBER("seq", ask->seq),
                                        RDV_TEXT("why", ask->damaged ? DAMAGED : TOO_LARGE),
                                        RDV_END };

    return rdv_session_call(s, "consumer skip", params, NULL);
}

enum rdv_err bridge_feed_ask(struct rdv_session *s, const char *consumer,
                             const struct bridge_ask *ask)
{
    const struct rdv_param seq[] = { RDV_NUMBER("seq", ask->seq), RDV_END };

    switch (ask->kind) {
    case BRIDGE_ASK_CURSOR:
        return ask_for_cursor(s, consumer);
    case BRIDGE_ASK_KEYS:
        return rdv_session_call(s, "identity keys", NULL, NULL);
    case BRIDGE_ASK_HEADS:
        return ask_for_heads(s, ask);
    case BRIDGE_ASK_ENTRIES:
        return ask_for_entries(s, ask);
    case BRIDGE_ASK_ENTRY:
        return rdv_session_call(s, "receipt", seq, NULL);
    case BRIDGE_ASK_ACK:
        return acknowledge(s, consumer, ask);
    default:
        return skip(s, consumer, ask);
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

static bool number_in(struct rdv_value map, const char *key, uint64_t *out)
{
    return rdv_value_number(rdv_value_in(map, key), out);
}

static bool bytes_in(struct rdv_value map, const char *key, struct rdv_span *out)
{
    return rdv_value_bytes(rdv_value_in(map, key), &out->p, &out->n);
}

/* Where there is no record, it is about the card; where there is no envelope, it is damaged. */
static enum rdv_err take_entry(struct bridge *b, struct rdv_value said)
{
    struct bridge_entry e = { 0 };
    uint64_t chain;
    bool damaged;

    if (!number_in(said, "record", &chain))
        chain = BRIDGE_CHAIN_CARD;
    (void)number_in(said, "expires", &e.expires);
    (void)rdv_value_bool(rdv_value_in(said, "damaged"), &damaged);
    if (!number_in(said, "seq", &e.seq) || !number_in(said, "n", &e.n) ||
        chain > BRIDGE_CHAIN_CARD || (!bytes_in(said, "envelope", &e.envelope) && !damaged))
        return RDV_ERR_FORMAT;
    e.chain = (unsigned)chain;
    return bridge_take_entry(b, &e);
}

static enum rdv_err take_head(struct bridge *b, struct rdv_value said)
{
    struct rdv_span envelope;
    uint64_t record, seq;

    if (!number_in(said, "record", &record) || record > 255 || !number_in(said, "seq", &seq) ||
        !bytes_in(said, "envelope", &envelope))
        return RDV_ERR_FORMAT;
    return bridge_take_head(b, (unsigned)record, seq, envelope);
}

static enum rdv_err take_each(struct bridge *b, struct rdv_value result,
                              enum rdv_err (*take)(struct bridge *b, struct rdv_value said))
{
    struct rdv_items items = rdv_value_items(rdv_value_in(result, "list"));
    struct rdv_value none, said;
    enum rdv_err err = RDV_OK;

    while (err == RDV_OK && rdv_items_next(&items, &none, &said))
        err = take(b, said);
    return err;
}

static enum rdv_err take_cursor(struct bridge *b, struct rdv_value result, uint64_t now)
{
    uint64_t seq;

    if (!number_in(result, "seq", &seq))
        return RDV_ERR_FORMAT;
    bridge_take_cursor(b, seq, now);
    return RDV_OK;
}

static enum rdv_err take_keys(struct bridge *b, struct rdv_value result)
{
    struct rdv_span envelope;

    if (!bytes_in(result, "envelope", &envelope))
        return RDV_ERR_FORMAT;
    return bridge_take_keys(b, envelope);
}

static enum rdv_err take_result(struct bridge *b, const struct bridge_ask *asked,
                                struct rdv_value result, uint64_t now)
{
    switch (asked->kind) {
    case BRIDGE_ASK_CURSOR:
        return take_cursor(b, result, now);
    case BRIDGE_ASK_KEYS:
        return take_keys(b, result);
    case BRIDGE_ASK_HEADS:
        return take_each(b, result, take_head);
    case BRIDGE_ASK_ENTRIES:
        return take_each(b, result, take_entry);
    case BRIDGE_ASK_ENTRY:
        return take_entry(b, result);
    default:
        return RDV_OK;
    }
}

enum rdv_err bridge_feed_take(struct bridge *b, const struct bridge_ask *asked,
                              const struct rdv_answer *answer, uint64_t now)
{
    enum rdv_err err;

    if (answer->err == RDV_OK && (err = take_result(b, asked, answer->result, now)) != RDV_OK)
        return err;
    return bridge_answered(b, answer->err, now);
}
