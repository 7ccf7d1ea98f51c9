/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records: 256 numbered slots, each holding the last value posted to it, sealed at rest. */
#ifndef RDV_SE_CARD_RECORDS_H
#define RDV_SE_CARD_RECORDS_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/element.h"

#define SE_RECORD_DEFAULT 4096       /* bytes of content, unless set otherwise */
#define SE_RECORD_MOST (1024 * 1024) /* that can be set */

#define SE_ONCE_KEPT 1024 /* posts of an account that a repeat is known among */

struct se_post {
    uint8_t slot;
    struct rdv_span content; /* none clears the record */
    struct rdv_span type;    /* a media type (envelope.h); may be empty */
    struct rdv_span once;    /* a number used once, by which a repeat is known; may be empty */
};

/*
 * Replaces a record's content. A guest's post limit and quota are counted, and the log has an entry
 * more. Must run inside a transaction of the element.
 * With `once`, the same post again changes nothing and counts nothing. Out: when it was made
 * (first), and its entry.
 * Returns: RDV_ERR_LIMIT (too long, or a limit of the account), RDV_ERR_RANGE (type, once),
 * RDV_ERR_EXISTS (`once` stands for another post), RDV_ERR_FULL (the disk, or the log),
 * RDV_ERR_IO.
 */
RDV_MUST_USE enum rdv_err se_records_post(struct se_element *el, const struct se_post *post,
                                          const struct se_account *author, struct se_posted *out);

/* A post with neither type nor number. */
RDV_MUST_USE enum rdv_err se_records_put(struct se_element *el, uint8_t slot,
                                         struct rdv_span content, const struct se_account *author);

/* Appends the content; nothing for an empty record. *info, if wanted, tells about it. Returns:
 * RDV_ERR_CORRUPT (logged), RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err se_records_get(struct se_element *el, struct se_record_info *info,
                                         struct rdv_buf *out, uint8_t slot);

/* What was set for a record, or the defaults. */
RDV_MUST_USE enum rdv_err se_records_setting(struct se_element *el, struct se_record_setting *out,
                                             uint8_t slot);
/* Those of all, by number; valid until one is set, or that is undone. */
RDV_MUST_USE enum rdv_err se_records_settings(struct se_element *el,
                                              const struct se_record_setting **out);
RDV_MUST_USE enum rdv_err se_records_set(struct se_element *el, uint8_t slot,
                                         const struct se_record_setting *setting);

#endif
