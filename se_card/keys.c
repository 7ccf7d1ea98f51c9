/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/keys.h"

#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "se_card/bip32.h"

#define SECRET_GENERATED 32 /* bytes */

static struct se_place place_of_secret(uint8_t slot)
{
    return (struct se_place){ "key", "secret", slot };
}

enum se_key_class se_keys_class(uint8_t slot)
{
    if (slot < 0x10)
        return SE_CLASS_EC;
    if (slot >= 0x20 && slot < 0x30)
        return SE_CLASS_RSA;
    if (slot >= 0x30 && slot < 0x38)
        return SE_CLASS_SECRET;
    return slot >= 0x38 && slot < 0x40 ? SE_CLASS_SEED : SE_CLASS_NONE;
}

const char *se_keys_kind_name(enum se_key_kind kind)
{
    static const char *const names[] = { "", "secp256k1", "p256", "rsa2048", "secret" };

    return names[kind];
}

const char *se_keys_origin_name(enum se_key_origin origin)
{
    static const char *const names[] = { "none", "generated", "imported", "derived" };

    return names[origin];
}

/* --- slots ------------------------------------------------------------------------------------ */

static enum rdv_err wrong_slot(struct se_element *el, uint8_t slot)
{
    return se_fault(el, RDV_ERR_RANGE, "key=%02X: not a slot for this", (unsigned)slot);
}

static bool holds_text(enum se_key_class class)
{
    return class == SE_CLASS_SECRET || class == SE_CLASS_SEED;
}

enum rdv_err se_keys_info(struct se_element *el, struct se_key_info *out, uint8_t slot)
{
    const enum se_key_class class = se_keys_class(slot);
    enum rdv_err err;

    *out = (struct se_key_info){ 0 };
    if (class == SE_CLASS_NONE)
        return wrong_slot(el, slot);
    err = se_store_key_from(el->store, out, slot);
    if (err == RDV_ERR_ABSENT || (err == RDV_OK && out->slot != slot)) {
        *out = (struct se_key_info){ .slot = slot };
        out->kind = class == SE_CLASS_EC    ? SE_KEY_EC_K1
                    : class == SE_CLASS_RSA ? SE_KEY_RSA
                                            : SE_KEY_SECRET;
        return RDV_OK;
    }
    if (err == RDV_OK && (out->kind < SE_KEY_EC_K1 || out->kind > SE_KEY_SECRET ||
                          out->origin > SE_KEY_DERIVED || (int)out->origin < SE_KEY_EMPTY))
        return RDV_ERR_CORRUPT;
    return err;
}

/* What is known of a slot of elliptic curves. An empty one takes the curve that is asked for. */
enum rdv_err se_keys_ec_info(struct se_element *el, struct se_key_info *out, uint8_t slot,
                             enum se_key_curve curve)
{
    const enum se_key_kind kind = curve == SE_ONLY_P256 ? SE_KEY_EC_P256 : SE_KEY_EC_K1;
    enum rdv_err err;

    if ((err = se_keys_info(el, out, slot)) != RDV_OK)
        return err;
    if (se_keys_class(slot) != SE_CLASS_EC)
        return wrong_slot(el, slot);
    if (curve == SE_ANY_CURVE || out->kind == kind)
        return RDV_OK;
    if (out->origin != SE_KEY_EMPTY)
        return se_fault(el, RDV_ERR_RANGE, "key=%02X: it is on %s", (unsigned)slot,
                        se_keys_kind_name(out->kind));
    out->kind = kind;
    return RDV_OK;
}

static enum rdv_err is_used(struct se_element *el, uint8_t slot)
{
    return se_fault(el, RDV_ERR_EXISTS, "key=%02X: there is a key, clear it first", (unsigned)slot);
}

/* Seals the secret and writes the slot. */
enum rdv_err se_keys_write(struct se_element *el, struct se_key_info *info, struct rdv_span secret)
{
    struct rdv_buf sealed = RDV_BUF(sizeof(struct se_rsa_parts) + SE_SEAL_OVERHEAD);
    enum rdv_err err = RDV_OK;

    if (info->created == 0)
        info->created = el->now;
    if (secret.n == 0 ||
        (err = se_seal_close(el->seal, &sealed, place_of_secret(info->slot), secret)) == RDV_OK)
        err = se_store_key_put(el->store, info, rdv_buf_view(&sealed));
    rdv_buf_free(&sealed);
    return err;
}

enum rdv_err se_keys_open_secret(struct se_element *el, struct rdv_buf *out, uint8_t slot)
{
    struct rdv_span sealed;
    enum rdv_err err;

