/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/verify.h>

#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "base/why.h"
#include "guest_tools/librdv/sha256.h"
#include "guest_tools/librdv/verifier.h"
#include "schema/wire/cbor.h"

/* --- names ------------------------------------------------------------------------------------ */

static const char *const names[RDV_VERDICTS] = {
    [RDV_VALID] = "VALID",
    [RDV_FILLED] = "FILLED",
    [RDV_REPEATED] = "REPEATED",
    [RDV_UNSIGNED] = "UNSIGNED",
    [RDV_GAP] = "GAP",
    [RDV_REPLAYED] = "REPLAYED",
    [RDV_FORKED] = "FORKED",
    [RDV_STALE_HEAD] = "STALE-HEAD",
    [RDV_WRONG_TOPIC] = "WRONG-TOPIC",
    [RDV_UNKNOWN_KEY] = "UNKNOWN-KEY",
    [RDV_BAD_SIGNATURE] = "BAD-SIGNATURE",
    [RDV_MALFORMED] = "MALFORMED",
};

const char *rdv_verdict_name(enum rdv_verdict verdict)
{
    return (unsigned)verdict < RDV_VERDICTS ? names[verdict] : "UNKNOWN";
}

bool rdv_verdict_is_alarm(enum rdv_verdict verdict)
{
    return verdict >= RDV_GAP;
}

/* --- life ------------------------------------------------------------------------------------- */

enum rdv_err rdv_verifier_new(struct rdv_verifier **out, const struct rdv_verifier_options *options)
{
    const struct rdv_span sen = rdv_span_of(options->sen == NULL ? "" : options->sen);
    uint8_t hash[GUEST_SHA256_BYTES];
    struct rdv_verifier *v;
    enum rdv_err err;

    *out = NULL;
    if (options->sen != NULL && !rdv_sen_is_valid(sen))
        return RDV_ERR_RANGE;
    if ((v = calloc(1, sizeof(*v))) == NULL)
        return RDV_ERR_NOMEM;
    if ((err = guest_es256k_read(&v->key, (struct rdv_span){ options->key, options->n_key })) !=
                RDV_OK ||
        (err = guest_sha256(hash, (struct rdv_span){ v->key.point, sizeof(v->key.point) })) !=
                RDV_OK) {
        rdv_verifier_free(v);
        return err;
    }
    memcpy(v->kid, hash, sizeof(v->kid));
    memcpy(v->sen, sen.p, sen.n);
    v->from_start = options->from_start;
    v->heads = options->heads;
    *out = v;
    return RDV_OK;
}

void rdv_verifier_free(struct rdv_verifier *v)
{
    if (v == NULL)
        return;
    for (size_t i = 0; i < GUEST_CHAINS; i++)
        free(v->chains[i]);
    free(v);
}

/* --- is it the card's? ------------------------------------------------------------------------ */

static enum rdv_verdict says(struct rdv_verified *out, enum rdv_verdict verdict, const char *why)
{
    (void)rdv_why_say(&out->why, RDV_OK, "%s", why);
    return verdict;
}

static bool is_status(const char *topic)
{
    struct rdv_topic parsed;

    return topic != NULL && rdv_topic_parse(&parsed, rdv_span_of(topic)) == RDV_OK &&
           parsed.kind == RDV_TOPIC_STATUS;
}

/* Returns: RDV_ERR_NOMEM; RDV_ERR_AUTH when the signature is not the key's. */
static enum rdv_err check_signature(const struct rdv_verifier *v, const struct rdv_cose *parts)
{
    struct rdv_buf is_signed = RDV_BUF(RDV_ENVELOPE_MAX);
    uint8_t digest[GUEST_SHA256_BYTES];
    enum rdv_err err;

    if ((err = rdv_cose_put_signed(&is_signed, parts)) == RDV_OK &&
        (err = guest_sha256(digest, rdv_buf_view(&is_signed))) == RDV_OK)
        err = guest_es256k_verify(&v->key, parts->signature.p, digest);
    rdv_buf_free(&is_signed);
    return err;
}

/* VALID: the key has signed it, whatever it may be. Returns: RDV_ERR_NOMEM. */
static enum rdv_err authenticate(const struct rdv_verifier *v, struct rdv_verified *out,
                                 struct rdv_envelope *envelope, const char *topic,
                                 struct rdv_span message)
{
    struct rdv_cose parts;
    enum rdv_err err = rdv_envelope_get(envelope, &parts, message);

    out->verdict = RDV_VALID;
    if (err == RDV_ERR_NOMEM)
        return err;
    if (err != RDV_OK && is_status(topic))
        out->verdict = says(out, RDV_UNSIGNED, "the bridge says so, and nobody has signed it");
    else if (err != RDV_OK)
        out->verdict = says(out, RDV_MALFORMED, rdv_err_text(err));
    else if (memcmp(envelope->kid, v->kid, sizeof(v->kid)) != 0)
        out->verdict = says(out, RDV_UNKNOWN_KEY, "another key than the card's is named in it");
    else if ((err = check_signature(v, &parts)) == RDV_ERR_AUTH)
        out->verdict = says(out, RDV_BAD_SIGNATURE, "the card's key did not sign this");
    else
        return err;
    return RDV_OK;
}

