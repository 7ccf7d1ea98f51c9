/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/heads.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/envelope.h"
#include "se_card/log.h"
#include "se_card/own.h"

#define RECORDS 256

struct se_heads {
    int64_t valid; /* seconds */
    unsigned next; /* where the timer goes on */
    struct se_head of[RECORDS];
};

enum rdv_err se_heads_open(struct se_element *el, int64_t valid)
{
    if ((el->heads = calloc(1, sizeof(*el->heads))) == NULL)
        return RDV_ERR_NOMEM;
    el->heads->valid = valid;
    return RDV_OK;
}

void se_heads_close(struct se_element *el)
{
    free(el->heads);
    el->heads = NULL;
}

/* Signs what describes itself; the payload is not an entry's. */
static enum rdv_err sign(struct se_element *el, struct rdv_buf *out, struct rdv_envelope *in)
{
    struct rdv_buf protected = RDV_BUF(RDV_ENVELOPE_PROTECTED_MAX);
    struct rdv_buf payload = RDV_BUF(RDV_ENVELOPE_PAYLOAD_MAX);
    enum rdv_err err;

    memcpy(in->topic.sen, el->sen, sizeof(el->sen));
    se_own_kid(el, in->kid);
    if ((err = rdv_envelope_put_protected(&protected, in)) == RDV_OK &&
        (err = rdv_envelope_put_payload(&payload, in)) == RDV_OK)
        err = se_own_sign1(el, out, rdv_buf_view(&protected), rdv_buf_view(&payload));
    rdv_buf_free(&protected);
    rdv_buf_free(&payload);
    return err;
}

static enum rdv_err make(struct se_element *el, struct se_head *head, uint8_t record,
                         const struct se_chain *chain)
{
    struct rdv_envelope says = {
        .topic = { .kind = RDV_TOPIC_HEAD, .record = record },
        .time = el->now,
        .head = { .n = (uint64_t)chain->n, .until = el->now + el->heads->valid },
    };
    struct rdv_buf message = RDV_BUF(SE_HEAD_BYTES);
    enum rdv_err err;

    memcpy(says.head.hash, chain->hash, sizeof(chain->hash));
    if ((err = sign(el, &message, &says)) == RDV_OK) {
        *head = (struct se_head){ .n = chain->n,
                                  .seq = chain->seq,
                                  .made = el->now,
                                  .until = says.head.until,
                                  .size = rdv_buf_len(&message) };
        memcpy(head->hash, chain->hash, sizeof(head->hash));
        memcpy(head->message, rdv_buf_view(&message).p, head->size);
    }
    rdv_buf_free(&message);
    return err;
}

/* By its hash: what was not committed had another one. */
static bool is_fresh(const struct se_element *el, const struct se_head *head,
                     const struct se_chain *chain)
{
    return head->size > 0 && memcmp(head->hash, chain->hash, sizeof(head->hash)) == 0 &&
           head->made <= el->now && head->until - el->now >= el->heads->valid / 2;
}

enum rdv_err se_heads_get(struct se_element *el, const struct se_head **out, uint8_t record)
{
    struct se_head *head = &el->heads->of[record];
    struct se_chain chain;
    enum rdv_err err;

    *out = head;
    if (el->read_only)
        return se_fault(el, RDV_ERR_READONLY,
                        "its database is an older copy, put back: what came last is not known");
    if ((err = se_log_chain(el, &chain, record)) != RDV_OK)
        return err;
    return is_fresh(el, head, &chain) ? RDV_OK : make(el, head, record, &chain);
}

void se_heads_tick(struct se_element *el)
{
    struct se_heads *heads = el->heads;
    const struct se_head *head;
    unsigned made = 0;

    if (el->read_only)
        return;
    for (unsigned i = 0; i < RECORDS && made < SE_HEAD_A_TICK; i++) {
        const unsigned at = heads->next++ % RECORDS;

        head = &heads->of[at];
        if (head->size == 0 || head->until - el->now >= heads->valid / 2)
            continue;
        made++;
        if (se_heads_get(el, &head, (uint8_t)at) != RDV_OK)
            log_warn("%s: the head of record %02X could not be renewed", el->sen, at);
    }
}

enum rdv_err se_heads_keys(struct se_element *el, struct rdv_buf *out)
{
    struct rdv_envelope says = { .topic = { .kind = RDV_TOPIC_KEY },
                                 .time = el->created,
                                 .keys = { .n = 1 } };

    if (el->own_key == NULL)
        return se_fault(el, RDV_ERR_ABSENT, "the card has no key yet");
    se_own_kid(el, says.keys.keys[0].kid);
    memcpy(says.keys.keys[0].x, el->identity + 1, 32);
    memcpy(says.keys.keys[0].y, el->identity + 33, 32);
    return sign(el, out, &says);
}