    if ((err = se_store_key_secret(el->store, &sealed, slot)) == RDV_ERR_ABSENT)
        return se_fault(el, err, "key=%02X: there is none", (unsigned)slot);
    if (err == RDV_OK &&
        (err = se_seal_open(el->seal, out, place_of_secret(slot), sealed)) == RDV_ERR_CORRUPT)
        log_error("%s: key %02X: its sealed secret is damaged", el->sen, (unsigned)slot);
    return err;
}

enum rdv_err se_keys_open_parts(struct se_element *el, struct se_rsa_parts *out, uint8_t slot)
{
    struct rdv_buf bytes = RDV_BUF(sizeof(*out));
    enum rdv_err err;

    memset(out, 0, sizeof(*out));
    if (se_keys_class(slot) != SE_CLASS_RSA)
        return wrong_slot(el, slot);
    if ((err = se_keys_open_secret(el, &bytes, slot)) == RDV_OK) {
        if (rdv_buf_len(&bytes) == sizeof(*out))
            memcpy(out, rdv_buf_view(&bytes).p, sizeof(*out));
        else
            err = RDV_ERR_CORRUPT;
    }
    rdv_buf_free(&bytes);
    return err;
}

static struct rdv_span bytes_of(const struct rdv_key *key)
{
    return (struct rdv_span){ key->bytes, RDV_KEY_BYTES };
}

/* --- making ----------------------------------------------------------------------------------- */

enum rdv_err se_keys_clear(struct se_element *el, uint8_t slot, enum se_key_curve curve)
{
    struct se_key_info info = { .slot = slot, .kind = SE_KEY_EC_P256, .created = el->now };
    enum rdv_err err;

    if (se_keys_class(slot) == SE_CLASS_NONE ||
        (curve != SE_ANY_CURVE && se_keys_class(slot) != SE_CLASS_EC))
        return wrong_slot(el, slot);
    if ((err = se_store_key_clear(el->store, slot)) != RDV_OK || curve != SE_ONLY_P256)
        return err;
    return se_store_key_put(el->store, &info, RDV_LIT(""));
}

/* Writes a private key with its public one. */
static enum rdv_err write_private(struct se_element *el, struct se_key_info *info,
                                  const struct rdv_key *key)
{
    enum rdv_err err;

    if ((err = se_ec_public(el->ec, se_keys_curve_of(info), info->point, key)) != RDV_OK)
        return err;
    info->has_point = true;
    return se_keys_write(el, info, bytes_of(key));
}

static enum rdv_err generate_ec(struct se_element *el, struct se_key_info *info)
{
    struct rdv_key key = { 0 };
    enum rdv_err err;

    se_ec_generate(el->ec, se_keys_curve_of(info), &key);
    err = write_private(el, info, &key);
    rdv_key_wipe(&key);
    return err;
}

static enum rdv_err generate_rsa(struct se_element *el, struct se_key_info *info)
{
    struct se_rsa_parts parts = { 0 };
    enum rdv_err err;

    if ((err = se_rsa_generate(&parts)) == RDV_OK)
        err = se_keys_write(el, info, se_keys_bytes_of(&parts));
    rdv_wipe(&parts, sizeof(parts));
    return err;
}

static enum rdv_err generate_secret(struct se_element *el, struct se_key_info *info)
{
    uint8_t secret[SECRET_GENERATED];
    enum rdv_err err;

    rdv_random(secret, sizeof(secret));
    err = se_keys_write(el, info, (struct rdv_span){ secret, sizeof(secret) });
    rdv_wipe(secret, sizeof(secret));
    return err;
}

enum rdv_err se_keys_generate(struct se_element *el, uint8_t slot, enum se_key_curve curve,
                              bool exportable)
{
    struct se_key_info info;
    enum rdv_err err;

    if (curve != SE_ANY_CURVE || se_keys_class(slot) == SE_CLASS_EC)
        err = se_keys_ec_info(el, &info, slot, curve);
    else
        err = se_keys_info(el, &info, slot);
    if (err != RDV_OK)
        return err;
    if (info.origin != SE_KEY_EMPTY)
        return is_used(el, slot);
    info.origin = SE_KEY_GENERATED;
    info.exportable = exportable || el->demo;
    info.created = el->now;
    if (info.kind == SE_KEY_RSA)
        return generate_rsa(el, &info);
    return info.kind == SE_KEY_SECRET ? generate_secret(el, &info) : generate_ec(el, &info);
}

enum rdv_err se_keys_set_private(struct se_element *el, uint8_t slot, enum se_key_curve curve,
                                 struct rdv_span bytes)
{
    uint8_t point[SE_EC_POINT_BYTES];
    struct rdv_key key = { 0 };
    struct se_key_info info;
    enum rdv_err err;

