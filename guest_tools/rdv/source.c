/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "guest_tools/rdv/files.h"
#include "schema/wire/envelope.h"

/* The key by which the set of the card's keys is signed, as the card itself says in this session:
 * who is at its other end has proved to know our key. */
static enum rdv_err learn_key(struct tool *t, struct tool_source *s, char out[TOOL_CARD_KEY_TEXT])
{
    struct rdv_span message = { NULL, 0 };
    struct rdv_envelope keys;
    struct rdv_cose parts;
    struct rdv_answer a;
    enum rdv_err err;

    if ((err = rdv_client_call(s->client, "identity keys", NULL, &a)) != RDV_OK)
        return tool_why(t, err, "the card's key: %s", rdv_client_why(s->client));
    (void)rdv_value_bytes(rdv_value_in(a.result, "envelope"), &message.p, &message.n);
    if ((err = rdv_envelope_get(&keys, &parts, message)) == RDV_ERR_NOMEM)
        return err;
    for (size_t i = 0; err == RDV_OK && keys.topic.kind == RDV_TOPIC_KEY && i < keys.keys.n; i++) {
        const struct rdv_public_key *key = &keys.keys.keys[i];

        if (memcmp(key->kid, keys.kid, sizeof(key->kid)) != 0)
            continue;
        memcpy(out, "04", 2);
        rdv_hex_encode(out + 2, (struct rdv_span){ key->x, sizeof(key->x) });
        rdv_hex_encode(out + 66, (struct rdv_span){ key->y, sizeof(key->y) });
        out[130] = '\0';
        return RDV_OK;
    }
    return tool_why(t, RDV_ERR_FORMAT, "the card's set of keys is not one");
}

static enum rdv_err open_judge(struct tool *t, struct tool_source *s)
{
    char key[TOOL_CARD_KEY_TEXT];
    enum rdv_err err;

    if (t->options.lines)
        return RDV_OK;
    if ((err = tool_card_key(t, key)) != RDV_OK)
        return err;
    if (key[0] == '\0')
        memcpy(key, t->card_key, sizeof(key));
    if (key[0] == '\0' && (err = learn_key(t, s, key)) != RDV_OK)
        return err;
    return tool_judge_open(t, &s->judge, key, s->where.sen);
}

enum rdv_err tool_source_open(struct tool *t, struct tool_source *s)
{
    enum rdv_err err;

    *s = (struct tool_source){ .judge = { .memory = { .lock = -1 } } };
    if ((err = tool_where(t, &s->where)) == RDV_OK &&
        (err = tool_take_key(t, &s->where)) == RDV_OK) {
        /* It is asked for once, however often the session is made anew. */
        t->options.psk_fd = t->options.psk_file = NULL;
        t->options.ask = false;
        err = tool_source_reopen(t, s);
    }
    if (err == RDV_OK)
        err = open_judge(t, s);
    if (err != RDV_OK)
        tool_source_close(s);
    return err;
}

void tool_source_close(struct tool_source *s)
{
    tool_judge_close(&s->judge);
    rdv_client_close(s->client);
    s->client = NULL;
    rdv_uri_wipe(&s->where);
}

enum rdv_err tool_source_reopen(struct tool *t, struct tool_source *s)
{
    rdv_client_close(s->client);
    s->client = NULL;
    t->why.text[0] = '\0';
    return tool_connect(t, &s->client, &s->where, RDV_REQUESTS);
}

/* "TOPIC HEX", as rdv verify reads it. */
static enum rdv_err write_line(struct tool *t, struct rdv_span message)
{
    struct rdv_buf digits = RDV_BUF(2 * RDV_ENVELOPE_MAX);
    char topic[RDV_TOPIC_MAX + 1];
    struct rdv_envelope envelope;
    struct rdv_cose parts;
    enum rdv_err err;

