/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses that accounts have logged in from for the first time, on their way to the database
 * (guard.h says what they are for). They are written together, some times a second, so that no
 * session waits for the disk because it comes from somewhere new. One that finds no room, or is
 * lost with the power, is new once more.
 */
#ifndef RDV_SE_CARD_ARRIVALS_H
#define RDV_SE_CARD_ARRIVALS_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/guard.h"
#include "se_card/store.h"

#define SE_ARRIVALS_MAX 1024
#define SE_ADDRESSES_MAX 16 /* remembered per account */

/* A zeroed struct is a valid empty one. */
struct se_arrivals {
    size_t n;
    struct {
        int64_t account;
        char host[SE_HOST_TEXT];
    } at[SE_ARRIVALS_MAX];
};

void se_arrivals_add(struct se_arrivals *a, int64_t account, struct rdv_span address);

/* Inside a transaction. Forgets them all, whatever comes of it. */
RDV_MUST_USE enum rdv_err se_arrivals_write(struct se_arrivals *a, struct se_store *store,
                                            int64_t now);

#endif