/* --- what it says ----------------------------------------------------------------------------- */

/* Text of a message, whose lengths have been checked. */
static void copy_text(char *out, size_t size, struct rdv_span text)
{
    RDV_INVARIANT(rdv_span_to_text(out, size, text) == RDV_OK);
}

static void tell_entry(struct rdv_verified *out, const struct rdv_entry *in)
{
    out->n = in->n;
    out->seq = in->seq;
    copy_text(out->author, sizeof(out->author), in->author);
    copy_text(out->type, sizeof(out->type), in->type);
}

/* What the card has signed. Returns: RDV_ERR_NOMEM. */
static enum rdv_err tell(struct rdv_verified *out, const struct rdv_envelope *in,
                         struct rdv_span message)
{
    static const struct {
        enum rdv_statement statement;
        const char *type; /* NULL: its own */
    } kinds[] = {
        [RDV_TOPIC_RECORD] = { RDV_ENTRY, NULL },
        [RDV_TOPIC_CARD] = { RDV_EVENT, NULL },
        [RDV_TOPIC_HEAD] = { RDV_HEAD, RDV_TYPE_HEAD },
        [RDV_TOPIC_KEY] = { RDV_KEYS, RDV_TYPE_KEYS },
    };
    const enum rdv_topic_kind kind = in->topic.kind;
    const struct rdv_span type = rdv_span_of(kinds[kind].type == NULL ? "" : kinds[kind].type);

    out->statement = kinds[kind].statement;
    memcpy(out->sen, in->topic.sen, sizeof(out->sen));
    out->record = in->topic.record;
    out->time = in->time;
    copy_text(out->type, sizeof(out->type), type);
    if (out->statement == RDV_HEAD) {
        out->n = in->head.n;
        out->until = in->head.until;
    } else if (out->statement != RDV_KEYS) {
        tell_entry(out, &in->entry);
        out->content = in->entry.content.p;
        out->n_content = in->entry.content.n;
    }
    return guest_sha256(out->hash, message);
}

/* Whether it came on the topic, and from the card, that it names. */
static bool is_at_home(const struct rdv_verifier *v, struct rdv_verified *out,
                       const struct rdv_envelope *in, const char *topic)
{
    char home[RDV_TOPIC_MAX + 1];

    rdv_topic_print(home, &in->topic);
    if (topic != NULL && strcmp(topic, home) != 0)
        (void)rdv_why_say(&out->why, RDV_OK, "it was published on %s, and came on \"%.100s\"", home,
                          rdv_quote(rdv_span_of(topic)).text);
    else if (v->sen[0] != '\0' && strcmp(v->sen, in->topic.sen) != 0)
        (void)rdv_why_say(&out->why, RDV_OK, "it is of the card %s, not of %s", in->topic.sen,
                          v->sen);
    else
        return true;
    out->verdict = RDV_WRONG_TOPIC;
    return false;
}

/* --- is it the next? -------------------------------------------------------------------------- */

static bool is_restored(struct rdv_span content)
{
    struct rdv_reader value;
    struct rdv_cbor event;

    return rdv_cbor_find(&value, content, "event") == RDV_OK &&
           rdv_cbor_get(&value, &event) == RDV_OK && event.type == RDV_CBOR_TEXT &&
           rdv_span_is(event.bytes, "restored");
}

static enum rdv_verdict judge_entry(struct rdv_verifier *v, struct rdv_verified *out,
                                    const struct rdv_entry *in, struct guest_chain *chain,
                                    struct guest_finding *finding)
{
    const struct guest_link link = {
        .n = in->n, .seq = in->seq, .prev = in->prev, .hash = out->hash
    };
    const bool restored = out->statement == RDV_EVENT && is_restored(in->content);
    /* The event that announces forks may be on one itself: it announces that, too. */
    const uint64_t since = restored && in->seq > chain->seq ? in->seq - 1 : v->restored;
    const enum rdv_verdict verdict = guest_chain_entry(chain, &link, since, finding);

    if (chain->seq > v->seq)
        v->seq = chain->seq;
    if (restored && chain->seq == in->seq)
        v->restored = in->seq;
    return verdict;
}

static enum rdv_verdict judge_keys(struct rdv_verifier *v, struct rdv_verified *out)
{
    if (memcmp(v->keys_hash, out->hash, sizeof(out->hash)) == 0)
        return says(out, RDV_REPEATED, "the same message has come already");
    if (out->time < v->keys_time)
        return says(out, RDV_REPLAYED, "a newer set of keys has come already");
    v->keys_time = out->time;
    memcpy(v->keys_hash, out->hash, sizeof(out->hash));
    return RDV_VALID;
}

static struct guest_chain *chain_of(struct rdv_verifier *v, const struct rdv_topic *topic)
{
    struct guest_chain **chain =
            &v->chains[topic->kind == RDV_TOPIC_CARD ? GUEST_CHAIN_OF_CARD : topic->record];

