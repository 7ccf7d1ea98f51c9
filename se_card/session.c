/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/session.h"

#include "se_card/accounts.h"
#include "se_card/log.h"

enum rdv_err se_session_init(struct se_session *s, struct se_element *el, int64_t account)
{
    enum rdv_err err;

    *s = (struct se_session){ .el = el, .account = account, .since = el->now };
    s->id = ++el->next_session;
    if ((err = se_accounts_get(el, &s->me, account)) == RDV_OK) {
        s->me_version = el->accounts_version;
        s->state.psk_serial = s->me.psk_serial;
    }
    return err;
}

enum rdv_err se_session_refresh(struct se_session *s)
{
    enum rdv_err err;

    if (s->me_version != s->el->accounts_version) {
        err = se_accounts_get(s->el, &s->me, s->account);
        if (err != RDV_OK)
            return err == RDV_ERR_ABSENT ? RDV_ERR_DENIED : err;
        s->me_version = s->el->accounts_version;
    }
    return se_account_is_valid(&s->me, s->el->now) && s->me.psk_serial == s->state.psk_serial
                   ? RDV_OK
                   : RDV_ERR_DENIED;
}

enum rdv_err se_session_wait(struct se_session *s, uint64_t until_ms)
{
    if (s->wait_until_ms == 0) {
        s->next_waiting = s->el->waiting;
        s->prev_waiting = &s->el->waiting;
        if (s->next_waiting != NULL)
            s->next_waiting->prev_waiting = &s->next_waiting;
        s->el->waiting = s;
    }
    s->wait_until_ms = until_ms;
    s->wakes_seen = s->el->wakes;
    return RDV_ERR_BUSY;
}

enum rdv_err se_session_wait_for_log(struct se_session *s, struct se_log_wait wait)
{
    s->log_wait = wait;
    return se_session_wait(s, wait.until_ms);
}

void se_session_stop_waiting(struct se_session *s)
{
    if (s->wait_until_ms == 0)
        return;
    *s->prev_waiting = s->next_waiting;
    if (s->next_waiting != NULL)
        s->next_waiting->prev_waiting = s->prev_waiting;
    s->wait_until_ms = 0;
}

bool se_session_is_asleep(const struct se_session *s)
{
    if (s->wait_until_ms == 0 || s->el->now_ms >= s->wait_until_ms)
        return false;
    if (s->log_wait.seq > 0)
        return !se_log_reaches(s->el, &s->me, s->log_wait.seq);
    return s->wakes_seen == s->el->wakes;
}
