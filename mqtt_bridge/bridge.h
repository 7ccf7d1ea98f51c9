/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bridge without its connections: what to ask of the card, what to publish, and when to tell
 * the card that the broker has it. Sans-I/O: events go in, with the time; what is to be done comes
 * out of bridge_next, until it says that there is nothing more.
 *
 *   - Its only state beyond the process is the cursor that the card keeps. It asks for the entries
 *     behind it, and acknowledges, in order of seq, what the broker has accepted.
 *   - The entries of a record reach the broker in their order. What is on its way, and what is
 * held, is bounded.
 *   - A broker may come back without what it had: on every connection the keys, the heads, the
 *     status and the last entry of each record are published again.
 *   - What cannot go (a broker finds it too large, or the card has damaged it) is left out, and the
 *     card is told, which writes it down.
 *
 * Whatever is lost on either side is asked for and published again, the same bytes.
 */
#ifndef RDV_MQTT_BRIDGE_BRIDGE_H
#define RDV_MQTT_BRIDGE_BRIDGE_H

#include "mqtt_bridge/message.h"
#include "mqtt_bridge/window.h"
#include "schema/wire/envelope.h"

#define BRIDGE_ENVELOPE_MAX RDV_ENVELOPE_MAX

#define BRIDGE_WAIT_S 20 /* how long the card may hold a request for new entries */
/* An answer that takes longer means that the connection is dead, ms; a wait has its time on top. */
#define BRIDGE_ANSWER_MS 15000
#define BRIDGE_ACK_MS 100     /* what the broker has accepted is told to the card so much later */
#define BRIDGE_HEADS_MS 1000  /* heads are asked for so much after new entries */
#define BRIDGE_RENEW_MS 60000 /* and so often, for the card renews them */
#define BRIDGE_RETRY_FIRST_MS 250
#define BRIDGE_RETRY_MOST_MS 60000
#define BRIDGE_STEADY_MS 10000 /* a connection that held so long was a success */
#define BRIDGE_STOP_MS 3000    /* for what is on its way, when the bridge is to end */

#define BRIDGE_STATUS_ONLINE "online"
#define BRIDGE_STATUS_NO_CARD "no card"
#define BRIDGE_STATUS_OFFLINE "offline"

struct bridge_options {
    const char *sen;
    size_t entries;      /* most that are held, and on their way, at once */
    size_t bytes;        /* of envelopes held; the answer of the card that passes it is the last */
    unsigned per_record; /* entries of one record on their way at once */
    unsigned brokers;    /* how many there are */
    uint64_t republish_from; /* a seq; 0: what the card's cursor says */
    uint32_t seed;           /* of the jitter */
};

struct bridge;

/* Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err bridge_new(struct bridge **out, const struct bridge_options *options);
void bridge_free(struct bridge *b);

/* --- what is to be done ----------------------------------------------------------------------- */

enum bridge_ask_kind {
    BRIDGE_ASK_CURSOR,  /* bridge_take_cursor */
    BRIDGE_ASK_KEYS,    /* bridge_take_keys */
    BRIDGE_ASK_HEADS,   /* bridge_take_head, for `record`, or for each */
    BRIDGE_ASK_ENTRIES, /* bridge_take_entry, for each from `seq` on, at most `count` */
    BRIDGE_ASK_ENTRY,   /* bridge_take_entry, for `seq` */
    BRIDGE_ASK_ACK,     /* all up to `seq` is with the broker */
    BRIDGE_ASK_SKIP,    /* `seq` was left out: to be written down */
    BRIDGE_ASKS,
};

struct bridge_ask {
    enum bridge_ask_kind kind;
    uint64_t seq;
    size_t count;
    unsigned wait_s; /* ENTRIES: until there is one, or something else is asked */
    int record;      /* HEADS; -1: all */
    uint64_t was;    /* ACK: what was acknowledged before, or somebody else does it too */
    bool damaged;    /* SKIP: it has no envelope; else the broker finds it too large */
};

