/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a transfer of many records has done so far, in a file beside them, so that another run goes
 * on where this one was broken off. It is gone when all is done.
 *
 *   rdv put key1.com root                  what it is about: no other transfer may go on with it
 *   0A 00112233445566778899AABBCCDDEEFF 1234 1800000000000000000
 *   0A done 1234 1800000000000000000       record, `once` of its post or "done", bytes, version
 *
 * The version tells whether it still is the same content: the time of a file, or of a record.
 */
#ifndef RDV_GUEST_TOOLS_RDV_JOURNAL_H
#define RDV_GUEST_TOOLS_RDV_JOURNAL_H

#include <limits.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/err.h"

#define TOOL_ONCE_BYTES 16

struct tool_journal_entry {
    bool begun, done;
    uint8_t once[TOOL_ONCE_BYTES];
    uint64_t bytes, version;
};

struct tool_journal {
    char path[PATH_MAX];
    FILE *file; /* NULL: nothing is kept */
    struct tool_journal_entry entries[256];
};

/*
 * Opens or makes it. `about` is its first line.
 * Returns: RDV_ERR_CONFIG (it is about something else, or damaged; the reason names it),
 * RDV_ERR_IO.
 */
RDV_MUST_USE enum rdv_err tool_journal_open(struct tool_journal *j, const char *path,
                                            const char *about, struct rdv_why *why);

/* The `once` of this content: that of an earlier run, or a new one, which is noted first. */
RDV_MUST_USE enum rdv_err tool_journal_begin(struct tool_journal *j, uint8_t record, uint64_t bytes,
                                             uint64_t version, uint8_t once[TOOL_ONCE_BYTES],
                                             struct rdv_why *why);

/* True when this content was done. */
bool tool_journal_is_done(const struct tool_journal *j, uint8_t record, uint64_t bytes,
                          uint64_t version);

RDV_MUST_USE enum rdv_err tool_journal_done(struct tool_journal *j, uint8_t record, uint64_t bytes,
                                            uint64_t version, struct rdv_why *why);

/* Closes it; all_done removes it. */
void tool_journal_close(struct tool_journal *j, bool all_done);

#endif
