/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of what a card publishes: MQTT topics, and the subjects of its signed statements, which are
 * the same without the beginning.
 *
 *   topic    rdv/<SEN>/record/<XX>     subject  record/<XX>
 *            rdv/<SEN>/head/<XX>                head/<XX>
 *            rdv/<SEN>/card                     card
 *            rdv/<SEN>/key                      key
 *            rdv/<SEN>/status                   (of the bridge, not signed)
 *
 * XX: the record's number, two hex digits in upper case. A name of a card holds nothing that means
 * something in MQTT ('/', '+', '#').
 */
#ifndef RDV_SCHEMA_WIRE_TOPIC_H
#define RDV_SCHEMA_WIRE_TOPIC_H

#include "base/bytes.h"
#include "base/err.h"
#include "schema/wire/link.h"

enum rdv_topic_kind {
    RDV_TOPIC_RECORD, /* entries of a record */
    RDV_TOPIC_HEAD,   /* where the chain of a record stands */
    RDV_TOPIC_CARD,   /* entries about the card itself */
    RDV_TOPIC_KEY,    /* its public keys */
    RDV_TOPIC_STATUS, /* whether the bridge is there */
};

struct rdv_topic {
    enum rdv_topic_kind kind;
    char sen[RDV_SEN_MAX + 1];
    uint8_t record; /* 0 where the kind has none */
};

#define RDV_TOPIC_MAX (4 + RDV_SEN_MAX + 1 + 9) /* bytes */
#define RDV_SUBJECT_MAX 9

/* Text with a NUL. The name of the card must be one. */
void rdv_topic_print(char out[RDV_TOPIC_MAX + 1], const struct rdv_topic *in);
void rdv_subject_print(char out[RDV_SUBJECT_MAX + 1], const struct rdv_topic *in);

/* Returns: RDV_ERR_FORMAT for any other text. */
RDV_MUST_USE enum rdv_err rdv_topic_parse(struct rdv_topic *out, struct rdv_span topic);
/* The same of a subject, which does not name the card. */
RDV_MUST_USE enum rdv_err rdv_subject_parse(struct rdv_topic *out, struct rdv_span sen,
                                            struct rdv_span subject);

#endif
