/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a broker is, and what it wants to see.
 *
 *   mqtt://HOST[:PORT]     in clear
 *   mqtts://HOST[:PORT]    TLS, with certificates or a pre-shared key
 *
 * HOST is a name, an IPv4 address or an IPv6 address in brackets.
 */
#ifndef RDV_MQTT_BRIDGE_ACCESS_H
#define RDV_MQTT_BRIDGE_ACCESS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

#define BRIDGE_PORT 1883 /* registered by OASIS: MQTT, and with TLS */
#define BRIDGE_PORT_TLS 8883

struct bridge_address {
    bool tls;
    char host[256]; /* as written, brackets and all */
    uint16_t port;
};

/* Returns: RDV_ERR_FORMAT, RDV_ERR_RANGE (the port), RDV_ERR_LIMIT; the reason is in *why. */
RDV_MUST_USE enum rdv_err bridge_address_parse(struct bridge_address *out, const char *text,
                                               struct rdv_why *why);

#define BRIDGE_SECRET_NAME 128
#define BRIDGE_SECRET_BYTES 256

/* A name and its secret: a user with a password, or an identity with a pre-shared key. */
struct bridge_secret {
    char name[BRIDGE_SECRET_NAME + 1]; /* "": there is none */
    size_t n;
    uint8_t bytes[BRIDGE_SECRET_BYTES];
};

/*
 * Reads a file of one line, which only its owner may read: NAME:PASSWORD, or NAME:HEX, as
 * mosquitto's own psk_file has it, of 16 to 64 bytes.
 * Returns: RDV_ERR_ABSENT, RDV_ERR_EXPOSED, RDV_ERR_FORMAT, RDV_ERR_LIMIT, RDV_ERR_IO; *out is all
 * zero then, and the reason is in *why.
 */
RDV_MUST_USE enum rdv_err bridge_password_read(struct bridge_secret *out, const char *path,
                                               struct rdv_why *why);
RDV_MUST_USE enum rdv_err bridge_psk_read(struct bridge_secret *out, const char *path,
                                          struct rdv_why *why);

/* Looks at a file with a private key that others will read: the same must be true of it. Returns:
 * the same, but RDV_ERR_FORMAT. */
RDV_MUST_USE enum rdv_err bridge_key_check(const char *path, struct rdv_why *why);

#endif
