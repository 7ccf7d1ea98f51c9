/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/log.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/envelope.h"
#include "se_card/chain.h"
#include "se_card/hash.h"
#include "se_card/own.h"
#include "se_card/pair.h"
#include "se_card/retention.h"
#include "se_card/rights.h"

/* Entries that wait for their envelopes: more are not gained by waiting. */
#define PENDING_MAX 64
#define PENDING_BYTES (256 * 1024)
/* Chains that are worth waking another thread for, on another processor: on a virtual machine that
 * takes as long as two signatures. */
#define WORTH_A_PAIR 8
/* Entries of one life of the card: the epoch stands above them. */
#define EPOCH_SHIFT 40
#define SEQ_MOST (INT64_MAX - 9)
#define LOOK_AT_ONCE 256

struct pending {
    struct se_log_line line;
    int64_t seq_before; /* of its chain */
    char author[SE_NAME_MAX + 1];
    size_t at, type_n, content_n; /* bytes, behind each other in the texts */
    struct rdv_buf message;       /* when it is made */
    uint8_t hash[SE_SHA256_BYTES];
};

struct se_log {
    int64_t quota;
    struct se_log_totals now, committed;
    int64_t added;                   /* by the open transaction */
    uint64_t drops, drops_committed; /* calls of se_log_drop so far */
    /* Where chains stand, those that wait included; the hash is of the last that does not. */
    struct {
        bool known;
        bool broken; /* chain.h: nothing comes behind it */
        struct se_chain at;
    } chains[SE_CHAINS];
    struct pending pending[PENDING_MAX];
    int64_t reached[SE_CHAINS]; /* the last number of each chain, as committed */
    size_t n_pending;
    struct rdv_buf texts;    /* of what is pending */
    struct se_ec *second_ec; /* of the other thread; NULL: it has not signed yet */
    struct rdv_log_limit full;
};

/* --- chains ----------------------------------------------------------------------------------- */

static enum rdv_err read_chain(struct se_element *el, struct se_chain **out, unsigned chain)
{
    struct se_log *log = el->log;
    enum rdv_err err = RDV_OK;

    if (log->chains[chain].broken)
        return se_fault(el, RDV_ERR_CORRUPT, "its chain of entries is damaged: see the card's log");
    if (!log->chains[chain].known)
        err = se_store_chain_get(el->store, &log->chains[chain].at, chain);
    log->chains[chain].known = err == RDV_OK;
    *out = &log->chains[chain].at;
    return err;
}

enum rdv_err se_log_chain(struct se_element *el, struct se_chain *out, unsigned chain)
{
    struct se_chain *at = NULL;
    enum rdv_err err;

    if ((err = read_chain(el, &at, chain)) == RDV_OK)
        *out = *at;
    return err;
}

