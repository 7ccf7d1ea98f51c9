/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signs envelopes as a card does, what no card would sign too. */
#ifndef RDV_TESTS_SUPPORT_PEN_H
#define RDV_TESTS_SUPPORT_PEN_H

#include "base/secret.h"
#include "schema/wire/envelope.h"
#include "se_card/ec.h"

#define T_PEN_TIME 1700000000 /* of an entry; one second later with each n */

struct t_pen {
    struct se_ec *ec;
    struct rdv_key secret;
    uint8_t point[SE_EC_POINT_BYTES];
    uint8_t kid[RDV_COSE_KID_BYTES];
    uint8_t **written; /* until the pen is freed */
    size_t n_written;
};

/* Another key with each `who`. */
void t_pen_new(struct t_pen *pen, uint8_t who);
void t_pen_free(struct t_pen *pen);

/* All: the message, valid until the pen is freed. kid is the pen's. */
struct rdv_span t_pen_sign(struct t_pen *pen, const struct rdv_envelope *in);
/* Of the card "key1.com", with seq 10 * n; `before` is the message it follows, which may be empty.
 */
struct rdv_span t_pen_entry(struct t_pen *pen, uint8_t record, uint64_t n, struct rdv_span before,
                            const char *content);
/* Tells of `last`, entry n, which may be empty; good for an hour. */
struct rdv_span t_pen_head(struct t_pen *pen, uint8_t record, uint64_t n, struct rdv_span last,
                           int64_t time);
/* Entry n of the card's own chain; "restored" is an event. */
struct rdv_span t_pen_event(struct t_pen *pen, const char *event, uint64_t n, uint64_t seq,
                            struct rdv_span before);

#endif
