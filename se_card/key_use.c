/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/key_use.h"

#include "se_card/aes.h"
#include "se_card/ec.h"
#include "se_card/hash.h"

size_t se_key_block(enum se_key_op op)
{
    static const size_t blocks[SE_OP_COUNT] = {
        [SE_OP_SIGN] = 32,
        [SE_OP_HMAC_SHA256] = 32,
        [SE_OP_HMAC_SHA512] = 32,
        [SE_OP_AES_ENCRYPT] = SE_AES_BYTES,
        [SE_OP_AES_DECRYPT] = SE_AES_BYTES,
        [SE_OP_RSA_PRIVATE] = SE_RSA_BYTES,
        [SE_OP_RSA_PUBLIC] = SE_RSA_BYTES,
    };

    return blocks[op];
}

/* A key opened for one command. */
struct opened {
    enum se_curve curve;
    struct rdv_key private;
    struct se_rsa *rsa;
    struct rdv_buf secret;
};

static void close_key(struct opened *key)
{
    rdv_key_wipe(&key->private);
    se_rsa_free(key->rsa);
    rdv_buf_free(&key->secret);
}

static enum rdv_err open_private(struct se_element *el, struct rdv_key *out, uint8_t slot)
{
    struct rdv_buf bytes = RDV_BUF(RDV_KEY_BYTES);
    enum rdv_err err;

    rdv_key_wipe(out);
    if ((err = se_keys_open_secret(el, &bytes, slot)) == RDV_OK)
        err = rdv_key_import(out, rdv_buf_view(&bytes));
    rdv_buf_free(&bytes);
    return err;
}

/* That the parts were found to belong together is kept: it takes a while to find out. */
static enum rdv_err open_rsa(struct se_element *el, struct opened *key, uint8_t slot)
{
    struct se_rsa_parts parts;
    struct se_key_info info;
    bool was_checked;
    enum rdv_err err;

    if ((err = se_keys_open_parts(el, &parts, slot)) != RDV_OK)
        return err;
    was_checked = parts.checked != 0;
    if ((err = se_rsa_new(&key->rsa, &parts)) != RDV_OK)
        err = se_fault(el, err, "key=%02X: its parts do not make a key", (unsigned)slot);
    else if (!was_checked && parts.checked != 0 && (err = se_keys_info(el, &info, slot)) == RDV_OK)
        err = se_keys_write(el, &info, se_keys_bytes_of(&parts));
    rdv_wipe(&parts, sizeof(parts));
    return err;
}

static enum rdv_err open_key(struct se_element *el, struct opened *key,
                             const struct se_key_use *use)
{
    const enum se_key_class class = se_keys_class(use->slot);
    struct se_key_info info;
    enum rdv_err err;

    switch (use->op) {
    case SE_OP_SIGN:
        if (class == SE_CLASS_EC) {
            if ((err = se_keys_ec_info(el, &info, use->slot, use->curve)) != RDV_OK)
                return err;
            key->curve = se_keys_curve_of(&info);
            return open_private(el, &key->private, use->slot);
        }
        return open_rsa(el, key, use->slot);
    case SE_OP_RSA_PRIVATE:
    case SE_OP_RSA_PUBLIC:
        return open_rsa(el, key, use->slot);
    case SE_OP_HMAC_SHA256:
    case SE_OP_HMAC_SHA512:
    case SE_OP_AES_ENCRYPT:
    case SE_OP_AES_DECRYPT:
    case SE_OP_COUNT:
        break;
    }
    if (class != SE_CLASS_SECRET)
        return se_fault(el, RDV_ERR_RANGE, "key=%02X: not a secret", (unsigned)use->slot);
    return se_keys_open_secret(el, &key->secret, use->slot);
}

static enum rdv_err sign_ec(struct se_element *el, struct rdv_buf *out, const struct opened *key,
                            bool prefixed, struct rdv_span in)
{
    const size_t before = rdv_buf_len(out);
    enum rdv_err err;

    if (!prefixed)
        return se_ec_sign(el->ec, key->curve, out, &key->private, in);
    if ((err = rdv_put_u8(out, 0)) != RDV_OK ||
        (err = se_ec_sign(el->ec, key->curve, out, &key->private, in)) != RDV_OK)
        return err;
    out->p[out->start + before] = (uint8_t)(rdv_buf_len(out) - before - 1);
    return RDV_OK;
}

static enum rdv_err operate(struct se_element *el, struct rdv_buf *out, const struct opened *key,
                            const struct se_key_use *use, struct rdv_span in)
{
    uint8_t bytes[SE_RSA_BYTES];
    size_t n = SE_RSA_BYTES;
    enum rdv_err err = RDV_OK;

    switch (use->op) {
    case SE_OP_SIGN:
        if (key->rsa == NULL)
            return sign_ec(el, out, key, use->prefixed, in);
        err = se_rsa_sign(key->rsa, bytes, in);
        break;
    case SE_OP_HMAC_SHA256:
        se_hmac_sha256(bytes, rdv_buf_view(&key->secret), in);
        n = SE_SHA256_BYTES;
        break;
    case SE_OP_HMAC_SHA512:
        se_hmac_sha512(bytes, rdv_buf_view(&key->secret), in);
        n = SE_SHA512_BYTES;
        break;
    case SE_OP_AES_ENCRYPT:
        return se_aes_encrypt(out, rdv_buf_view(&key->secret), in);
    case SE_OP_AES_DECRYPT:
        return se_aes_decrypt(out, rdv_buf_view(&key->secret), in);
    case SE_OP_RSA_PRIVATE:
        err = se_rsa_private(key->rsa, bytes, in);
        break;
    case SE_OP_RSA_PUBLIC:
        err = se_rsa_public(key->rsa, bytes, in);
        break;
    case SE_OP_COUNT:
        return RDV_ERR_RANGE;
    }
    if (err == RDV_OK)
        err = rdv_put_bytes(out, (struct rdv_span){ bytes, n });
    rdv_wipe(bytes, sizeof(bytes));
    return err;
}

enum rdv_err se_keys_use(struct se_element *el, struct rdv_buf *out, const struct se_key_use *use,
                         struct rdv_span in)
{
    const size_t block = use->pipe ? se_key_block(use->op) : in.n;
    struct opened key = { .secret = RDV_BUF(SE_SEED_MAX) };
    unsigned uses = 0;
    enum rdv_err err;

    if (use->pipe && (in.n == 0 || in.n % block != 0))
        return se_fault(el, RDV_ERR_RANGE, "a pipe is blocks of %zu bytes", block);
    if (use->op == SE_OP_SIGN && in.n == 0)
        return se_fault(el, RDV_ERR_RANGE, "nothing to sign");
    if ((err = open_key(el, &key, use)) != RDV_OK)
        goto out;
    do {
        if ((err = operate(el, out, &key, use, (struct rdv_span){ in.p, block })) != RDV_OK)
            goto out;
        in.p = in.n == 0 ? in.p : in.p + block;
        in.n -= block;
        uses++;
    } while (in.n > 0);
    err = se_store_key_count(el->store, use->slot, uses);
out:
    close_key(&key);
    return err;
}
