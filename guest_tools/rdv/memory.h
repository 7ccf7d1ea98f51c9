/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verifier that remembers: the card's key and the file of --state, as the options have them. */
#ifndef RDV_GUEST_TOOLS_RDV_MEMORY_H
#define RDV_GUEST_TOOLS_RDV_MEMORY_H

#include <rdv/verify.h>

#include "guest_tools/rdv/tool.h"

struct tool_memory {
    struct rdv_verifier *verifier;
    const char *path; /* NULL: nothing is kept */
    int lock;         /* on a file beside it; -1: none */
    bool changed;     /* since it was kept */
};

/*
 * Makes the verifier, and takes up what is in the file. key: hex digits, compressed or not; sen may
 * be NULL.
 * Returns: RDV_ERR_USAGE (no such key), RDV_ERR_BUSY (another process has the file), what
 * rdv_private_read and rdv_verifier_load do; *m is closed then.
 */
RDV_MUST_USE enum rdv_err tool_memory_open(struct tool *t, struct tool_memory *m, const char *key,
                                           const char *sen);

/* Keeps what has changed. Returns: RDV_ERR_FULL, RDV_ERR_IO, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err tool_memory_keep(struct tool *t, struct tool_memory *m);

/* Does not keep. m may have been closed. */
void tool_memory_close(struct tool_memory *m);

/* The key of --card-key: its digits, or those in a file. out is "" without the option. Returns:
 * RDV_ERR_USAGE, and those of reading the file. */
RDV_MUST_USE enum rdv_err tool_card_key(struct tool *t, char out[TOOL_CARD_KEY_TEXT]);

#endif
