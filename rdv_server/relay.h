/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One session of the front, without its sockets: TLS records from the client become APDUs for the
 * card, and what the card answers goes back as it is. Sans-I/O.
 *
 * It reads the ClientHello for the server name and the headers of records for their length; it
 * could not read more, and holds no key.
 */
#ifndef RDV_SERVER_RELAY_H
#define RDV_SERVER_RELAY_H

#include "base/bytes.h"
#include "base/err.h"
#include "schema/wire/link.h"
#include "schema/wire/tls_record.h"

/* Commands sent ahead of their responses: enough for one commit to serve a pipelining client. */
#define RDV_RELAY_AHEAD_MAX 32
#define RDV_RELAY_AHEAD_BYTES 65536

/* GET RESPONSEs under way while a long answer goes through: the card makes the next part while the
 * client takes this one. */
#define RDV_RELAY_FETCHES_MAX 2

#define RDV_RELAY_TO_CARD_MAX (1024 * 1024)
#define RDV_RELAY_TO_CLIENT_MAX (1024 * 1024)

enum rdv_relay_phase {
    RDV_RELAY_HELLO,     /* collecting the ClientHello */
    RDV_RELAY_WELCOME,   /* the SEN is known; waiting for the card to take us */
    RDV_RELAY_HANDSHAKE, /* the card is doing it */
    RDV_RELAY_OPEN,
    RDV_RELAY_OVER, /* send what is in to_client, then close */
};

struct rdv_relay {
    enum rdv_relay_phase phase;
    const char *reason; /* for the log, once over */
    char sen[RDV_SEN_MAX + 1];
    bool demo;    /* the card has said that it uses the demonstration keys */
    bool deaf;    /* what the client sends now can no longer be cut into records */
    bool freed;   /* the card has answered the session's end, not said it unasked */
    bool garbled; /* it was not TLS: the session ends when what came before has been answered */
    struct rdv_buf from_client; /* a record that is not whole yet */
    struct rdv_buf from_card;   /* bytes that are not whole yet, and of no answer under way */
    size_t answer_left; /* bytes of the answer under way still to come, status word too; 0: none */
    size_t answer_n;    /* bytes of it that have gone to the client */
    size_t fetch;     /* the card has more: times to ask when the client has taken what there is */
    size_t n_fetches; /* commands not answered yet that ask so */
    uint16_t ahead[RDV_RELAY_AHEAD_MAX]; /* record bytes of commands not answered yet; 0: asks so */
    size_t first_ahead, n_ahead, ahead_bytes;
    unsigned long records_in, bytes_in, bytes_out;
};

/* What the card is told of a client, beside the card's own name. */
struct rdv_relay_intro {
    const char *default_sen; /* serves clients that name no card; "" for none */
    const char *address;     /* of the client */
    const char *reached;     /* where it has reached us */
};

void rdv_relay_init(struct rdv_relay *r);
void rdv_relay_free(struct rdv_relay *r);

/*
 * Takes bytes of the client. Appends to `to_card`, or an alert to `to_client`.
 * Look at r->phase afterwards: WELCOME means that the card must be connected to (to_card holds what
 * to send it), OVER that the session ends. Returns: RDV_ERR_NOMEM, RDV_ERR_LIMIT (a buffer is
 * full).
 */
RDV_MUST_USE enum rdv_err rdv_relay_from_client(struct rdv_relay *r, struct rdv_buf *to_card,
                                                struct rdv_buf *to_client, struct rdv_span bytes,
                                                const struct rdv_relay_intro *intro);

/* Takes bytes of the card. Appends to `to_client`: of an answer what is there of it, but nothing
 * that nobody asked for until it is known to be the session's end. Look at r->phase afterwards.
 * Returns as above. */
RDV_MUST_USE enum rdv_err rdv_relay_from_card(struct rdv_relay *r, struct rdv_buf *to_client,
                                              struct rdv_span bytes);

/* To be called when the client has taken all of to_client: may append to `to_card`. */
RDV_MUST_USE enum rdv_err rdv_relay_client_is_empty(struct rdv_relay *r, struct rdv_buf *to_card);

/* True while more from the client could be passed on. */
bool rdv_relay_wants_client(const struct rdv_relay *r);

/* True when the session is over for the card too, and its link can serve another one: all commands
 * are answered, with the end at last. */
bool rdv_relay_frees_link(const struct rdv_relay *r);

/* Ends the session before the card has said anything: the client gets an alert in clear. Later,
 * with keys in use, nothing is sent. A session that is over stays as it is. */
void rdv_relay_end(struct rdv_relay *r, struct rdv_buf *to_client, enum rdv_tls_alert alert,
                   const char *reason);

#endif
