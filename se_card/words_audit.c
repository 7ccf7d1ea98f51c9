/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/envelope.h"
#include "schema/wire/link.h"
#include "se_card/handlers.h"
#include "se_card/log.h"
#include "se_card/moment.h"
#include "se_card/words_arg.h"

#define LIST_MOST 50 /* rows in one answer */
#define BACKUP_NAME_MAX 64

static void say_row(struct se_answer *answer, const struct se_audit_row *row)
{
    se_answer_number(answer, "seq", row->seq);
    se_answer_moment(answer, "time", row->time, "");
    se_answer_text(answer, "actor", row->actor);
    se_answer_text(answer, "action", row->action);
    se_answer_text(answer, "target", row->target);
    se_answer_text(answer, "result", row->result);
    se_answer_text(answer, "detail", row->detail);
    se_answer_bytes(answer, "hash", (struct rdv_span){ row->hash, sizeof(row->hash) });
    se_answer_row_end(answer);
}

SE_HANDLER(se_words_audit)
{
    int64_t seq = 0, count = LIST_MOST;
    struct se_audit_row row;
    enum rdv_err err;

    if (se_number_decode(&seq, rq->words->word[0], INT64_MAX - 9) != RDV_OK ||
        (rq->words->n > 1 && se_number_decode(&count, rq->words->word[1], LIST_MOST) != RDV_OK))
        return se_fault(s->el, RDV_ERR_FORMAT, "FROM is a number, COUNT one up to %d", LIST_MOST);
    se_answer_list_begin(answer, "list");
    for (; count > 0; count--, seq = row.seq + 1) {
        if ((err = se_store_audit_from(s->el->store, &row, seq)) == RDV_ERR_ABSENT)
            break;
        if (err != RDV_OK)
            return err;
        say_row(answer, &row);
    }
    se_answer_list_end(answer);
    return RDV_OK;
}

/* A name that cannot lead out of the card's directory, nor to a file that is there for something.
 */
static enum rdv_err check_backup_name(struct se_session *s, struct rdv_span name)
{
    bool fine = name.n > 0 && name.n <= BACKUP_NAME_MAX && name.p[0] != '.' && name.p[0] != '-';

    for (size_t i = 0; i < name.n && fine; i++) {
        const uint8_t c = name.p[i];

        fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    }
    if (fine && (name.n < 12 || memcmp(name.p, "card.sqlite3", 12) != 0))
        return RDV_OK;
    return se_fault(
            s->el, RDV_ERR_FORMAT,
            "\"%s\": a file name of letters, digits, '.', '-', '_', in the card's directory",
            rdv_quote(name).text);
}

/*
 * Outside any transaction: what came before is committed. The counter is stepped behind the copy,
 * and noted, so that putting the copy back is noticed.
 */
SE_HANDLER(se_words_backup)
{
    struct se_element *el = s->el;
    struct se_audit_event event = { s->me.name, "backup", rq->target, "ok", "" };
    char path[PATH_MAX];
    enum rdv_err err;
    int n;

    if ((err = check_backup_name(s, rq->words->word[0])) != RDV_OK ||
        (err = rdv_span_to_text(rq->target, sizeof(rq->target), rq->words->word[0])) != RDV_OK)
        return err;
    n = snprintf(path, sizeof(path), "%s/%s", el->dir, rq->target);
    if (n < 0 || (size_t)n >= sizeof(path))
        return se_fault(el, RDV_ERR_LIMIT, "the path is too long");
    if ((err = se_store_backup(el->store, path)) == RDV_ERR_EXISTS)
        return se_fault(el, err, "\"%s\" exists already", rq->target);
    if (err != RDV_OK || (err = se_element_begin(el)) != RDV_OK)
        return err;
    el->stepping = true;
    if ((err = se_audit_add(&el->audit, el->store, el->now, &event)) != RDV_OK) {
        se_element_rollback(el);
        return err;
    }
    if ((err = se_element_commit(el)) != RDV_OK ||
        (err = se_epoch_note(&el->epoch, &el->state, true)) != RDV_OK)
        return err;
    se_answer_name(answer, "file", rq->target);
    se_answer_row_end(answer);
    return RDV_OK;
}

/* An entry about the card: whoever reads the chains sees where they may have been cut. */
static enum rdv_err log_restore(struct se_session *s)
{
    const struct se_account *me = &s->me;
    const int64_t epoch = se_element_next_epoch(s->el);
    struct rdv_buf event = RDV_BUF(64);
    struct se_log_post post = { SE_CHAIN_CARD, RDV_LIT(RDV_TYPE_CARD), { NULL, 0 }, me };
    struct rdv_cbor_map map;
    enum rdv_err err;

    if ((err = rdv_cbor_map_begin(&map, &event)) == RDV_OK &&
        (err = rdv_cbor_map_key(&map, "event")) == RDV_OK &&
        (err = rdv_cbor_put_text(&event, RDV_LIT("restored"))) == RDV_OK &&
        (err = rdv_cbor_map_key(&map, "epoch")) == RDV_OK &&
        (err = rdv_cbor_put_int(&event, epoch)) == RDV_OK &&
        (err = rdv_cbor_map_end(&map)) == RDV_OK) {
        se_log_jump(s->el, epoch);
        post.content = rdv_buf_view(&event);
        err = se_log_append(s->el, &post, NULL);
    }
    rdv_buf_free(&event);
    return err;
}

SE_HANDLER(se_words_restore_accept)
{
    (void)answer;
    if (!se_element_is_read_only(s->el))
        return se_fault(s->el, RDV_ERR_STATE,
                        "the card is not read-only: there is nothing to accept");
    (void)snprintf(rq->detail, sizeof(rq->detail), "from %lld.%lld, had come to %lld.%lld",
                   (long long)s->el->state.epoch, (long long)s->el->state.counter,
                   (long long)s->el->epoch.noted.epoch, (long long)s->el->epoch.noted.counter);
    s->el->accepting = true;
    return log_restore(s);
}