bool se_log_is_broken(const struct se_element *el, unsigned chain)
{
    return el->log->chains[chain].broken;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Counts what is there, and finds the newest entry of each chain. */
static enum rdv_err count(struct se_element *el, struct se_log_totals *out,
                          int64_t newest[SE_CHAINS])
{
    struct se_log_line lines[LOOK_AT_ONCE];
    size_t n = LOOK_AT_ONCE;
    enum rdv_err err = RDV_OK;

    while (n == LOOK_AT_ONCE && out->last < SEQ_MOST && err == RDV_OK) {
        err = se_store_log_lines(el->store, lines, &n, out->last + 1);
        for (size_t i = 0; i < n && err == RDV_OK; i++) {
            out->entries++;
            out->bytes += lines[i].bytes;
            out->last = lines[i].seq;
            if (lines[i].chain < SE_CHAINS)
                newest[lines[i].chain] = lines[i].seq;
        }
    }
    return err;
}

static enum rdv_err open_chain(struct se_element *el, unsigned i, int64_t newest)
{
    struct se_log *log = el->log;
    struct se_chain *chain = NULL;
    enum rdv_err err;

    if ((err = read_chain(el, &chain, i)) == RDV_OK)
        err = se_chain_check(el, i, chain, newest);
    log->chains[i].broken = err == RDV_ERR_CORRUPT;
    /* A number that may have been given away is not given again. */
    if (log->chains[i].known && chain->seq > log->committed.last)
        log->committed.last = chain->seq;
    if (err == RDV_OK)
        log->reached[i] = chain->seq;
    return err == RDV_ERR_CORRUPT ? RDV_OK : err;
}

enum rdv_err se_log_open(struct se_element *el, int64_t quota)
{
    int64_t newest[SE_CHAINS] = { 0 };
    struct se_log *log;
    enum rdv_err err;

    if ((log = el->log = calloc(1, sizeof(*log))) == NULL)
        return RDV_ERR_NOMEM;
    log->quota = quota;
    log->texts = RDV_BUF(PENDING_BYTES + SE_LOG_STEP_MAX * RDV_ENVELOPE_MAX);
    err = count(el, &log->committed, newest);
    for (unsigned i = 0; i < SE_CHAINS && err == RDV_OK; i++)
        err = open_chain(el, i, newest[i]);
    log->now = log->committed;
    return err;
}

void se_log_close(struct se_element *el)
{
    if (el->log == NULL)
        return;
    rdv_buf_free(&el->log->texts);
    se_ec_free(el->log->second_ec);
    free(el->log);
    el->log = NULL;
}

struct se_log_totals se_log_totals(const struct se_element *el)
{
    return el->log->now;
}

int64_t se_log_quota(const struct se_element *el)
{
    return el->log->quota;
}

/* --- appending -------------------------------------------------------------------------------- */

/* What an entry will take at most, known before it is made. */
static int64_t most_bytes(size_t content)
{
    return (int64_t)content + RDV_ENVELOPE_OVERHEAD + SE_SEAL_OVERHEAD;
}

static bool has_room(const struct se_log *log, size_t content)
{
    const int64_t waits =
            most_bytes(0) * (int64_t)log->n_pending + (int64_t)rdv_buf_len(&log->texts);

    return log->now.bytes + waits + most_bytes(content) <= log->quota;
}

/* What is said about the card always has room: it is little, and a card that could not say that an
 * older database was accepted could not be used any more. */
static enum rdv_err check_quota(struct se_element *el, const struct se_log_post *post)
{
    const size_t content = post->content.n;
    struct se_log *log = el->log;
    unsigned long unsaid;
    enum rdv_err err;

    if (post->chain == SE_CHAIN_CARD || has_room(log, content))
        return RDV_OK;
    if ((err = se_retention_make_room(el)) != RDV_OK)
        return err;
    if (has_room(log, content))
        return RDV_OK;
    if (rdv_log_may(&log->full, 1, el->now_ms / 60, &unsaid)) /* once a minute */
        log_warn("%s: the log is full: writes are refused", el->sen);
    return se_refuse(el, RDV_ERR_FULL,
                     (struct se_refusal){ .limit = "log", .has_max = true, .max = log->quota });
}

void se_log_jump(struct se_element *el, int64_t epoch)
{
    const int64_t first = epoch << EPOCH_SHIFT;

    if (el->log->now.last < first)
        el->log->now.last = first;
}

enum rdv_err se_log_append(struct se_element *el, const struct se_log_post *post,
                           struct se_log_line *out)
{
    struct se_log *log = el->log;
    const size_t at = rdv_buf_len(&log->texts);
    struct se_chain *chain = NULL;
    struct pending *p;
    enum rdv_err err;

    RDV_INVARIANT(log->n_pending < PENDING_MAX);
    if (log->now.last >= SEQ_MOST) /* only of a database that somebody has written by hand */
        return se_fault(el, RDV_ERR_CORRUPT, "the numbers of the log are used up");
    if ((err = check_quota(el, post)) != RDV_OK ||
        /* A database of an older program, on a disk that was full when it was opened. */
        (el->own_key == NULL && (err = se_own_make_identity(el)) != RDV_OK) ||
        (err = read_chain(el, &chain, post->chain)) != RDV_OK ||
        (err = rdv_put_bytes(&log->texts, post->type)) != RDV_OK)
        return err;
    if ((err = rdv_put_bytes(&log->texts, post->content)) != RDV_OK) {
        rdv_buf_truncate(&log->texts, at);
        return err;
    }
    p = &log->pending[log->n_pending++];
    *p = (struct pending){ .seq_before = chain->seq,
                           .at = at,
                           .type_n = post->type.n,
                           .content_n = post->content.n,
                           .message = RDV_BUF(RDV_ENVELOPE_MAX) };
    memcpy(p->author, post->author->name, sizeof(p->author));
    log->now.entries++;
    log->added++;
    chain->n++;
    chain->seq = ++log->now.last;
    p->line =
            (struct se_log_line){ chain->seq, post->chain, chain->n, el->now, post->author->id, 0 };
    if (out != NULL)
        *out = p->line;
    return RDV_OK;
}

/* --- envelopes -------------------------------------------------------------------------------- */

static void describe(struct rdv_envelope *out, const struct se_element *el, const struct pending *p)
{
    const bool card = p->line.chain == SE_CHAIN_CARD;
    const uint8_t *text = rdv_buf_view(&el->log->texts).p + p->at;

    *out = (struct rdv_envelope){
        .topic = { .kind = card ? RDV_TOPIC_CARD : RDV_TOPIC_RECORD,
                   .record = card ? 0 : (uint8_t)p->line.chain },
        .time = p->line.time,
        .entry = { .seq = (uint64_t)p->line.seq,
                   .n = (uint64_t)p->line.n,
                   .author = rdv_span_of(p->author),
                   .type = { text, p->type_n },
                   .content = { text + p->type_n, p->content_n } },
    };
    memcpy(out->topic.sen, el->sen, sizeof(el->sen));
    memcpy(out->entry.prev, el->log->chains[p->line.chain].at.hash, sizeof(out->entry.prev));
    se_own_kid(el, out->kid);
}

/* Makes one envelope; its chain goes on from its hash. */
static enum rdv_err make(const struct se_element *el, struct se_ec *ec, struct pending *p)
{
    struct rdv_buf protected = RDV_BUF(RDV_ENVELOPE_PROTECTED_MAX);
    struct rdv_envelope envelope;
    enum rdv_err err;

    describe(&envelope, el, p);
    if ((err = rdv_envelope_put_protected(&protected, &envelope)) == RDV_OK &&
        (err = se_own_sign1_with(el, ec, &p->message, rdv_buf_view(&protected),
                                 envelope.entry.content)) == RDV_OK) {
        se_sha256(p->hash, rdv_buf_view(&p->message));
        memcpy(el->log->chains[p->line.chain].at.hash, p->hash, sizeof(p->hash));
    }
    rdv_buf_free(&protected);
    return err;
}

/* What two threads part between them: chains, each known by the first of its entries that wait. */
struct making {
    const struct se_element *el;
    struct se_ec *ec[SE_PAIR_BOTH];
    size_t firsts[PENDING_MAX], n;
    atomic_size_t next; /* of the firsts */
    enum rdv_err err[SE_PAIR_BOTH];
};

static void find_chains(struct making *m)
{
    const struct se_log *log = m->el->log;
    bool seen[SE_CHAINS] = { false };

    for (size_t i = 0; i < log->n_pending; i++) {
        if (!seen[log->pending[i].line.chain])
            m->firsts[m->n++] = i;
        seen[log->pending[i].line.chain] = true;
    }
}

static void make_chains(void *user, unsigned who)
{
    struct making *m = user;
    struct se_log *log = m->el->log;
    size_t mine;

    while (m->err[who] == RDV_OK && (mine = atomic_fetch_add(&m->next, 1)) < m->n) {
        const unsigned chain = log->pending[m->firsts[mine]].line.chain;

        for (size_t i = m->firsts[mine]; i < log->n_pending && m->err[who] == RDV_OK; i++) {
            if (log->pending[i].line.chain == chain)
                m->err[who] = make(m->el, m->ec[who], &log->pending[i]);
        }
    }
}

static enum rdv_err make_all(struct se_element *el)
{
    struct se_log *log = el->log;
    struct making m = { .el = el };
    bool both;

    find_chains(&m);
    both = el->pair != NULL && m.n >= WORTH_A_PAIR &&
           (log->second_ec != NULL || se_ec_new(&log->second_ec) == RDV_OK);
    m.ec[SE_PAIR_FIRST] = el->ec;
    m.ec[SE_PAIR_SECOND] = log->second_ec;
    se_pair_do(both ? el->pair : NULL, make_chains, &m);
    return m.err[SE_PAIR_FIRST] != RDV_OK ? m.err[SE_PAIR_FIRST] : m.err[SE_PAIR_SECOND];
}

static struct se_place place_of(int64_t seq)
{
    return (struct se_place){ "envelope", "message", seq };
}

static enum rdv_err keep(struct se_element *el, const struct pending *p)
{
    struct rdv_buf *sealed = &el->scratch;
    enum rdv_err err;

    if ((err = se_seal_close(el->seal, sealed, place_of(p->line.seq), rdv_buf_view(&p->message))) ==
                RDV_OK &&
        (err = se_store_log_add(el->store, &p->line, rdv_buf_view(sealed))) == RDV_OK)
        el->log->now.bytes += (int64_t)rdv_buf_len(sealed);
    rdv_buf_reset(sealed, PENDING_BYTES);
    return err;
}

/* Where a chain stands with its last entry: those before it need not be told. */
static enum rdv_err keep_chain(struct se_element *el, const struct pending *last)
{
    struct se_chain chain = { .n = last->line.n, .seq = last->line.seq };

    memcpy(chain.hash, last->hash, sizeof(chain.hash));
    return se_store_chain_put(el->store, last->line.chain, &chain);
}

static enum rdv_err keep_all(struct se_element *el)
{
    const struct se_log *log = el->log;
    bool told[SE_CHAINS] = { false };
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; i < log->n_pending && err == RDV_OK; i++)
        err = keep(el, &log->pending[i]);
    for (size_t i = log->n_pending; i > 0 && err == RDV_OK; i--) {
        const struct pending *p = &log->pending[i - 1];

        if (!told[p->line.chain])
            err = keep_chain(el, p);
        told[p->line.chain] = true;
    }
    return err;
}

