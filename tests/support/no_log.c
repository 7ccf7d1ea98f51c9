/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A log that keeps nothing: what a mailbox is without signed entries, to be measured beside it. A
 * program that links this in place of se_card/log.c counts entries and forgets them.
 */
#include "se_card/log.h"

#include <stdlib.h>

struct se_log {
    struct se_log_totals totals;
};

enum rdv_err se_log_open(struct se_element *el, int64_t quota)
{
    (void)quota;
    return (el->log = calloc(1, sizeof(*el->log))) != NULL ? RDV_OK : RDV_ERR_NOMEM;
}

void se_log_close(struct se_element *el)
{
    free(el->log);
    el->log = NULL;
}

enum rdv_err se_log_make_room(struct se_element *el)
{
    (void)el;
    return RDV_OK;
}

enum rdv_err se_log_append(struct se_element *el, const struct se_log_post *post,
                           struct se_log_line *out)
{
    const int64_t seq = ++el->log->totals.last;

    if (out != NULL)
        *out = (struct se_log_line){
            .seq = seq, .chain = post->chain, .time = el->now, .author = post->author->id
        };
    return RDV_OK;
}

void se_log_jump(struct se_element *el, int64_t epoch)
{
    (void)el;
    (void)epoch;
}

bool se_log_is_broken(const struct se_element *el, unsigned chain)
{
    (void)el;
    (void)chain;
    return false;
}

bool se_log_waits(const struct se_element *el)
{
    (void)el;
    return false;
}

enum rdv_err se_log_flush(struct se_element *el)
{
    (void)el;
    return RDV_OK;
}

enum rdv_err se_log_drop(struct se_element *el, const struct se_log_run *run)
{
    (void)el;
    (void)run;
    return RDV_ERR_ABSENT;
}

int64_t se_log_added(const struct se_element *el)
{
    (void)el;
    return 0;
}

struct se_log_mark se_log_mark(const struct se_element *el)
{
    return (struct se_log_mark){ .totals = el->log->totals };
}

void se_log_undo(struct se_element *el, const struct se_log_mark *mark)
{
    el->log->totals = mark->totals;
}

void se_log_committed(struct se_element *el)
{
    (void)el;
}

void se_log_rolled_back(struct se_element *el)
{
    (void)el;
}

enum rdv_err se_log_envelope(struct se_element *el, struct rdv_buf *out,
                             const struct se_log_line *line)
{
    (void)el;
    (void)out;
    (void)line;
    return RDV_ERR_ABSENT;
}

bool se_log_may_read(const struct se_account *account, unsigned chain)
{
    (void)account;
    (void)chain;
    return false;
}

bool se_log_reaches(const struct se_element *el, const struct se_account *account, int64_t seq)
{
    (void)el;
    (void)account;
    (void)seq;
    return false;
}

enum rdv_err se_log_chain(struct se_element *el, struct se_chain *out, unsigned chain)
{
    (void)el;
    (void)chain;
    *out = (struct se_chain){ 0 };
    return RDV_OK;
}

struct se_log_totals se_log_totals(const struct se_element *el)
{
    return el->log->totals;
}

int64_t se_log_quota(const struct se_element *el)
{
    (void)el;
    return 0;
}
