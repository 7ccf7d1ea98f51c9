/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One logged-in client: who it is, and what its commands have set for the commands that follow. */
#ifndef RDV_SE_CARD_SESSION_H
#define RDV_SE_CARD_SESSION_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/element.h"

/* What commands change. A plain value: a turn that cannot be committed puts the old one back. */
struct se_session_state {
    int64_t selected;   /* the guest that ?A0 ?A1 ?A5 ?A8 are about; 0: none chosen yet */
    int64_t psk_serial; /* of the key it logged in with, or has set itself since */
    bool login_due;     /* it logged in with the key of a rotation, which is still to be written */
    bool ending; /* nothing more is read; what was answered is sent, then the session closes */
};

#define SE_CONFIRM_MS 30000 /* that a question waits */

/* What waits for somebody to confirm it (?D2). */
struct se_question {
    uint64_t id; /* 0: nothing */
    uint64_t until_ms;
    uint64_t confirmed; /* by the command of this number (el->acts); 0: not yet */
};

/* A request that waits for an entry of the log, and is run again when there is one. */
struct se_log_wait {
    int64_t seq;       /* this one, or a greater; 0: it does not wait */
    uint64_t until_ms; /* then it is answered with nothing */
    bool yields;       /* and when there is another request behind it */
};

struct se_session {
    struct se_element *el;
    struct se_card *card;     /* whose it is; NULL in tests that have none */
    const struct se_tls *tls; /* its connection; NULL in tests that have none */
    uint64_t id;
    int64_t account; /* who logged in */
    int64_t since;   /* seconds since 1970 */
    unsigned long commands;
    const char *reached; /* where its client has reached the front; NULL: not known */
    bool has_name;       /* the client gave the TLS server name */
    struct se_session_state state;
    uint64_t wait_until_ms; /* see se_session_wait; 0: it does not wait */
    uint64_t wakes_seen;
    struct se_session *next_waiting, **prev_waiting; /* of the element's */
    struct se_log_wait log_wait;
    bool hurried; /* another request stands behind the one that is run */
    struct se_question question;
    struct se_account me; /* as of me_version of the element's accounts */
    uint64_t me_version;
};

/* Returns: RDV_ERR_ABSENT when the account has gone meanwhile, and as the store does. */
RDV_MUST_USE enum rdv_err se_session_init(struct se_session *s, struct se_element *el,
                                          int64_t account);

/* Brings `me` up to date. Returns: RDV_ERR_DENIED when the account is gone, disabled, out of its
 * time, or has another key: the session must end; RDV_ERR_IO and the like. */
RDV_MUST_USE enum rdv_err se_session_refresh(struct se_session *s);

/*
 * For a handler that cannot answer yet and has changed nothing: the request stays first in its
 * queue, without an answer, and is run again when something has happened (el->wakes) or at
 * until_ms, which is above 0. Returns: RDV_ERR_BUSY, for the handler to return.
 */
RDV_MUST_USE enum rdv_err se_session_wait(struct se_session *s, uint64_t until_ms);
/* The same for an entry of the log, instead of el->wakes. s->log_wait tells the handler, when it is
 * run again, what it waited for. */
RDV_MUST_USE enum rdv_err se_session_wait_for_log(struct se_session *s, struct se_log_wait wait);
void se_session_stop_waiting(struct se_session *s);

/* It waits, and nothing has happened yet. */
bool se_session_is_asleep(const struct se_session *s);

#endif
