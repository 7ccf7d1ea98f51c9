/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/own.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/cose.h"
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

/* Reads the private key to where it stays as long as the element does: every entry is signed. */
static enum rdv_err read_key(struct se_element *el)
{
    struct rdv_buf value = RDV_BUF(SE_OWN_VALUE_MAX);
    enum rdv_err err = RDV_OK;

    if (el->own_key == NULL) {
        if ((el->own_key = calloc(1, sizeof(*el->own_key))) == NULL)
            return RDV_ERR_NOMEM;
        (void)rdv_secret_lock(el->own_key, sizeof(*el->own_key)); /* main has warned if it is not */
    }
    if ((err = se_own_get(el, &value, SE_OWN_IDENTITY)) == RDV_OK &&
        (err = rdv_key_import(el->own_key, rdv_buf_view(&value))) == RDV_OK)
        err = se_ec_public(el->ec, SE_CURVE_K1, el->identity, el->own_key);
    rdv_buf_free(&value);
    if (err != RDV_OK)
        se_own_forget(el);
    return err;
}

enum rdv_err se_own_read_identity(struct se_element *el)
{
    return read_key(el);
}

enum rdv_err se_own_make_identity(struct se_element *el)
{
    struct rdv_key key = { 0 };
    enum rdv_err err;

    if ((err = read_key(el)) != RDV_ERR_ABSENT)
        return err;
    se_ec_generate(el->ec, SE_CURVE_K1, &key);
    if ((err = se_own_put(el, SE_OWN_IDENTITY, (struct rdv_span){ key.bytes, RDV_KEY_BYTES })) ==
        RDV_OK)
        err = read_key(el);
    el->identity_made = el->acts;
    rdv_key_wipe(&key);
    return err;
}

void se_own_forget(struct se_element *el)
{
    if (el->own_key != NULL)
        rdv_key_wipe(el->own_key);
    free(el->own_key);
    el->own_key = NULL;
    memset(el->identity, 0, sizeof(el->identity));
}

enum rdv_err se_own_sign_rs(struct se_element *el, uint8_t out[SE_EC_RS_BYTES],
                            const uint8_t digest[32])
{
    memset(out, 0, SE_EC_RS_BYTES);
    if (el->own_key == NULL)
        return RDV_ERR_ABSENT;
    return se_ec_sign_rs(el->ec, SE_CURVE_K1, out, el->own_key, (struct rdv_span){ digest, 32 });
}

enum rdv_err se_own_sign(struct se_element *el, struct rdv_buf *out, const uint8_t digest[32])
{
    if (el->own_key == NULL)
        return RDV_ERR_ABSENT;
    return se_ec_sign(el->ec, SE_CURVE_K1, out, el->own_key, (struct rdv_span){ digest, 32 });
}

enum rdv_err se_own_sign1_with(const struct se_element *el, struct se_ec *ec, struct rdv_buf *out,
                               struct rdv_span protected, struct rdv_span payload)
{
    uint8_t digest[SE_SHA256_BYTES], signature[RDV_COSE_SIGNATURE_BYTES];
    const struct rdv_cose message = { protected, payload, { signature, sizeof(signature) } };
    struct rdv_buf bytes = RDV_BUF(protected.n + payload.n + 64);
    enum rdv_err err;

    if (el->own_key == NULL)
        return RDV_ERR_ABSENT;
    if ((err = rdv_cose_put_signed(&bytes, &message)) == RDV_OK) {
        se_sha256(digest, rdv_buf_view(&bytes));
        if ((err = se_ec_sign_rs(ec, SE_CURVE_K1, signature, el->own_key,
                                 (struct rdv_span){ digest, sizeof(digest) })) == RDV_OK)
            err = rdv_cose_put(out, &message);
    }
    rdv_buf_free(&bytes);
    return err;
}

enum rdv_err se_own_sign1(struct se_element *el, struct rdv_buf *out, struct rdv_span protected,
                          struct rdv_span payload)
{
    return se_own_sign1_with(el, el->ec, out, protected, payload);
}

void se_own_kid(const struct se_element *el, uint8_t out[SE_OWN_KID_BYTES])
{
    uint8_t compressed[SE_EC_COMPRESSED_BYTES], hash[SE_SHA256_BYTES];

    se_ec_compress(compressed, el->identity);
    se_sha256(hash, (struct rdv_span){ compressed, sizeof(compressed) });
    memcpy(out, hash, SE_OWN_KID_BYTES);
}
