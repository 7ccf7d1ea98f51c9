/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The front's links to its cards, with their sockets. A link serves one session after the other,
 * all of the same element: when one has ended in good order, its link waits for the next, so that
 * no client costs both sides a connection. A link that waits in vain is closed after a while; one
 * that the card closes meanwhile is forgotten.
 */
#ifndef RDV_SERVER_LINKS_UV_H
#define RDV_SERVER_LINKS_UV_H

#include <stdbool.h>

#include <uv.h>

#include "base/err.h"

#define RDV_LINKS_WAITING_MAX 64

struct rdv_links;
struct rdv_link;

/* What the user of a link is told. */
struct rdv_links_calls {
    /* Bytes of the card, valid during the call; n is negative when there will be no more. */
    void (*read)(void *user, ssize_t n, const uint8_t *bytes);
    /* After rdv_link_close: nothing more comes of the link. */
    void (*closed)(void *user);
};

/* `path` names the cards' socket, `wait_ms` how long a link may wait for a session. Both pointers
 * are borrowed. Returns: RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_links_new(struct rdv_links **out, uv_loop_t *loop, const char *path,
                                        uint64_t wait_ms, const struct rdv_links_calls *calls);

/* Closes the links that wait. Those in use must be closed too, and the loop must have run to its
 * end, before all is freed. */
void rdv_links_stop(struct rdv_links *all);
void rdv_links_free(struct rdv_links *all);

/* A link for a session with the element `sen`: one that waits, unless it must be `fresh`, or a new
 * connection. Returns NULL with errno set when there is none to be had. */
struct rdv_link *rdv_links_take(struct rdv_links *all, const char *sen, bool fresh, void *user);

/* True when it has served a session before: its card may have gone since. */
bool rdv_link_has_waited(const struct rdv_link *link);

/* To write to, and to shut down. */
uv_stream_t *rdv_link_stream(struct rdv_link *link);

/* Reads, or does not. */
void rdv_link_read(struct rdv_link *link, bool wanted);

/* The end of a session; the link is not its user's any more. The one lets the link wait for the
 * next session: the card has said the end of this one, all was read and all was written. */
void rdv_link_wait(struct rdv_link *link);
void rdv_link_close(struct rdv_link *link);

#endif
