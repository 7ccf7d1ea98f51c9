/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words about the log: its entries, and who has read how far. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "schema/wire/envelope.h"
#include "se_card/accounts.h"
#include "se_card/consumers.h"
#include "se_card/handlers.h"
#include "se_card/heads.h"
#include "se_card/log.h"
#include "se_card/moment.h"
#include "se_card/records.h"
#include "se_card/rights.h"
#include "se_card/words_arg.h"

#define SEQ_MOST (INT64_MAX - 9)
#define LIST_DEFAULT 100
#define LIST_MOST 256           /* entries in one answer */
#define LIST_BYTES (512 * 1024) /* of envelopes, but one at least */
#define LOOK_AT_ONCE 64
#define LOOK_MOST 8192  /* entries looked at for one answer, those of others too */
#define WAIT_DEFAULT 30 /* seconds */
#define WAIT_MOST 240   /* below the front's --idle-timeout */

/* A word or value that is the number of an entry. */
static enum rdv_err take_seq(struct se_session *s, int64_t *out, struct rdv_span text)
{
    if (se_number_decode(out, text, SEQ_MOST) == RDV_OK)
        return RDV_OK;
    return se_fault(s->el, RDV_ERR_FORMAT, "\"%.60s\" is not the number of an entry",
                    rdv_quote(text).text);
}

static enum rdv_err refuse_chain(struct se_session *s, unsigned chain)
{
    struct se_refusal why = { .right = se_right_name(SE_RIGHT_READ) };

    if (chain != SE_CHAIN_CARD) {
        why.scope = "record";
        why.slot = (uint8_t)chain;
    }
    return se_refuse(s->el, RDV_ERR_DENIED, why);
}

/* --- saying an entry -------------------------------------------------------------------------- */

static enum rdv_err say_expiry(struct se_session *s, struct se_answer *answer,
                               const struct se_log_line *line)
{
    struct se_record_setting setting = { .ttl = 0 };
    enum rdv_err err = RDV_OK;

    if (line->chain != SE_CHAIN_CARD)
        err = se_records_setting(s->el, &setting, (uint8_t)line->chain);
    if (err == RDV_OK && setting.ttl > 0)
        se_answer_moment(answer, "expires", line->time + setting.ttl, "");
    return err;
}

static void say_in_words(struct se_answer *answer, const struct rdv_envelope *said)
{
    se_answer_moment(answer, "time", said->time, "");
    se_answer_text(answer, "author", said->entry.author);
    se_answer_text(answer, "type", said->entry.type);
    se_answer_number(answer, "bytes", (int64_t)said->entry.content.n);
}

/* Programs get the envelope, people what it says; when one is asked for, both. */
static enum rdv_err say_entry(struct se_session *s, struct se_answer *answer,
                              const struct se_log_line *line, bool whole)
{
    struct rdv_buf message = RDV_BUF(RDV_ENVELOPE_MAX);
    struct rdv_envelope said;
    struct rdv_cose parts;
    enum rdv_err err;

    se_answer_number(answer, "seq", line->seq);
    if (line->chain != SE_CHAIN_CARD)
        se_answer_slot(answer, "record", (uint8_t)line->chain);
    se_answer_number(answer, "n", line->n);
    if ((err = se_log_envelope(s->el, &message, line)) == RDV_OK &&
        (err = rdv_envelope_get(&said, &parts, rdv_buf_view(&message))) == RDV_OK) {
        if (!answer->for_programs)
            say_in_words(answer, &said);
        err = say_expiry(s, answer, line);
        if (answer->for_programs || whole)
            se_answer_bytes(answer, "envelope", rdv_buf_view(&message));
    } else if (err == RDV_ERR_CORRUPT && !whole) {
        se_answer_flag(answer, "damaged", true); /* the others are read all the same */
        err = RDV_OK;
    }
    rdv_buf_free(&message);
    se_answer_row_end(answer);
    return err;
}