    if (*chain == NULL && (*chain = calloc(1, sizeof(**chain))) != NULL && v->from_start)
        guest_chain_begin(*chain);
    return *chain;
}

static void tell_finding(struct rdv_verified *out, const struct guest_finding *finding)
{
    out->joined = finding->joined;
    out->gap_from = finding->gap_from;
    out->gap_to = finding->gap_to;
}

static enum rdv_err judge(struct rdv_verifier *v, struct rdv_verified *out,
                          const struct rdv_envelope *in, int64_t now)
{
    struct guest_finding finding = { .why = &out->why };
    struct guest_chain *chain;
    struct guest_head head;

    if (out->statement == RDV_KEYS) {
        out->verdict = judge_keys(v, out);
        return RDV_OK;
    }
    if ((chain = chain_of(v, &in->topic)) == NULL)
        return RDV_ERR_NOMEM;
    if (out->statement == RDV_HEAD) {
        head = (struct guest_head){ .n = in->head.n, .time = in->time, .until = in->head.until };
        memcpy(head.hash, in->head.hash, sizeof(head.hash));
        memcpy(head.id, out->hash, sizeof(head.id));
        out->verdict = guest_chain_head(chain, &head, v->restored, now, &finding);
    } else {
        out->verdict = judge_entry(v, out, &in->entry, chain, &finding);
    }
    tell_finding(out, &finding);
    return RDV_OK;
}

enum rdv_err rdv_verify(struct rdv_verifier *v, struct rdv_verified *out, int64_t now,
                        const char *topic, const void *message, size_t n)
{
    const struct rdv_span bytes = { message, n };
    struct rdv_envelope envelope;
    enum rdv_err err;

    *out = (struct rdv_verified){ .verdict = RDV_MALFORMED };
    if ((err = authenticate(v, out, &envelope, topic, bytes)) != RDV_OK ||
        out->verdict != RDV_VALID || (err = tell(out, &envelope, bytes)) != RDV_OK ||
        !is_at_home(v, out, &envelope, topic))
        return err;
    if ((err = judge(v, out, &envelope, now)) == RDV_OK)
        memcpy(v->sen, envelope.topic.sen, sizeof(v->sen));
    return err;
}

/* --- what does not come, and what is known ---------------------------------------------------- */

static bool find_overdue(struct rdv_verifier *v, struct rdv_verified *out, int64_t now, bool end)
{
    *out = (struct rdv_verified){ .verdict = RDV_VALID };
    for (unsigned i = 0; i < GUEST_CHAIN_OF_CARD; i++) {
        struct guest_finding finding = { .why = &out->why };
        struct guest_chain *chain = v->chains[i];

        if (chain == NULL)
            continue;
        out->verdict = guest_chain_overdue(chain, now, end, v->heads, &finding);
        if (out->verdict == RDV_VALID)
            continue;
        memcpy(out->sen, v->sen, sizeof(out->sen));
        out->record = (uint8_t)i;
        out->n = chain->n;
        tell_finding(out, &finding);
        return true;
    }
    return false;
}

bool rdv_verifier_overdue(struct rdv_verifier *v, struct rdv_verified *out, int64_t now)
{
    return find_overdue(v, out, now, false);
}

bool rdv_verifier_ends(struct rdv_verifier *v, struct rdv_verified *out, int64_t now)
{
    return find_overdue(v, out, now, true);
}

bool rdv_verifier_standing(const struct rdv_verifier *v, unsigned *record, struct rdv_standing *out)
{
    const struct guest_chain *chain;

    *out = (struct rdv_standing){ .record = 0 };
    while (*record < GUEST_CHAIN_OF_CARD && v->chains[*record] == NULL)
        (*record)++;
    if (*record >= GUEST_CHAIN_OF_CARD)
        return false;
    chain = v->chains[*record];
    out->record = (uint8_t)(*record)++;
    out->first = chain->n == 0 ? 0 : chain->first;
    out->n = chain->n;
    out->missing = guest_chain_missing(chain);
    out->has_head = chain->has_head;
    out->head_n = chain->head.n;
    out->head_until = chain->head.until;
    return true;
}

bool rdv_verifier_gap(const struct rdv_verifier *v, uint8_t record, size_t i, uint64_t *from,
                      uint64_t *to)
{
    const struct guest_chain *chain = v->chains[record];
    size_t first = 0;

    *from = *to = 0;
    if (chain == NULL)
        return false;
    /* What was before the first entry seen is not missing. */
    while (first < chain->n_gaps && chain->gaps[first].from < chain->first)
        first++;
    if (i >= chain->n_gaps - first)
        return false;
    *from = chain->gaps[first + i].from;
    *to = chain->gaps[first + i].to;
    return true;
}

uint64_t rdv_verifier_seq(const struct rdv_verifier *v, int record)
{
    if (record < 0)
        return v->seq;
    return record > UINT8_MAX || v->chains[record] == NULL ? 0 : v->chains[record]->seq;
}
