/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keystore: 64 slots, each sealed at rest and opened only while a command uses it.
 *
 *   00-0F  elliptic curves: secp256k1, or P-256 where that was chosen
 *   20-2F  RSA-2048
 *   30-37  secrets: 1 to 64 bytes, for HMAC and AES-128
 *   38-3F  seeds: 1 to 64 bytes, for BIP32
 *
 * Rights and scopes were checked before (commands.h). Whatever changes or uses a key runs inside a
 * transaction. A fault is named by se_fault. Any call: RDV_ERR_RANGE for a slot of another class,
 * RDV_ERR_CORRUPT (logged), RDV_ERR_FULL, RDV_ERR_IO, RDV_ERR_NOMEM.
 */
#ifndef RDV_SE_CARD_KEYS_H
#define RDV_SE_CARD_KEYS_H

#include "base/bytes.h"
#include "base/err.h"
#include "se_card/ec.h"
#include "se_card/element.h"
#include "se_card/rsa.h"
#include "se_card/store.h"

enum se_key_class {
    SE_CLASS_EC = 0x00,
    SE_CLASS_RSA = 0x20,
    SE_CLASS_SECRET = 0x30,
    SE_CLASS_SEED = 0x38,
    SE_CLASS_NONE = 0xFF,
};

#define SE_SEED_MAX 64 /* bytes of a secret or seed */

/* The class of a slot; SE_CLASS_NONE for 10-1F and 40-FF. */
enum se_key_class se_keys_class(uint8_t slot);

/* Which curve a command asks for. */
enum se_key_curve {
    SE_ANY_CURVE, /* the slot's, secp256k1 when none was chosen */
    SE_ONLY_K1,
    SE_ONLY_P256,
};

/* "secp256k1", "p256", "rsa2048", "secret"; and "generated", "imported", "derived". */
const char *se_keys_kind_name(enum se_key_kind kind);
const char *se_keys_origin_name(enum se_key_origin origin);

/* What is known of a slot; an empty one has the origin SE_KEY_EMPTY. */
RDV_MUST_USE enum rdv_err se_keys_info(struct se_element *el, struct se_key_info *out,
                                       uint8_t slot);

/* --- making ----------------------------------------------------------------------------------- */

/* Empties a slot; an elliptic curve's may be chosen for P-256 at once. */
RDV_MUST_USE enum rdv_err se_keys_clear(struct se_element *el, uint8_t slot,
                                        enum se_key_curve curve);

/* A fresh key: of an elliptic curve, RSA-2048, or 32 random bytes. Returns: RDV_ERR_EXISTS when
 * the slot is used; its key is kept then. */
RDV_MUST_USE enum rdv_err se_keys_generate(struct se_element *el, uint8_t slot,
                                           enum se_key_curve curve, bool exportable);

/* A private key of an elliptic curve (1 to 32 bytes, filled up on the left); its public key is
 * computed. Returns: RDV_ERR_RANGE (not a key of the curve, or not that of the public key that was
 * set), RDV_ERR_EXISTS (there is a private key already). */
RDV_MUST_USE enum rdv_err se_keys_set_private(struct se_element *el, uint8_t slot,
                                              enum se_key_curve curve, struct rdv_span bytes);

/* A public key. Returns: RDV_ERR_RANGE, RDV_ERR_FORMAT when it is not a point of the curve, or not
 * the public key of the private key that is there. */
RDV_MUST_USE enum rdv_err se_keys_set_point(struct se_element *el, uint8_t slot,
                                            enum se_key_curve curve, struct rdv_span point);

/* A part of an RSA key. Returns: RDV_ERR_RANGE (length), RDV_ERR_EXISTS (the key is complete and
 * was used, or generated). */
RDV_MUST_USE enum rdv_err se_keys_set_part(struct se_element *el, uint8_t slot,
                                           enum se_rsa_part part, struct rdv_span bytes);

/* A secret or seed of 1 to 64 bytes; replaces the one that is there. */
RDV_MUST_USE enum rdv_err se_keys_set_secret(struct se_element *el, uint8_t slot,
                                             struct rdv_span bytes);

/* The child of a seed (BIP-0032) along a path of big-endian words, each hardened; the result, a key
 * on secp256k1, is exportable when the seed is. Returns: RDV_ERR_EXISTS, RDV_ERR_ABSENT (no seed),
 * RDV_ERR_RANGE (path). */
RDV_MUST_USE enum rdv_err se_keys_derive(struct se_element *el, uint8_t slot, uint8_t seed,
                                         struct rdv_span path);

/* Takes from a key that it can be read back; there is no way to give it that. */
RDV_MUST_USE enum rdv_err se_keys_hold(struct se_element *el, uint8_t slot);

/* --- reading ---------------------------------------------------------------------------------- */

/* Parts of keys, numbered as blobs number them (wrap.h). */
enum se_key_part {
    SE_PART_PUBLIC = 0x00,   /* public key, modulus, secret */
    SE_PART_EXPONENT = 0x01, /* of RSA */
    SE_PART_PRIVATE = 0x80,  /* private key; 80 to 84: P Q DP DQ QINV */
    SE_PART_PRIVATE_LAST = 0x84,
};

/* True for parts that only an exportable key gives out. */
bool se_keys_is_secret(uint8_t slot, uint8_t part);

/* Appends a part. Returns: RDV_ERR_ABSENT, RDV_ERR_RANGE (no such part), RDV_ERR_DENIED (not
 * exportable). */
RDV_MUST_USE enum rdv_err se_keys_get_part(struct se_element *el, struct rdv_buf *out, uint8_t slot,
                                           enum se_key_curve curve, uint8_t part);

/* Sets a part by its number. Returns: as the functions above. */
RDV_MUST_USE enum rdv_err se_keys_put_part(struct se_element *el, uint8_t slot,
                                           enum se_key_curve curve, uint8_t part,
                                           struct rdv_span bytes);

/* --- for key_use.c --------------------------------------------------------------------------- */

/* As se_keys_info, of a slot of elliptic curves; an empty one takes the curve that is asked for.
 * Returns: RDV_ERR_RANGE when the key is on another. */
RDV_MUST_USE enum rdv_err se_keys_ec_info(struct se_element *el, struct se_key_info *out,
                                          uint8_t slot, enum se_key_curve curve);

/* Opens what is sealed: appends it, or fills `out`, which the caller wipes. Returns:
 * RDV_ERR_ABSENT. */
RDV_MUST_USE enum rdv_err se_keys_open_secret(struct se_element *el, struct rdv_buf *out,
                                              uint8_t slot);
RDV_MUST_USE enum rdv_err se_keys_open_parts(struct se_element *el, struct se_rsa_parts *out,
                                             uint8_t slot);

/* Seals the secret, unless it is empty, and writes the slot. */
RDV_MUST_USE enum rdv_err se_keys_write(struct se_element *el, struct se_key_info *info,
                                        struct rdv_span secret);

static inline enum se_curve se_keys_curve_of(const struct se_key_info *info)
{
    return info->kind == SE_KEY_EC_P256 ? SE_CURVE_P256 : SE_CURVE_K1;
}

static inline struct rdv_span se_keys_bytes_of(const struct se_rsa_parts *parts)
{
    return (struct rdv_span){ (const uint8_t *)parts, sizeof(*parts) };
}

#endif
