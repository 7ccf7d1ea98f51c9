/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a card has published, verified by someone who trusts nothing but the card's public key: not
 * the broker, not the network, not who handed the messages over. No I/O, no clock, no TLS: messages
 * and the time go in, verdicts come out. docs/envelope.md has the messages, docs/verify.md what a
 * verdict means and what it does not.
 *
 * A verifier remembers what it has seen of one card: for each record how far the chain of its
 * entries has come, which of them are missing, and the last head. What it remembers can be kept
 * between runs. It belongs to one thread at a time; two verifiers share nothing.
 */
#ifndef RDV_VERIFY_H
#define RDV_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdv/err.h>

#define RDV_VERIFY_HASH_BYTES 32
/* Entries of a record, counted from its last one, of which the hash is remembered: more than a
 * bridge, as it is unless told otherwise, can have published when the card does not know it yet,
 * and publishes again after it was killed. */
#define RDV_VERIFY_WINDOW 512
/* Gaps of a record that are remembered one by one; more than that become one. */
#define RDV_VERIFY_GAPS 16
/* Seconds that an entry may come after the head that tells of it: of retained messages, a broker
 * sends the head before the entry, or behind it. */
#define RDV_VERIFY_GRACE 30
#define RDV_VERIFY_STATE_MAX ((size_t)8 * 1024 * 1024) /* bytes of what is kept */

/* --- verdicts --------------------------------------------------------------------------------- */

enum rdv_verdict {
    /* The card signed it, and it is the next of its kind. */
    RDV_VALID,
    /* The card signed it; it is one of the entries that were missing. Newer ones came before. */
    RDV_FILLED,
    /* Byte for byte a message that has come already: delivered again. It says nothing new. */
    RDV_REPEATED,
    /* Nothing signed is published on this topic: what the bridge says of itself. */
    RDV_UNSIGNED,

    /* From here on something is wrong: rdv_verdict_is_alarm. */

    /* The card signed it, and entries before it have not come: gap_from to gap_to. Of a head: that
     * many had been published before it. */
    RDV_GAP,
    /* The card signed it, long before what has come already. */
    RDV_REPLAYED,
    /* The card signed two histories: this is not the one that was seen. */
    RDV_FORKED,
    /* A head that is older than one seen, or past its end: what is behind it may be held back. */
    RDV_STALE_HEAD,
    /* The card signed it, for another topic. */
    RDV_WRONG_TOPIC,
    /* Another key than the card's is named in it. Nothing it says is believed. */
    RDV_UNKNOWN_KEY,
    RDV_BAD_SIGNATURE,
    /* Not a message of a card at all. */
    RDV_MALFORMED,
};

#define RDV_VERDICTS (RDV_MALFORMED + 1)

/* In capitals: "VALID", "BAD-SIGNATURE". */
const char *rdv_verdict_name(enum rdv_verdict verdict);

bool rdv_verdict_is_alarm(enum rdv_verdict verdict);

enum rdv_statement {
    RDV_NOTHING, /* nothing that may be believed */
    RDV_ENTRY,   /* a write to a record */
    RDV_EVENT,   /* something about the card itself */
    RDV_HEAD,    /* where a record's chain stands */
    RDV_KEYS,    /* the public keys of the card */
};

struct rdv_verified {
    enum rdv_verdict verdict;
    struct rdv_why why; /* in words; "" when VALID says it all */

    /* What the card has signed. All zero unless the signature is good: statement is RDV_NOTHING. */
    enum rdv_statement statement;
    char sen[16];
    uint8_t record;                      /* of an entry, or head */
    uint64_t n;                          /* of an entry; of a head, the last entry's, or 0 */
    uint64_t seq;                        /* of an entry, or event */
    int64_t time;                        /* seconds since 1970 */
    int64_t until;                       /* of a head */
    uint8_t hash[RDV_VERIFY_HASH_BYTES]; /* of the message */
    char author[65];                     /* of an entry, or event */
    char type[128];                      /* media type */
    const uint8_t *content;              /* borrowed from the message */
    size_t n_content;