enum bridge_do {
    BRIDGE_OPEN_CARD,    /* answer: bridge_card_opened, or bridge_card_gone */
    BRIDGE_CLOSE_CARD,   /* its connection is dead, or all is done: no answer */
    BRIDGE_ASK,          /* answer: bridge_answered, in order */
    BRIDGE_OPEN_BROKER,  /* answer: bridge_broker_opened, or bridge_broker_gone */
    BRIDGE_CLOSE_BROKER, /* so that it publishes the last will: no answer */
    BRIDGE_PUBLISH,      /* answer: bridge_published */
    BRIDGE_END,          /* nothing will happen any more; `err` says how it ended */
};

struct bridge_action {
    enum bridge_do what;
    struct bridge_ask ask;
    unsigned broker; /* which one to open */
    /* PUBLISH; the payload is valid until the next call on the bridge. */
    uint64_t ticket;
    struct bridge_message message;
    enum rdv_err err;
};

/* False when there is nothing to do now; call again after an event, or at bridge_deadline. */
bool bridge_next(struct bridge *b, struct bridge_action *out, uint64_t now);

/* When time alone makes something to do, ms; UINT64_MAX: never. */
uint64_t bridge_deadline(const struct bridge *b, uint64_t now);

/* --- the card --------------------------------------------------------------------------------- */

void bridge_card_opened(struct bridge *b, uint64_t now);
/* It could not be reached, or is gone; nothing that was asked will be answered. */
void bridge_card_gone(struct bridge *b, uint64_t now);

/* What an answer holds, before bridge_answered. Return: RDV_ERR_NOMEM, RDV_ERR_RANGE, RDV_ERR_LIMIT
 * (no card says this): the connection is to be closed, with bridge_card_gone. */
void bridge_take_cursor(struct bridge *b, uint64_t seq, uint64_t now);
RDV_MUST_USE enum rdv_err bridge_take_keys(struct bridge *b, struct rdv_span message);
/* seq is that of the last entry of the record. */
RDV_MUST_USE enum rdv_err bridge_take_head(struct bridge *b, unsigned record, uint64_t seq,
                                           struct rdv_span message);
RDV_MUST_USE enum rdv_err bridge_take_entry(struct bridge *b, const struct bridge_entry *entry);

/* The oldest unanswered question is answered; err: what the card has refused it with. Returns:
 * that, when the session makes no sense without: it is to be closed, with bridge_card_gone. */
RDV_MUST_USE enum rdv_err bridge_answered(struct bridge *b, enum rdv_err err, uint64_t now);

/* --- the broker ------------------------------------------------------------------------------- */

/* What its CONNACK says (section 3.2.2.3). */
struct bridge_broker {
    uint16_t receive_max; /* messages on their way at once; 65535 unless it says */
    uint32_t packet_max;  /* bytes; UINT32_MAX unless it says */
};

/* Reason codes of MQTT that mean more than that something failed (section 2.4). */
#define BRIDGE_MQTT_REFUSED 0x80 /* and above */
#define BRIDGE_MQTT_NOT_AUTHORIZED 0x87
#define BRIDGE_MQTT_TAKEN_OVER 0x8E
#define BRIDGE_MQTT_TOO_LARGE 0x95

void bridge_broker_opened(struct bridge *b, const struct bridge_broker *broker, uint64_t now);
/* It could not be reached, or is gone, for this reason of MQTT's if it said one, else 0; nothing
 * that was published will be answered. */
void bridge_broker_gone(struct bridge *b, uint8_t reason, uint64_t now);
/* The broker's answer to a message: below BRIDGE_MQTT_REFUSED, it has it. */
void bridge_published(struct bridge *b, uint64_t ticket, uint8_t reason, uint64_t now);

/* --- the end ---------------------------------------------------------------------------------- */

/* The bridge is to end in good order: what is on its way may arrive, and is acknowledged. */
void bridge_stop(struct bridge *b, uint64_t now);

/* --- for the log ------------------------------------------------------------------------------ */

struct bridge_counts {
    uint64_t published; /* entries that the broker has accepted */
    uint64_t skipped;
    uint64_t acknowledged; /* seq */
    size_t held;
};
struct bridge_counts bridge_count(const struct bridge *b);

#endif
