/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the database stands, kept beside it: DIR/<SEN>/epoch holds "EPOCH COUNTER". The epoch grows
 * with each start, the counter a moment after something was written; then the file follows. A
 * database that stands behind its file is an older copy, put back.
 */
#ifndef RDV_SE_CARD_EPOCH_H
#define RDV_SE_CARD_EPOCH_H

#include "base/err.h"
#include "se_card/store.h"

struct se_epoch {
    int fd; /* -1: not open */
    struct se_state noted;
};

/*
 * Opens the file, made if there is none.
 * Out: *behind, true when `db` is older than what the file notes, or was started and the file notes
 * nothing: it was gone, and says nothing until something is noted. e->noted is what the file says.
 * Returns: RDV_ERR_EXPOSED, RDV_ERR_FORMAT, RDV_ERR_IO; logged.
 */
RDV_MUST_USE enum rdv_err se_epoch_open(struct se_epoch *e, bool *behind, const char *path,
                                        const struct se_state *db);
void se_epoch_close(struct se_epoch *e);

/* Notes a state if it is a newer one; `sync` waits for the disk. Returns: RDV_ERR_IO, logged. */
RDV_MUST_USE enum rdv_err se_epoch_note(struct se_epoch *e, const struct se_state *state,
                                        bool sync);

#endif
