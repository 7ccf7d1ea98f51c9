/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLS-SE applet for one client: command APDUs in, response APDUs out (INS A4, D8, C0).
 * Sans-I/O.
 *
 * A command goes through three steps, so that one commit can serve many clients:
 *
 *   se_card_feed      takes the APDU; the TLS work is done here
 *   se_turn_run       runs the requests of all cards of an element in one transaction (turn.h)
 *   se_card_response  gives the response, once nothing of it waits for a commit any more
 *
 * Short APDUs are answered as the published card does: 240 bytes at most, the flight record by
 * record, no data beside an error, ?02 answered 9002 alone. In extended length a response holds all
 * there is, alerts and close_notify included.
 */
#ifndef RDV_SE_CARD_CARD_H
#define RDV_SE_CARD_CARD_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/element.h"
#include "se_card/session.h"

struct se_card;

/* `address` is the client's, for the log: borrowed for this call. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_card_new(struct se_card **out, struct se_element *el,
                                      struct rdv_span address);
void se_card_free(struct se_card *card);

/* Where the client has reached the front (link.h), for what it hands over; nothing is known of it
 * until then, nor when it is not valid. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err se_card_set_reached(struct se_card *card, struct rdv_span reached);

/* Takes one command APDU. What is wrong with it is answered by its response.
 * Returns: RDV_ERR_LIMIT when too much is waiting already (the other side ignores our answers),
 * RDV_ERR_NOMEM: the link must end. */
RDV_MUST_USE enum rdv_err se_card_feed(struct se_card *card, struct rdv_span command);

/* Milliseconds to wait before anything is answered: a guesser is slowed down. 0: none. To be asked
 * after each se_card_feed; a wait is told once. */
uint64_t se_card_delay(struct se_card *card);

/* True when requests are waiting for a turn. */
bool se_card_wants_turn(const struct se_card *card);

/* True when a command has not been answered yet. */
bool se_card_is_asked(const struct se_card *card);

/* Ends an open session from our side: close_notify is due then, in a response nobody asked for.
 * Returns false when there is nothing to say. */
bool se_card_end(struct se_card *card);

/* True once a question of the session was answered, until the session ends. */
bool se_card_has_answered(const struct se_card *card);

/* True once a response has said the session's end, and none is due behind it. */
bool se_card_has_ended(const struct se_card *card);

/*
 * The next response that is due; *data is valid until the next call on the card.
 * Returns false when none is.
 */
bool se_card_response(struct se_card *card, struct rdv_span *data, uint16_t *sw);

/* --- the sessions of an element --------------------------------------------------------------- */

/* Whoever answers for this card: for the worker. */
void se_card_set_owner(struct se_card *card, void *owner);
void *se_card_owner(const struct se_card *card);

struct se_card *se_card_next(const struct se_card *card);
const struct se_session *se_card_session(const struct se_card *card);
const char *se_card_address(const struct se_card *card);

/* Asks for the session's end, at the next sweep. */
void se_card_mark(struct se_card *card);
/* Answers yes to what it waits for. Returns: RDV_ERR_ABSENT when it asks nothing of that number. */
RDV_MUST_USE enum rdv_err se_card_confirm(struct se_card *card, uint64_t question);
/* Takes back what commands numbered above `act` have done of both. */
void se_card_unmark(struct se_card *card, uint64_t act);

/*
 * True when the session must end: it was marked, or its account is gone, disabled, out of its time,
 * or has another key. Not inside a transaction.
 */
bool se_card_must_end(struct se_card *card);

/* --- for turn.c ------------------------------------------------------------------------------- */

struct se_element *se_card_element(const struct se_card *card);

/* Runs waiting requests inside the element's open transaction, answers kept back.
 * Returns: RDV_ERR_LOST when the transaction was lost. */
RDV_MUST_USE enum rdv_err se_card_run(struct se_card *card);

/* Back to before se_card_run: the transaction was not committed. */
void se_card_rewind(struct se_card *card);

/* The same requests, each in a transaction of its own: what cannot be committed answers ERROR. */
void se_card_run_alone(struct se_card *card);

/* True when the next request must not share a transaction: se_card_run has stopped before it. */
bool se_card_wants_alone(const struct se_card *card);

/* The transaction is on disk: the answers may be sent. */
void se_card_finish(struct se_card *card);

#endif
