/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/log.h"
#include "schema/wire/envelope.h"
#include "se_card/handlers.h"
#include "se_card/log.h"
#include "se_card/moment.h"
#include "se_card/rights.h"
#include "se_card/words_arg.h"

#define SEQ_MOST (INT64_MAX - 9)

/* Who publishes reads for others; entries about the card are everybody's who reads anything. */
static bool may_read(const struct se_account *me, unsigned chain)
{
    if (se_rights_allow(me, SE_RIGHT_PUBLISH))
        return true;
    return se_rights_allow(me, SE_RIGHT_READ) &&
           (me->root || chain == SE_CHAIN_CARD || se_scope_has(&me->records, (uint8_t)chain));
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

/* All of it for programs; for people, who get the envelope only when they ask for it, in words. */
static enum rdv_err say_entry(struct se_session *s, struct se_answer *answer,
                              const struct se_log_line *line, bool whole)
{
    struct rdv_buf message = RDV_BUF(RDV_ENVELOPE_MAX);
    struct rdv_envelope said;
    struct rdv_cose parts;
    enum rdv_err err;

    se_answer_number(answer, "seq", line->seq);
    if (line->chain == SE_CHAIN_CARD)
        se_answer_name(answer, "record", "card");
    else
        se_answer_slot(answer, "record", (uint8_t)line->chain);
    se_answer_number(answer, "n", line->n);
    if ((err = se_log_envelope(s->el, &message, line)) == RDV_OK &&
        (err = rdv_envelope_get(&said, &parts, rdv_buf_view(&message))) == RDV_OK) {
        if (!answer->for_programs) {
            se_answer_moment(answer, "time", said.time, "");
            se_answer_text(answer, "author", said.entry.author);
            se_answer_text(answer, "type", said.entry.type);
            se_answer_number(answer, "bytes", (int64_t)said.entry.content.n);
        }
        if (whole || answer->for_programs)
            se_answer_bytes(answer, "envelope", rdv_buf_view(&message));
    } else if (err == RDV_ERR_CORRUPT && !whole) {
        se_answer_flag(answer, "damaged", true); /* the others are read all the same */
        err = RDV_OK;
    }
    rdv_buf_free(&message);
    se_answer_row_end(answer);
    return err;
}

/* --- commands --------------------------------------------------------------------------------- */

SE_HANDLER(se_words_receipt)
{
    struct se_log_line line = { 0 };
    int64_t seq = 0;
    enum rdv_err err;

    if (se_number_decode(&seq, rq->words->word[0], SEQ_MOST) != RDV_OK)
        return se_fault(s->el, RDV_ERR_FORMAT, "\"%s\" is not the number of an entry",
                        rdv_quote(rq->words->word[0]).text);
    if ((err = se_log_flush(s->el)) != RDV_OK)
        return err;
    if ((err = se_store_log_from(s->el->store, &line, seq)) == RDV_ERR_ABSENT ||
        (err == RDV_OK && line.seq != seq))
        return se_fault(s->el, RDV_ERR_ABSENT, "no entry %lld", (long long)seq);
    if (err != RDV_OK)
        return err;
    if (line.author != s->account && !may_read(&s->me, line.chain))
        return refuse_chain(s, line.chain);
    return say_entry(s, answer, &line, true);
}