    if ((err = se_keys_ec_info(el, &info, slot, curve)) != RDV_OK)
        return err;
    if (info.has_secret)
        return is_used(el, slot);
    if ((err = se_ec_import(el->ec, se_keys_curve_of(&info), &key, bytes)) != RDV_OK ||
        (err = se_ec_public(el->ec, se_keys_curve_of(&info), point, &key)) != RDV_OK)
        goto out;
    if (info.has_point && memcmp(point, info.point, sizeof(point)) != 0) {
        err = se_fault(el, RDV_ERR_RANGE, "key=%02X: not the private key of its public key",
                       (unsigned)slot);
        goto out;
    }
    info.origin = SE_KEY_IMPORTED;
    info.exportable = true;
    err = write_private(el, &info, &key);
out:
    rdv_key_wipe(&key);
    return err;
}

enum rdv_err se_keys_set_point(struct se_element *el, uint8_t slot, enum se_key_curve curve,
                               struct rdv_span point)
{
    struct se_key_info info;
    enum rdv_err err;

    if ((err = se_keys_ec_info(el, &info, slot, curve)) != RDV_OK)
        return err;
    if ((err = se_ec_public_check(el->ec, se_keys_curve_of(&info), point)) != RDV_OK)
        return se_fault(el, err, "key=%02X: not a public key of %s", (unsigned)slot,
                        se_keys_kind_name(info.kind));
    if (info.has_secret) {
        if (memcmp(point.p, info.point, sizeof(info.point)) == 0)
            return RDV_OK;
        return se_fault(el, RDV_ERR_RANGE, "key=%02X: not the public key of its private key",
                        (unsigned)slot);
    }
    memcpy(info.point, point.p, sizeof(info.point));
    info.has_point = info.exportable = true;
    info.origin = SE_KEY_IMPORTED;
    return se_keys_write(el, &info, RDV_LIT(""));
}

enum rdv_err se_keys_set_part(struct se_element *el, uint8_t slot, enum se_rsa_part part,
                              struct rdv_span bytes)
{
    struct se_rsa_parts parts = { 0 };
    struct se_key_info info;
    enum rdv_err err;

    if ((err = se_keys_info(el, &info, slot)) != RDV_OK)
        return err;
    if (info.kind != SE_KEY_RSA)
        return wrong_slot(el, slot);
    if (info.has_secret && (err = se_keys_open_parts(el, &parts, slot)) != RDV_OK)
        goto out;
    if (parts.checked != 0 || info.origin == SE_KEY_GENERATED) {
        err = is_used(el, slot);
        goto out;
    }
    if ((err = se_rsa_set(&parts, part, bytes)) != RDV_OK)
        goto out;
    info.origin = SE_KEY_IMPORTED;
    info.exportable = true;
    err = se_keys_write(el, &info, se_keys_bytes_of(&parts));
out:
    rdv_wipe(&parts, sizeof(parts));
    return err;
}

enum rdv_err se_keys_set_secret(struct se_element *el, uint8_t slot, struct rdv_span bytes)
{
    struct se_key_info info = {
        .slot = slot, .kind = SE_KEY_SECRET, .origin = SE_KEY_IMPORTED, .exportable = true
    };

    if (!holds_text(se_keys_class(slot)))
        return wrong_slot(el, slot);
    if (bytes.n == 0 || bytes.n > SE_SEED_MAX)
        return se_fault(el, RDV_ERR_RANGE, "key=%02X: 1 to %d bytes", (unsigned)slot, SE_SEED_MAX);
    return se_keys_write(el, &info, bytes);
}

/* Big-endian words. */
static enum rdv_err read_path(uint32_t path[SE_BIP32_LEVELS_MAX], size_t *levels,
                              struct rdv_span bytes)
{
    struct rdv_reader rd = { bytes };

    *levels = 0;
    if (bytes.n == 0 || bytes.n % 4 != 0 || bytes.n / 4 > SE_BIP32_LEVELS_MAX)
        return RDV_ERR_RANGE;
    while (rd.rest.n > 0)
        RDV_INVARIANT(rdv_get_u32(&rd, &path[(*levels)++]) == RDV_OK);
    return RDV_OK;
}

enum rdv_err se_keys_derive(struct se_element *el, uint8_t slot, uint8_t seed, struct rdv_span path)
{
    struct rdv_buf bytes = RDV_BUF(SE_SEED_MAX);
    struct se_key_info from, info;
    struct se_bip32 node = { 0 };
    uint32_t words[SE_BIP32_LEVELS_MAX];
    size_t levels;
    enum rdv_err err;

