/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a verifier remembers of one chain of entries, and what it makes of the next that comes. All
 * that comes here has been signed by the card; who brought it may have left out, repeated, held
 * back or reordered what he liked.
 *
 *   entries     1 2 3 . . 6 7 8 . 10          n is 10; gaps 4-5 and 9
 *   of a gap, the hash before it and the hash of its last entry are known: nothing but the missing
 *   entries fits in.
 */
#ifndef RDV_GUEST_TOOLS_LIBRDV_CHAIN_H
#define RDV_GUEST_TOOLS_LIBRDV_CHAIN_H

#include <rdv/verify.h>

#include "base/bytes.h"

/* An entry, as far as its chain goes. */
struct guest_link {
    uint64_t n, seq;
    const uint8_t *prev, *hash; /* RDV_VERIFY_HASH_BYTES */
};

struct guest_gap {
    uint64_t from, to;
    uint8_t before[RDV_VERIFY_HASH_BYTES]; /* of entry from - 1 */
    uint8_t last[RDV_VERIFY_HASH_BYTES];   /* of entry `to` */
};

struct guest_head {
    uint64_t n;
    int64_t time, until;
    uint8_t hash[RDV_VERIFY_HASH_BYTES]; /* of entry n; zeros when n is 0 */
    uint8_t id[RDV_VERIFY_HASH_BYTES];   /* of the head itself */
};

struct guest_chain {
    bool begun;     /* otherwise nothing is known but, perhaps, a head */
    uint64_t first; /* entries from this one on are expected */
    uint64_t n;     /* of the last entry that is known of; 0: none */
    uint64_t seq;   /* of the last entry that came */
    uint8_t window[RDV_VERIFY_WINDOW][RDV_VERIFY_HASH_BYTES]; /* entry i at i % size; or zeros */
    struct guest_gap gaps[RDV_VERIFY_GAPS];                   /* in order */
    size_t n_gaps;
    bool has_head;
    struct guest_head head;
    uint64_t fork_n; /* the last entry of another history that was told of, which another of it may
                      * follow; 0: none */
    uint8_t fork_hash[RDV_VERIFY_HASH_BYTES];

    /* Not kept between runs. */
    int64_t waits_since; /* for the entries of the head, or for a head; 0: it does not */
    bool told_stale;     /* that the head is past its end, or that there is none */
};

/* What a verdict says beside itself. */
struct guest_finding {
    struct rdv_why *why;
    bool joined;
    uint64_t gap_from, gap_to;
};

/*
 * The next entry. restored: the seq with which the card last said that an older database was put
 * back; 0: never. When it is behind the last entry that came, a fork is told and then followed.
 */
enum rdv_verdict guest_chain_entry(struct guest_chain *c, const struct guest_link *e,
                                   uint64_t restored, struct guest_finding *out);

/* The next head; now as in rdv_verify. */
enum rdv_verdict guest_chain_head(struct guest_chain *c, const struct guest_head *h,
                                  uint64_t restored, int64_t now, struct guest_finding *out);

/* Begins a chain at its beginning: entry 1 must come next. */
void guest_chain_begin(struct guest_chain *c);

/* What nothing coming means, now (0: not known) or at the end. heads: there must be one.
 * RDV_VALID: nothing. */
enum rdv_verdict guest_chain_overdue(struct guest_chain *c, int64_t now, bool end, bool heads,
                                     struct guest_finding *out);

/* How many entries are missing. */
uint64_t guest_chain_missing(const struct guest_chain *c);

#endif