    if (rdv_envelope_get(&envelope, &parts, message) != RDV_OK)
        return tool_why(t, RDV_ERR_FORMAT, "the card has given something that is no envelope");
    rdv_topic_print(topic, &envelope.topic);
    if ((err = rdv_hex_put(&digits, message)) == RDV_OK)
        printf("%s %.*s\n", topic, (int)rdv_buf_len(&digits),
               (const char *)rdv_buf_view(&digits).p);
    rdv_buf_free(&digits);
    return err;
}

/* The others are given all the same. */
static enum rdv_err take_damaged(struct tool *t, struct tool_source *s,
                                 const struct rdv_log_entry *e)
{
    struct rdv_topic topic = { .kind = e->record < 0 ? RDV_TOPIC_CARD : RDV_TOPIC_RECORD,
                               .record = (uint8_t)e->record };
    char text[RDV_TOPIC_MAX + 1], why[64];

    memcpy(topic.sen, s->where.sen, sizeof(topic.sen));
    rdv_topic_print(text, &topic);
    (void)snprintf(why, sizeof(why), "the card cannot read entry %" PRIu64 " any more", e->seq);
    if (t->options.lines)
        tool_fail(t, tool_why(t, RDV_ERR_CORRUPT, "%s: %s", text, why));
    else
        tool_judge_noise(&s->judge, text, why);
    return RDV_OK;
}

static enum rdv_err take(struct tool *t, struct tool_source *s, const struct rdv_log_entry *e)
{
    const struct rdv_span message = { e->envelope, e->n_envelope };
    char from[32];

    if (e->envelope == NULL)
        return take_damaged(t, s, e);
    (void)snprintf(from, sizeof(from), "entry %" PRIu64, e->seq);
    return t->options.lines ? write_line(t, message) : tool_judge_from(t, &s->judge, from, message);
}

enum rdv_err tool_source_entries(struct tool *t, struct tool_source *s, struct rdv_log_query *query,
                                 bool (*wanted)(const struct tool_source *s,
                                                const struct rdv_log_entry *e),
                                 size_t *n)
{
    struct rdv_value none, row;
    struct rdv_log_entry entry;
    struct rdv_items rows;
    uint64_t next;
    enum rdv_err err;

    *n = 0;
    if ((err = rdv_client_log(s->client, query, &rows, &next)) != RDV_OK)
        return tool_why(t, err, "%s", rdv_client_why(s->client));
    while (err == RDV_OK && rdv_items_next(&rows, &none, &row)) {
        if ((err = rdv_entry_read(&entry, row)) != RDV_OK)
            return tool_why(t, err, "the card's answer is not one");
        if (wanted != NULL && !wanted(s, &entry))
            continue;
        err = take(t, s, &entry);
        ++*n;
    }
    if (err == RDV_OK)
        query->from = next;
    return err;
}

enum rdv_err tool_source_receipt(struct tool *t, struct tool_source *s, uint64_t seq)
{
    struct rdv_log_entry entry;
    enum rdv_err err;

    if ((err = rdv_client_receipt(s->client, seq, &entry)) != RDV_OK)
        return tool_why(t, err, "%s", rdv_client_why(s->client));
    if ((err = take(t, s, &entry)) != RDV_OK || t->options.output == NULL || s->judge.alarms > 0)
        return err;
    return tool_write_file(t, t->options.output,
                           (struct rdv_span){ entry.envelope, entry.n_envelope }, 0666);
}

enum rdv_err tool_source_heads(struct tool *t, struct tool_source *s, int record, uint64_t *seq)
{
    struct rdv_value none, row;
    struct rdv_log_entry head;
    struct rdv_items rows;
    uint64_t greatest = 0;
    enum rdv_err err;

    if ((err = rdv_client_heads(s->client, record, &rows)) != RDV_OK)
        return tool_why(t, err, "%s", rdv_client_why(s->client));
    while (err == RDV_OK && rdv_items_next(&rows, &none, &row)) {
        if ((err = rdv_entry_read(&head, row)) != RDV_OK)
            return tool_why(t, err, "the card's answer is not one");
        greatest = head.seq > greatest ? head.seq : greatest;
        err = take(t, s, &head);
    }
    if (seq != NULL)
        *seq = greatest;
    return err;
}