    if ((err = se_keys_ec_info(el, &info, slot, SE_ONLY_K1)) != RDV_OK ||
        (err = se_keys_info(el, &from, seed)) != RDV_OK)
        return err;
    if (!holds_text(se_keys_class(seed)))
        return wrong_slot(el, seed);
    if (info.origin != SE_KEY_EMPTY)
        return is_used(el, slot);
    if ((err = read_path(words, &levels, path)) != RDV_OK)
        return se_fault(el, err, "a path is 1 to %d words of 4 bytes", SE_BIP32_LEVELS_MAX);
    if ((err = se_keys_open_secret(el, &bytes, seed)) != RDV_OK ||
        (err = se_bip32_derive(&node, el->ec, rdv_buf_view(&bytes), words, levels)) != RDV_OK ||
        (err = se_store_key_count(el->store, seed, 1)) != RDV_OK)
        goto out;
    info.origin = SE_KEY_DERIVED;
    info.exportable = from.exportable || el->demo;
    info.created = el->now;
    err = write_private(el, &info, &node.secret);
out:
    rdv_buf_free(&bytes);
    se_bip32_wipe(&node);
    return err;
}

enum rdv_err se_keys_hold(struct se_element *el, uint8_t slot)
{
    struct rdv_buf secret = RDV_BUF(sizeof(struct se_rsa_parts));
    struct se_key_info info;
    enum rdv_err err;

    if ((err = se_keys_info(el, &info, slot)) == RDV_OK &&
        (err = se_keys_open_secret(el, &secret, slot)) == RDV_OK) {
        info.exportable = false;
        err = se_keys_write(el, &info, rdv_buf_view(&secret));
    }
    rdv_buf_free(&secret);
    return err;
}

/* --- reading ---------------------------------------------------------------------------------- */

bool se_keys_is_secret(uint8_t slot, uint8_t part)
{
    return part >= SE_PART_PRIVATE || holds_text(se_keys_class(slot));
}

static bool has_part(enum se_key_class class, uint8_t part)
{
    switch (class) {
    case SE_CLASS_EC:
        return part == SE_PART_PUBLIC || part == SE_PART_PRIVATE;
    case SE_CLASS_RSA:
        return part <= SE_PART_EXPONENT ||
               (part >= SE_PART_PRIVATE && part <= SE_PART_PRIVATE_LAST);
    case SE_CLASS_SECRET:
    case SE_CLASS_SEED:
        return part == SE_PART_PUBLIC;
    case SE_CLASS_NONE:
        break;
    }
    return false;
}

static enum se_rsa_part rsa_part(uint8_t part)
{
    return part < SE_PART_PRIVATE ? (enum se_rsa_part)(SE_RSA_MODULUS + part)
                                  : (enum se_rsa_part)(SE_RSA_P + (part - SE_PART_PRIVATE));
}

static enum rdv_err get_rsa_part(struct se_element *el, struct rdv_buf *out, uint8_t slot,
                                 uint8_t part)
{
    struct se_rsa_parts parts;
    struct rdv_span bytes;
    enum rdv_err err;

    if ((err = se_keys_open_parts(el, &parts, slot)) == RDV_OK &&
        (err = se_rsa_get(&bytes, &parts, rsa_part(part))) == RDV_OK)
        err = rdv_put_bytes(out, bytes);
    rdv_wipe(&parts, sizeof(parts));
    return err;
}

enum rdv_err se_keys_get_part(struct se_element *el, struct rdv_buf *out, uint8_t slot,
                              enum se_key_curve curve, uint8_t part)
{
    const enum se_key_class class = se_keys_class(slot);
    struct se_key_info info;
    enum rdv_err err;

    if (!has_part(class, part))
        return wrong_slot(el, slot);
    if ((err = class == SE_CLASS_EC ? se_keys_ec_info(el, &info, slot, curve)
                                    : se_keys_info(el, &info, slot)) != RDV_OK)
        return err;
    if (!(info.has_secret || info.has_point))
        return se_fault(el, RDV_ERR_ABSENT, "key=%02X: there is none", (unsigned)slot);
    if (se_keys_is_secret(slot, part) && !info.exportable)
        return se_fault(el, RDV_ERR_DENIED, "key=%02X: it was not made exportable", (unsigned)slot);
    if (class == SE_CLASS_RSA)
        return get_rsa_part(el, out, slot, part);
    if (class == SE_CLASS_EC && part == SE_PART_PUBLIC)
        return rdv_put_bytes(out, (struct rdv_span){ info.point, sizeof(info.point) });
    return se_keys_open_secret(el, out, slot);
}

enum rdv_err se_keys_put_part(struct se_element *el, uint8_t slot, enum se_key_curve curve,
                              uint8_t part, struct rdv_span bytes)
{
    const enum se_key_class class = se_keys_class(slot);

    if (!has_part(class, part))
        return wrong_slot(el, slot);
    if (class == SE_CLASS_RSA)
        return se_keys_set_part(el, slot, rsa_part(part), bytes);
    if (class != SE_CLASS_EC)
        return se_keys_set_secret(el, slot, bytes);
    return part == SE_PART_PUBLIC ? se_keys_set_point(el, slot, curve, bytes)
                                  : se_keys_set_private(el, slot, curve, bytes);
}
