/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verifier from inside: for verify.c, which judges, and verify_state.c, which keeps. */
#ifndef RDV_GUEST_TOOLS_LIBRDV_VERIFIER_H
#define RDV_GUEST_TOOLS_LIBRDV_VERIFIER_H

#include <rdv/verify.h>

#include "guest_tools/librdv/chain.h"
#include "guest_tools/librdv/es256k.h"
#include "schema/wire/envelope.h"

#define GUEST_CHAIN_OF_CARD 256 /* behind those of the records */
#define GUEST_CHAINS 257

struct rdv_verifier {
    struct guest_es256k key;
    uint8_t kid[RDV_COSE_KID_BYTES];
    char sen[RDV_SEN_MAX + 1]; /* "" until it is known */
    bool from_start, heads;

    uint64_t seq;      /* of entries, the greatest */
    uint64_t restored; /* of the last event that says so; 0: none */
    int64_t keys_time; /* of the last set of keys */
    uint8_t keys_hash[RDV_VERIFY_HASH_BYTES];
    struct guest_chain *chains[GUEST_CHAINS]; /* NULL: nothing is known */
};

#endif
