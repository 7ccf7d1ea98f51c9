/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/own.h"

#include <string.h>

#include "base/log.h"
#include "se_card/hash.h"

static const char *const names[SE_OWN_COUNT] = {
    [SE_OWN_IDENTITY] = "identity", [SE_OWN_CERTIFICATE] = "certificate",
    [SE_OWN_WRAP_1] = "wrap1",      [SE_OWN_WRAP_2] = "wrap2",
    [SE_OWN_PSK3] = "psk3",         [SE_OWN_CONFIRMER] = "confirmer",
};

static struct se_place place_of(enum se_own what)
{
    return (struct se_place){ "own", names[what], 0 };
}

enum rdv_err se_own_get(struct se_element *el, struct rdv_buf *out, enum se_own what)
{
    struct rdv_span sealed;
    enum rdv_err err;

    if ((err = se_store_own_get(el->store, &sealed, names[what])) == RDV_OK &&
        (err = se_seal_open(el->seal, out, place_of(what), sealed)) == RDV_ERR_CORRUPT)
        log_error("%s: %s: damaged", el->sen, names[what]);
    return err;
}

enum rdv_err se_own_put(struct se_element *el, enum se_own what, struct rdv_span value)
{
    struct rdv_buf sealed = RDV_BUF(SE_OWN_VALUE_MAX + SE_SEAL_OVERHEAD);
    enum rdv_err err = RDV_OK;

    if (value.n == 0 || (err = se_seal_close(el->seal, &sealed, place_of(what), value)) == RDV_OK)
        err = se_store_own_put(el->store, names[what], rdv_buf_view(&sealed));
    rdv_buf_free(&sealed);
    return err;
}

static enum rdv_err read_key(struct se_element *el, struct rdv_key *out)
{
    struct rdv_buf value = RDV_BUF(SE_OWN_VALUE_MAX);
    enum rdv_err err;

    rdv_key_wipe(out);
    if ((err = se_own_get(el, &value, SE_OWN_IDENTITY)) == RDV_OK)
        err = rdv_key_import(out, rdv_buf_view(&value));
    rdv_buf_free(&value);
    return err;
}

enum rdv_err se_own_read_identity(struct se_element *el)
{
    struct rdv_key key;
    enum rdv_err err;

    if ((err = read_key(el, &key)) == RDV_OK)
        err = se_ec_public(el->ec, SE_CURVE_K1, el->identity, &key);
    rdv_key_wipe(&key);
    return err;
}

enum rdv_err se_own_make_identity(struct se_element *el)
{
    struct rdv_key key = { 0 };
    enum rdv_err err;

    if ((err = se_own_read_identity(el)) != RDV_ERR_ABSENT)
        return err;
    se_ec_generate(el->ec, SE_CURVE_K1, &key);
    if ((err = se_own_put(el, SE_OWN_IDENTITY, (struct rdv_span){ key.bytes, RDV_KEY_BYTES })) ==
        RDV_OK)
        err = se_ec_public(el->ec, SE_CURVE_K1, el->identity, &key);
    rdv_key_wipe(&key);
    return err;
}

enum rdv_err se_own_sign_rs(struct se_element *el, uint8_t out[SE_EC_RS_BYTES],
                            const uint8_t digest[32])
{
    struct rdv_key key;
    enum rdv_err err;

    memset(out, 0, SE_EC_RS_BYTES);
    if ((err = read_key(el, &key)) == RDV_OK)
        err = se_ec_sign_rs(el->ec, SE_CURVE_K1, out, &key, (struct rdv_span){ digest, 32 });
    rdv_key_wipe(&key);
    return err;
}

enum rdv_err se_own_sign(struct se_element *el, struct rdv_buf *out, const uint8_t digest[32])
{
    struct rdv_key key;
    enum rdv_err err;

    if ((err = read_key(el, &key)) == RDV_OK)
        err = se_ec_sign(el->ec, SE_CURVE_K1, out, &key, (struct rdv_span){ digest, 32 });
    rdv_key_wipe(&key);
    return err;
}

void se_own_kid(const struct se_element *el, uint8_t out[SE_OWN_KID_BYTES])
{
    uint8_t compressed[SE_EC_COMPRESSED_BYTES], hash[SE_SHA256_BYTES];

    se_ec_compress(compressed, el->identity);
    se_sha256(hash, (struct rdv_span){ compressed, sizeof(compressed) });
    memcpy(out, hash, SE_OWN_KID_BYTES);
}
