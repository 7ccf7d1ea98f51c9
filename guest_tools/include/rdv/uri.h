/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses of what a secure element holds, in the form of TLS-SE (draft-urien-tls-se-rdv):
 *
 *   shellS://SEN:PSK(ID)@HOST:PORT/?query=COMMAND      a command of the text language
 *   shellS://SEN@HOST:PORT/record/XX                   a record
 *
 * SEN is the secure element's name, PSK its user's key in 64 hex digits, ID the user's identity;
 * ":PSK", "(ID)", ":PORT", the path and the query may be missing. HOST is a name, an IPv4 address
 * or an IPv6 address in brackets. Characters with a meaning here stand percent-encoded in ID and
 * COMMAND (RFC 3986 section 2.1). The scheme may be written in any case, the rest may not.
 */
#ifndef RDV_URI_H
#define RDV_URI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdv/err.h>

#define RDV_URI_MAX 4096 /* characters of a URI */
#define RDV_PSK_BYTES 32
#define RDV_PORT_DEFAULT 8443

struct rdv_uri {
    char sen[16];
    char identity[65]; /* "" when the URI has none */
    bool has_psk;
    uint8_t psk[RDV_PSK_BYTES];
    /* Without brackets. "" for HOST:PORT, in these letters: a card, which cannot know its address,
     * writes that for a person to replace; port is 0 then. */
    char host[256];
    uint16_t port;
    int record;                /* 0 to 255, or -1 when the URI names none */
    char command[RDV_URI_MAX]; /* "" when the URI has none */
};

/*
 * Reads a URI. *out may hold a key afterwards: wipe it.
 * why, which may be NULL, is told what is wrong; never the key.
 * Returns: RDV_ERR_FORMAT, RDV_ERR_RANGE (the port), RDV_ERR_LIMIT (too long), RDV_ERR_WEAK (an
 * all-zero key). *out is all zero then.
 */
RDV_MUST_USE enum rdv_err rdv_uri_parse(struct rdv_uri *out, const char *text, struct rdv_why *why);

/*
 * Writes a URI with a NUL; the key only when with_psk says so and there is one.
 * Returns: RDV_ERR_LIMIT when it does not fit in size bytes; out is then "".
 */
RDV_MUST_USE enum rdv_err rdv_uri_format(char *out, size_t size, const struct rdv_uri *uri,
                                         bool with_psk);

/* Forgets all, the key in a way the compiler may not remove. */
void rdv_uri_wipe(struct rdv_uri *uri);

#endif