SE_HANDLER(se_words_receipt)
{
    struct se_log_line line = { 0 };
    int64_t seq = 0;
    enum rdv_err err;

    if ((err = take_seq(s, &seq, rq->words->word[0])) != RDV_OK ||
        (err = se_log_flush(s->el)) != RDV_OK)
        return err;
    if ((err = se_store_log_from(s->el->store, &line, seq)) == RDV_ERR_ABSENT ||
        (err == RDV_OK && line.seq != seq))
        return se_fault(s->el, RDV_ERR_ABSENT, "no entry %lld", (long long)seq);
    if (err != RDV_OK)
        return err;
    if (line.author != s->account && !se_log_may_read(&s->me, line.chain))
        return refuse_chain(s, line.chain);
    return say_entry(s, answer, &line, true);
}

/* --- lists ------------------------------------------------------------------------------------ */

struct query {
    int64_t from; /* then, where to go on */
    int64_t count;
    int record; /* -1: all that may be read */
    size_t found;
    int64_t bytes; /* of those found */
};

static enum rdv_err take_query(struct se_session *s, struct query *q, const struct se_request *rq)
{
    const struct rdv_span *record = rdv_words_arg(rq->words, "record");
    uint8_t slot;

    *q = (struct query){ .count = LIST_DEFAULT, .record = -1 };
    if (record != NULL) {
        if (rdv_hex_decode(&slot, 1, *record) != RDV_OK)
            return se_fault(s->el, RDV_ERR_FORMAT, "record=\"%.60s\": 00 to FF",
                            rdv_quote(*record).text);
        if (!se_log_may_read(&s->me, slot))
            return refuse_chain(s, slot);
        q->record = slot;
    }
    return take_seq(s, &q->from, rq->words->word[0]);
}

static bool wants(const struct se_session *s, const struct query *q, unsigned chain)
{
    return q->record < 0 ? se_log_may_read(&s->me, chain) : chain == (unsigned)q->record;
}

/* Says those of the lines that are wanted; *full when there is room for no more. */
static enum rdv_err say_lines(struct se_session *s, struct se_answer *answer, struct query *q,
                              const struct se_log_line *lines, size_t n, bool *full)
{
    enum rdv_err err;

    for (size_t i = 0; i < n && !*full; q->from = lines[i++].seq + 1) {
        if (!wants(s, q, lines[i].chain))
            continue;
        q->bytes += lines[i].bytes;
        *full = q->found > 0 && q->bytes > LIST_BYTES;
        if (*full)
            break;
        if ((err = say_entry(s, answer, &lines[i], false)) != RDV_OK)
            return err;
        *full = (int64_t)++q->found >= q->count;
    }
    return RDV_OK;
}

/* Says what there is from q->from on, within all limits. */
static enum rdv_err say_entries(struct se_session *s, struct se_answer *answer, struct query *q)
{
    const int64_t last = se_log_totals(s->el).last;
    struct se_log_line lines[LOOK_AT_ONCE];
    size_t n = LOOK_AT_ONCE;
    bool full = q->count == 0;
    enum rdv_err err;

    for (unsigned looked = 0; looked < LOOK_MOST && !full; looked += LOOK_AT_ONCE) {
        if ((err = se_store_log_lines(s->el->store, lines, &n, q->from)) != RDV_OK ||
            (err = say_lines(s, answer, q, lines, n, &full)) != RDV_OK)
            return err;
        if (n < LOOK_AT_ONCE && !full) {
            q->from = q->from > last ? q->from : last + 1;
            return RDV_OK;
        }
    }
    return RDV_OK;
}

static enum rdv_err run_query(struct se_session *s, struct se_answer *answer, struct query *q)
{
    enum rdv_err err;

    if ((err = se_log_flush(s->el)) != RDV_OK)
        return err;
    se_answer_list_begin(answer, "list");
    err = say_entries(s, answer, q);
    se_answer_list_end(answer);
    se_answer_number(answer, "next", q->from);
    se_answer_row_end(answer);
    return err;
}

SE_HANDLER(se_words_log)
{
    struct query q;
    enum rdv_err err;

    if ((err = take_query(s, &q, rq)) != RDV_OK)
        return err;
    if (rq->words->n > 1 && se_number_decode(&q.count, rq->words->word[1], LIST_MOST) != RDV_OK)
        return se_fault(s->el, RDV_ERR_FORMAT, "COUNT is a number up to %d", LIST_MOST);
    return run_query(s, answer, &q);
}

