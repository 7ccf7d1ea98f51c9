/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a card signs for those who read it elsewhere, or later: COSE_Sign1 messages (cose.h), in
 * deterministic encoding. docs/envelope.md has their layout in CDDL.
 *
 *   entry   a line of the log: one accepted write to a record, or something about the card itself
 *   head    where the chain of a record stands, good until a moment
 *   keys    the public keys of the card
 *
 * One statement has one encoding: what is read here and written again gives the same bytes.
 * Hashing, signing and verifying are the caller's.
 */
#ifndef RDV_SCHEMA_WIRE_ENVELOPE_H
#define RDV_SCHEMA_WIRE_ENVELOPE_H

#include "base/bytes.h"
#include "base/err.h"
#include "schema/wire/cose.h"
#include "schema/wire/rpc.h"
#include "schema/wire/topic.h"

/* Claims of our own, among the numbers that RFC 8392 section 9.1 leaves to private use. */
enum rdv_claim {
    RDV_CLAIM_N = -65537,
    RDV_CLAIM_PREV = -65538,
    RDV_CLAIM_AUTHOR = -65539,
    RDV_CLAIM_TOPIC = -65540,
};

/* Content types of what is not a user's. Those that begin so are refused for content of records:
 * who reads only the type must not take a guest's word for the card's. */
#define RDV_TYPE_RESERVED "application/rdv-"
#define RDV_TYPE_CARD "application/rdv-card+cbor"
#define RDV_TYPE_HEAD "application/rdv-head+cbor"
#define RDV_TYPE_KEYS "application/cose-key-set" /* RFC 9052 section 11.3.2 */
#define RDV_TYPE_DEFAULT "application/octet-stream"

#define RDV_MEDIA_TYPE_MAX 127
#define RDV_AUTHOR_MAX 64
#define RDV_ENVELOPE_HASH_BYTES 32
#define RDV_ENVELOPE_KEYS_MAX 4
#define RDV_ENVELOPE_PROTECTED_MAX 448
#define RDV_ENVELOPE_PAYLOAD_MAX 512 /* of a head, or keys */
/* A message is at most this much longer than its content; so is what is signed. */
#define RDV_ENVELOPE_OVERHEAD (RDV_ENVELOPE_PROTECTED_MAX + 96)
#define RDV_ENVELOPE_MAX (RDV_RPC_CONTENT_MAX + RDV_ENVELOPE_OVERHEAD)

/* An entry, of the chain of its record, or of that of the card. */
struct rdv_entry {
    uint64_t seq;                          /* from 1; grows through the whole log, with jumps */
    uint64_t n;                            /* from 1; grows by one in its chain */
    uint8_t prev[RDV_ENVELOPE_HASH_BYTES]; /* SHA-256 of the envelope before; zeros when n is 1 */
    struct rdv_span author;                /* name of an account, 1 to 64 printable bytes */
    struct rdv_span type;                  /* media type of the content */
    struct rdv_span content;
};

struct rdv_head {
    uint64_t n;                            /* of the last entry; 0: there was none */
    uint8_t hash[RDV_ENVELOPE_HASH_BYTES]; /* SHA-256 of its envelope; zeros when n is 0 */
    int64_t until;                         /* a later one is there then, if the card lives */
};

struct rdv_public_key {
    uint8_t kid[RDV_COSE_KID_BYTES];
    uint8_t x[32], y[32]; /* on secp256k1, for ES256K */
};

struct rdv_key_set {
    size_t n; /* at least 1 */
    struct rdv_public_key keys[RDV_ENVELOPE_KEYS_MAX];
};

struct rdv_envelope {
    struct rdv_topic topic; /* RDV_TOPIC_RECORD and _CARD: entry; _HEAD: head; _KEY: keys */
    uint8_t kid[RDV_COSE_KID_BYTES]; /* of the key that signs */
    int64_t time;                    /* seconds since 1970 */
    union {
        struct rdv_entry entry;
        struct rdv_head head;
        struct rdv_key_set keys;
    };
};

/* Whether a text may be the type of a record's content: "type/subtype", printable ASCII, not one of
 * the reserved. */
bool rdv_media_type_is_valid(struct rdv_span type);

/*
 * Appends the protected header, and the payload of a head or of keys; the payload of an entry is
 * its content as it is. With a signature over both (rdv_cose_put_signed), rdv_cose_put makes the
 * message.
 * Returns: RDV_ERR_RANGE when `in` says what no envelope may, RDV_ERR_LIMIT, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err rdv_envelope_put_protected(struct rdv_buf *out,
                                                     const struct rdv_envelope *in);
RDV_MUST_USE enum rdv_err rdv_envelope_put_payload(struct rdv_buf *out,
                                                   const struct rdv_envelope *in);

/*
 * Reads a message and nothing but it. Out: what it says, and its parts, to verify the signature
 * with; both point into `message`. A kid is not compared with a key here.
 * Returns: RDV_ERR_SHORT, RDV_ERR_TRAILING, RDV_ERR_FORMAT (not an envelope, or not the one
 * encoding of it), RDV_ERR_LIMIT, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err rdv_envelope_get(struct rdv_envelope *out, struct rdv_cose *parts,
                                           struct rdv_span message);

#endif
