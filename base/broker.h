/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a broker is, and what it wants to see.
 *
 *   mqtt://HOST[:PORT]     in clear
 *   mqtts://HOST[:PORT]    TLS, with certificates or a pre-shared key
 *
 * HOST is a name, an IPv4 address or an IPv6 address in brackets.
 */
#ifndef RDV_BASE_BROKER_H
#define RDV_BASE_BROKER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

#define RDV_BROKER_PORT 1883 /* registered by OASIS: MQTT, and with TLS */
#define RDV_BROKER_PORT_TLS 8883

struct rdv_broker_address {
    bool tls;
    char host[256]; /* as written, brackets and all */
    uint16_t port;
};

/* Returns: RDV_ERR_FORMAT, RDV_ERR_RANGE (the port), RDV_ERR_LIMIT; the reason is in *why. */
RDV_MUST_USE enum rdv_err rdv_broker_parse(struct rdv_broker_address *out, const char *text,
                                           struct rdv_why *why);

#define RDV_BROKER_SECRET_NAME 128
#define RDV_BROKER_SECRET_BYTES 256

/* A name and its secret: a user with a password, or an identity with a pre-shared key. */
struct rdv_broker_secret {
    char name[RDV_BROKER_SECRET_NAME + 1]; /* "": there is none */
    size_t n;
    uint8_t bytes[RDV_BROKER_SECRET_BYTES];
};

/*
 * Reads a file of one line, which only its owner may read: NAME:PASSWORD, or NAME:HEX, as
 * mosquitto's own psk_file has it, of 16 to 64 bytes.
 * Returns: RDV_ERR_ABSENT, RDV_ERR_EXPOSED, RDV_ERR_FORMAT, RDV_ERR_LIMIT, RDV_ERR_IO; *out is all
 * zero then, and the reason is in *why.
 */
RDV_MUST_USE enum rdv_err rdv_broker_password_read(struct rdv_broker_secret *out, const char *path,
                                                   struct rdv_why *why);
RDV_MUST_USE enum rdv_err rdv_broker_psk_read(struct rdv_broker_secret *out, const char *path,
                                              struct rdv_why *why);

/* Looks at a file with a private key that others will read: the same must be true of it. Returns:
 * the same, but RDV_ERR_FORMAT. */
RDV_MUST_USE enum rdv_err rdv_broker_key_check(const char *path, struct rdv_why *why);

#endif