bool se_log_waits(const struct se_element *el)
{
    return el->log->n_pending > 0;
}

static void forget_pending(struct se_log *log)
{
    while (log->n_pending > 0)
        rdv_buf_free(&log->pending[--log->n_pending].message);
    rdv_buf_reset(&log->texts, PENDING_BYTES);
}

enum rdv_err se_log_flush(struct se_element *el)
{
    struct se_log *log = el->log;
    enum rdv_err err;

    if (log->n_pending == 0)
        return RDV_OK;
    if ((err = make_all(el)) == RDV_OK)
        err = keep_all(el);
    forget_pending(log);
    if (err != RDV_OK)
        log_warn_e(err, "%s: the log", el->sen);
    return err == RDV_OK ? RDV_OK : RDV_ERR_LOST;
}

/* Of a log that is nearly full entries are made at once: what waits takes more room than it will,
 * and cannot be let go. */
enum rdv_err se_log_make_room(struct se_element *el)
{
    const struct se_log *log = el->log;

    return log->n_pending > PENDING_MAX - SE_LOG_STEP_MAX ||
                           rdv_buf_len(&log->texts) > PENDING_BYTES ||
                           (log->n_pending > 0 && !has_room(log, RDV_ENVELOPE_MAX))
                   ? se_log_flush(el)
                   : RDV_OK;
}