/*
 * It is run again when there may be an entry, and then goes on from where it has looked already.
 * When time is up the list is empty; for a program also when it asks something else.
 */
SE_HANDLER(se_words_wait)
{
    const bool hurried = answer->for_programs && s->hurried;
    struct se_log_wait wait = s->log_wait;
    int64_t seconds = WAIT_DEFAULT;
    struct query q;
    enum rdv_err err;

    if ((err = take_query(s, &q, rq)) != RDV_OK ||
        (err = se_words_number(s, &q.count, rq, "count", LIST_MOST)) != RDV_OK)
        return err;
    if (rq->words->n > 1 && se_number_decode(&seconds, rq->words->word[1], WAIT_MOST) != RDV_OK)
        return se_fault(s->el, RDV_ERR_FORMAT, "SECONDS is a number up to %d", WAIT_MOST);
    if (wait.seq == 0)
        wait.until_ms = s->el->now_ms + (uint64_t)seconds * 1000;
    else
        q.from = wait.seq;
    if ((err = run_query(s, answer, &q)) != RDV_OK || q.found > 0 || hurried ||
        s->el->now_ms >= wait.until_ms)
        return err;
    wait.seq = q.from > 0 ? q.from : 1;
    wait.yields = answer->for_programs;
    return se_session_wait_for_log(s, wait);
}

/* --- consumers -------------------------------------------------------------------------------- */

static enum rdv_err say_consumer(struct se_session *s, struct se_answer *answer,
                                 const struct se_consumer *consumer)
{
    char account[SE_NAME_MAX + 1];
    enum rdv_err err;

    if ((err = se_store_account_name(s->el->store, account, consumer->account)) != RDV_OK)
        return err;
    se_answer_name(answer, "consumer", consumer->name);
    se_answer_name(answer, "account", account);
    se_answer_number(answer, "seq", consumer->seq);
    se_answer_moment(answer, "moved", consumer->moved, "");
    se_answer_row_end(answer);
    return RDV_OK;
}

SE_HANDLER(se_words_ack)
{
    const struct rdv_span *was = rdv_words_arg(rq->words, "was");
    struct se_consumer consumer;
    int64_t seq = 0, before = -1;
    enum rdv_err err;

    if ((err = take_seq(s, &seq, rq->words->word[1])) != RDV_OK ||
        (was != NULL && (err = take_seq(s, &before, *was)) != RDV_OK) ||
        (err = se_consumers_ack(s->el, &s->me, rq->words->word[0], seq, before, &consumer)) !=
                RDV_OK)
        return err;
    se_answer_name(answer, "consumer", consumer.name);
    se_answer_number(answer, "seq", consumer.seq);
    se_answer_row_end(answer);
    return RDV_OK;
}