    /* The first entry of its record that was seen, and not the first of the record: nothing is
     * known of those before, and they are not counted as missing. */
    bool joined;
    uint64_t gap_from, gap_to; /* of RDV_GAP */
};

/* --- life ------------------------------------------------------------------------------------- */

struct rdv_verifier;

struct rdv_verifier_options {
    /* The card's public key on secp256k1 (?0A): 33 bytes compressed, or 65. */
    const uint8_t *key;
    size_t n_key;
    const char *sen; /* the card's name; NULL: that of the first message it signed */
    /* Who has listened since before the first post: a record begins with its entry 1, and what
     * comes first otherwise is behind a gap. */
    bool from_start;
    /* A record that has entries must have a head: without one, nothing says which is the last. */
    bool heads;
};

/* Returns: RDV_ERR_RANGE (no such key, or name), RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_verifier_new(struct rdv_verifier **out,
                                           const struct rdv_verifier_options *options);
/* v may be NULL. */
void rdv_verifier_free(struct rdv_verifier *v);

/* --- judging ---------------------------------------------------------------------------------- */

/*
 * Judges a message that came on a topic, which is NULL when it did not come on one. now: seconds
 * since 1970; 0 for messages of the past, of which no head is too old.
 * Returns: RDV_ERR_NOMEM; v is as it was then. A bad message is no error.
 */
RDV_MUST_USE enum rdv_err rdv_verify(struct rdv_verifier *v, struct rdv_verified *out, int64_t now,
                                     const char *topic, const void *message, size_t n);

/*
 * What has become wrong because nothing came: a head past its end without a newer one (STALE-HEAD),
 * entries behind their head, RDV_VERIFY_GRACE seconds after it (GAP), no head at all where there
 * must be one (STALE-HEAD). Each is told once; call it until it is false, every second or so.
 */
bool rdv_verifier_overdue(struct rdv_verifier *v, struct rdv_verified *out, int64_t now);

/* The same at the end: entries behind their head are not waited for any longer. */
bool rdv_verifier_ends(struct rdv_verifier *v, struct rdv_verified *out, int64_t now);

/* --- what is known ---------------------------------------------------------------------------- */

struct rdv_standing {
    uint8_t record;
    uint64_t first, n; /* entries seen, from and to; 0: none. Some in between may be missing */
    uint64_t missing;  /* how many */
    bool has_head;
    uint64_t head_n;
    int64_t head_until;
};

/* The next record, from *record on, of which something is known; *record is then the one behind it.
 * False when there is none. */
bool rdv_verifier_standing(const struct rdv_verifier *v, unsigned *record,
                           struct rdv_standing *out);

/* The i-th gap of a record, oldest first: entries that are missing. False behind the last. */
bool rdv_verifier_gap(const struct rdv_verifier *v, uint8_t record, size_t i, uint64_t *from,
                      uint64_t *to);

/* The greatest seq of an entry that was taken, of a record or of all (-1): where to go on in the
 * card's log. 0: there was none. */
uint64_t rdv_verifier_seq(const struct rdv_verifier *v, int record);

/* --- what is kept between runs ---------------------------------------------------------------- */

/* *bytes is for the caller to free. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_verifier_save(const struct rdv_verifier *v, uint8_t **bytes,
                                            size_t *n);

/*
 * Takes up, in a verifier that has seen nothing, what another one has kept.
 * Returns: RDV_ERR_VERSION, RDV_ERR_CORRUPT, RDV_ERR_AUTH (it is about another card),
 * RDV_ERR_STATE (v has seen something), RDV_ERR_NOMEM; v is as it was then, and why, which may be
 * NULL, says what is wrong.
 */
RDV_MUST_USE enum rdv_err rdv_verifier_load(struct rdv_verifier *v, const void *bytes, size_t n,
                                            struct rdv_why *why);

#endif