/* --- letting go ------------------------------------------------------------------------------- */

enum rdv_err se_log_drop(struct se_element *el, const struct se_log_run *run)
{
    struct se_log_totals *now = &el->log->now;
    enum rdv_err err;

    el->log->drops++;
    if ((err = se_store_log_drop(el->store, run->from, run->to)) != RDV_OK)
        return err;
    now->entries -= run->entries;
    now->bytes -= run->bytes;
    return RDV_OK;
}

int64_t se_log_added(const struct se_element *el)
{
    return el->log->added;
}

/* --- taking back ------------------------------------------------------------------------------ */

struct se_log_mark se_log_mark(const struct se_element *el)
{
    return (struct se_log_mark){ el->log->now, el->log->n_pending, el->log->drops };
}

void se_log_undo(struct se_element *el, const struct se_log_mark *mark)
{
    struct se_log *log = el->log;

    if (log->drops != mark->drops)
        se_retention_restart(el);
    log->now = mark->totals;
    while (log->n_pending > mark->n_pending) {
        const struct pending *p = &log->pending[--log->n_pending];
        struct se_chain *chain = &log->chains[p->line.chain].at;

        log->added--;
        chain->n--;
        chain->seq = p->seq_before;
        rdv_buf_truncate(&log->texts, rdv_buf_len(&log->texts) - p->type_n - p->content_n);
    }
}