SE_HANDLER(se_words_consumer_list)
{
    struct se_consumer one = { .name = "" };
    char from[SE_NAME_MAX + 2] = "";
    enum rdv_err err;

    (void)rq;
    se_answer_list_begin(answer, "list");
    while ((err = se_store_consumer_from(s->el->store, &one, rdv_span_of(from))) == RDV_OK) {
        if ((s->me.root || one.account == s->account) &&
            (err = say_consumer(s, answer, &one)) != RDV_OK)
            return err;
        (void)snprintf(from, sizeof(from), "%s\x01", one.name); /* the next text there is */
    }
    se_answer_list_end(answer);
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

SE_HANDLER(se_words_consumer_show)
{
    struct se_consumer consumer;
    enum rdv_err err;

    if ((err = se_consumers_get(s->el, &consumer, &s->me, rq->words->word[0])) != RDV_OK)
        return err;
    return say_consumer(s, answer, &consumer);
}

static void set_target(struct se_request *rq)
{
    (void)snprintf(rq->target, sizeof(rq->target), "%.*s", (int)rq->words->word[0].n,
                   (const char *)rq->words->word[0].p);
}

SE_HANDLER(se_words_consumer_add)
{
    const struct rdv_span *seq_given = rdv_words_arg(rq->words, "seq");
    struct se_consumer consumer;
    struct se_account account;
    int64_t seq = 0;
    enum rdv_err err;

    if ((seq_given != NULL && (err = take_seq(s, &seq, *seq_given)) != RDV_OK) ||
        (err = se_accounts_named(s->el, &account, *rdv_words_arg(rq->words, "account"))) !=
                RDV_OK ||
        (err = se_consumers_add(s->el, &account, rq->words->word[0], seq, &consumer)) != RDV_OK)
        return err;
    set_target(rq);
    (void)snprintf(rq->detail, sizeof(rq->detail), "account=%s seq=%lld", account.name,
                   (long long)seq);
    return say_consumer(s, answer, &consumer);
}

SE_HANDLER(se_words_consumer_drop)
{
    enum rdv_err err;

    (void)answer;
    if ((err = se_consumers_drop(s->el, &s->me, rq->words->word[0])) == RDV_OK)
        set_target(rq);
    return err;
}

/* Nothing changes but the audit: an entry did not reach those it was read for. */
SE_HANDLER(se_words_consumer_skip)
{
    struct se_consumer consumer;
    int64_t seq = 0;
    enum rdv_err err;

    (void)answer;
    if ((err = take_seq(s, &seq, rq->words->word[1])) != RDV_OK ||
        (err = se_consumers_get(s->el, &consumer, &s->me, rq->words->word[0])) != RDV_OK)
        return err;
    set_target(rq);
    (void)snprintf(rq->detail, sizeof(rq->detail), "seq=%lld: %.100s", (long long)seq,
                   rdv_quote(rq->words->word[2]).text);
    return RDV_OK;
}

/* --- heads and keys --------------------------------------------------------------------------- */

static enum rdv_err say_head(struct se_session *s, struct se_answer *answer, uint8_t record,
                             bool whole)
{
    const struct se_head *head;
    enum rdv_err err;

    if ((err = se_heads_get(s->el, &head, record)) != RDV_OK)
        return err;
    se_answer_slot(answer, "record", record);
    se_answer_number(answer, "n", head->n);
    se_answer_number(answer, "seq", head->seq);
    if (!answer->for_programs)
        se_answer_moment(answer, "until", head->until, "");
    if (answer->for_programs || whole)
        se_answer_bytes(answer, "envelope", (struct rdv_span){ head->message, head->size });
    se_answer_row_end(answer);
    return RDV_OK;
}

/* All that may be read and have entries. */
static enum rdv_err say_heads(struct se_session *s, struct se_answer *answer)
{
    struct se_chain chain;
    enum rdv_err err = RDV_OK;

    for (unsigned i = 0; i < SE_CHAIN_CARD && err == RDV_OK; i++) {
        if (se_log_may_read(&s->me, i) && !se_log_is_broken(s->el, i) &&
            (err = se_log_chain(s->el, &chain, i)) == RDV_OK && chain.n > 0)
            err = say_head(s, answer, (uint8_t)i, false);
    }
    return err;
}

SE_HANDLER(se_words_head)
{
    const bool one = rq->words->n > 0;
    uint8_t record = 0;
    enum rdv_err err;

    if (one && rdv_hex_decode(&record, 1, rq->words->word[0]) != RDV_OK)
        return se_fault(s->el, RDV_ERR_FORMAT, "\"%.60s\" is not a record: 00 to FF",
                        rdv_quote(rq->words->word[0]).text);
    if (one && !se_log_may_read(&s->me, record))
        return refuse_chain(s, record);
    if ((err = se_log_flush(s->el)) != RDV_OK)
        return err;
    se_answer_list_begin(answer, "list");
    err = one ? say_head(s, answer, record, true) : say_heads(s, answer);
    se_answer_list_end(answer);
    return err;
}

SE_HANDLER(se_words_identity_keys)
{
    struct rdv_buf message = RDV_BUF(SE_HEAD_BYTES);
    enum rdv_err err;

    (void)rq;
    if ((err = se_heads_keys(s->el, &message)) == RDV_OK) {
        se_answer_bytes(answer, "envelope", rdv_buf_view(&message));
        se_answer_row_end(answer);
    }
    rdv_buf_free(&message);
    return err;
}
