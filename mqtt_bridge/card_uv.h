/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session with the card over TCP, one after the other, on a loop. */
#ifndef RDV_MQTT_BRIDGE_CARD_UV_H
#define RDV_MQTT_BRIDGE_CARD_UV_H

#include <rdv/session.h>
#include <uv.h>

#include "base/err.h"

struct bridge_card;

/* All of them may ask, and may close. */
struct bridge_card_calls {
    void (*opened)(void *user);
    /* Valid during the call. Returns: what ends the session, with `gone`. */
    enum rdv_err (*answered)(void *user, const struct rdv_answer *answer);
    /* The session has ended, or could not be opened: nothing more comes of it. */
    void (*gone)(void *user, enum rdv_err err, const char *why);
};

struct bridge_card_options {
    const struct rdv_uri *where; /* with an identity; borrowed, like the rest */
    const char *psk_file;        /* read for each session */
    const struct bridge_card_calls *calls;
    void *user;
};

/* Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err bridge_card_new(struct bridge_card **out, uv_loop_t *loop,
                                          const struct bridge_card_options *options);
/* The session must be closed, and the loop must have run since. */
void bridge_card_free(struct bridge_card *c);

/* Begins to open a session; the one before must be closed, or gone. Returns what fails at once,
 * with the reason in *why; nothing is called then. */
RDV_MUST_USE enum rdv_err bridge_card_open(struct bridge_card *c, struct rdv_why *why);

/* Of a session that is open: to ask. What is asked goes with bridge_card_flush. */
struct rdv_session *bridge_card_session(struct bridge_card *c);
void bridge_card_flush(struct bridge_card *c);

/* Says goodbye and closes, without a call. Of no session: nothing. */
void bridge_card_close(struct bridge_card *c);

#endif