void se_log_committed(struct se_element *el)
{
    struct se_log *log = el->log;

    if (log->committed.last != log->now.last) {
        for (size_t i = 0; i < SE_CHAINS; i++)
            log->reached[i] = log->chains[i].known ? log->chains[i].at.seq : log->reached[i];
        el->wakes++;
    }
    log->committed = log->now;
    log->drops_committed = log->drops;
    log->added = 0;
}

void se_log_rolled_back(struct se_element *el)
{
    struct se_log *log = el->log;

    if (log->drops != log->drops_committed)
        se_retention_restart(el);
    log->drops_committed = log->drops;
    log->now = log->committed;
    log->added = 0;
    forget_pending(log);
    for (size_t i = 0; i < SE_CHAINS; i++)
        log->chains[i].known = false;
}

/* --- reading ---------------------------------------------------------------------------------- */

bool se_log_may_read(const struct se_account *account, unsigned chain)
{
    if (se_rights_allow(account, SE_RIGHT_PUBLISH))
        return true;
    return se_rights_allow(account, SE_RIGHT_READ) &&
           (chain == SE_CHAIN_CARD || se_scope_has(&account->records, (uint8_t)chain));
}

bool se_log_reaches(const struct se_element *el, const struct se_account *account, int64_t seq)
{
    if (el->log->committed.last < seq)
        return false;
    for (unsigned i = 0; i < SE_CHAINS; i++) {
        if (el->log->reached[i] >= seq && se_log_may_read(account, i))
            return true;
    }
    return false;
}

enum rdv_err se_log_envelope(struct se_element *el, struct rdv_buf *out,
                             const struct se_log_line *line)
{
    const size_t before = rdv_buf_len(out);
    struct rdv_envelope got;
    struct rdv_cose parts;
    struct rdv_span sealed, message;
    enum rdv_err err;

    if ((err = se_store_log_envelope(el->store, &sealed, line->seq)) == RDV_ERR_ABSENT)
        err = RDV_ERR_CORRUPT; /* its line is there */
    if (err == RDV_OK)
        err = se_seal_open(el->seal, out, place_of(line->seq), sealed);
    if (err == RDV_OK) {
        message = rdv_buf_view(out);
        message.p += before;
        message.n -= before;
        /* The line can be read without the key, and so could be written without it. */
        if (rdv_envelope_get(&got, &parts, message) != RDV_OK ||
            got.entry.seq != (uint64_t)line->seq || got.entry.n != (uint64_t)line->n ||
            (line->chain == SE_CHAIN_CARD
                     ? got.topic.kind != RDV_TOPIC_CARD
                     : got.topic.kind != RDV_TOPIC_RECORD || got.topic.record != line->chain)) {
            rdv_buf_truncate(out, before);
            err = RDV_ERR_CORRUPT;
        }
    }
    if (err == RDV_ERR_CORRUPT)
        log_error("%s: entry %lld of the log is damaged", el->sen, (long long)line->seq);
    return err;
}
