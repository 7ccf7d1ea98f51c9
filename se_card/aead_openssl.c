/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/aead.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/secret.h"

enum { DECRYPT, ENCRYPT }; /* as libcrypto has them */

static const struct {
    const char *name;
    size_t key_bytes;
} kinds[SE_AEAD_KINDS] = {
    [SE_AES_128_CCM] = { "AES-128-CCM", 16 },
    [SE_AES_128_GCM] = { "AES-128-GCM", 16 },
    [SE_AES_256_GCM] = { "AES-256-GCM", 32 },
};

/* Read-only once fetched: looking one up by its name takes longer than a short record. */
static EVP_CIPHER *ciphers[SE_AEAD_KINDS];

struct se_aead {
    enum se_aead_kind kind;
    uint8_t key[32];
    EVP_CIPHER_CTX *ctx[2]; /* one each way, with the key in it; made when first needed */
};

enum rdv_err se_aead_init(void)
{
    for (size_t i = 0; i < SE_AEAD_KINDS; i++) {
        if (ciphers[i] == NULL &&
            (ciphers[i] = EVP_CIPHER_fetch(NULL, kinds[i].name, NULL)) == NULL)
            return RDV_ERR_NOMEM;
    }
    return RDV_OK;
}

enum rdv_err se_aead_new(struct se_aead **out, enum se_aead_kind kind, struct rdv_span key)
{
    struct se_aead *aead;

    *out = NULL;
    if (key.n != kinds[kind].key_bytes)
        return RDV_ERR_RANGE;
    if (se_aead_init() != RDV_OK || (aead = OPENSSL_zalloc(sizeof(*aead))) == NULL)
        return RDV_ERR_NOMEM;
    aead->kind = kind;
    memcpy(aead->key, key.p, key.n);
    *out = aead;
    return RDV_OK;
}

void se_aead_keep(struct se_aead *aead)
{
    (void)rdv_secret_lock(aead, sizeof(*aead)); /* main has warned if locking is refused */
}

void se_aead_free(struct se_aead *aead)
{
    if (aead == NULL)
        return;
    EVP_CIPHER_CTX_free(aead->ctx[DECRYPT]); /* wipes */
    EVP_CIPHER_CTX_free(aead->ctx[ENCRYPT]);
    OPENSSL_clear_free(aead, sizeof(*aead));
}

static EVP_CIPHER_CTX *make_context(struct se_aead *aead, int way)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    if (ctx != NULL && EVP_CipherInit_ex2(ctx, ciphers[aead->kind], NULL, NULL, way, NULL) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, SE_AEAD_NONCE_BYTES, NULL) == 1 &&
        (aead->kind != SE_AES_128_CCM ||
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SE_AEAD_TAG_BYTES, NULL) == 1) &&
        EVP_CipherInit_ex2(ctx, NULL, aead->key, NULL, way, NULL) == 1)
        return ctx;
    EVP_CIPHER_CTX_free(ctx);
    return NULL;
}

/* A context with nonce and, to open, the tag. CCM must be told the length before the rest. */
static EVP_CIPHER_CTX *start(struct se_aead *aead, int way, const uint8_t *nonce,
                             const uint8_t *tag, struct rdv_span aad, size_t n)
{
    EVP_CIPHER_CTX *ctx = aead->ctx[way];
    uint8_t tag_copy[SE_AEAD_TAG_BYTES]; /* libcrypto asks for one it could write to */
    int done;

    if (ctx == NULL && (ctx = aead->ctx[way] = make_context(aead, way)) == NULL)
        return NULL;
    if (tag != NULL)
        memcpy(tag_copy, tag, sizeof(tag_copy));
    if ((tag != NULL &&
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SE_AEAD_TAG_BYTES, tag_copy) != 1) ||
        EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, way, NULL) != 1 ||
        (aead->kind == SE_AES_128_CCM && EVP_CipherUpdate(ctx, NULL, &done, NULL, (int)n) != 1) ||
        (aad.n > 0 && EVP_CipherUpdate(ctx, NULL, &done, aad.p, (int)aad.n) != 1))
        return NULL;
    return ctx;
}

/* The bytes of nothing: libcrypto reads NULL as "additional data" or "length". */
static const uint8_t *some(struct rdv_span in)
{
    static const uint8_t none[1];

    return in.n == 0 ? none : in.p;
}

enum rdv_err se_aead_seal(struct se_aead *aead, uint8_t *out, uint8_t tag[SE_AEAD_TAG_BYTES],
                          const uint8_t nonce[SE_AEAD_NONCE_BYTES], struct rdv_span aad,
                          struct rdv_span in)
{
    EVP_CIPHER_CTX *ctx;
    uint8_t spare[SE_AEAD_TAG_BYTES];
    int done;

    if (in.n > INT_MAX || aad.n > INT_MAX)
        return RDV_ERR_LIMIT;
    if ((ctx = start(aead, ENCRYPT, nonce, NULL, aad, in.n)) != NULL &&
        EVP_CipherUpdate(ctx, in.n == 0 ? spare : out, &done, some(in), (int)in.n) == 1 &&
        EVP_CipherFinal_ex(ctx, spare, &done) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SE_AEAD_TAG_BYTES, tag) == 1)
        return RDV_OK;
    rdv_wipe(out, in.n);
    return RDV_ERR_NOMEM;
}

enum rdv_err se_aead_open(struct se_aead *aead, uint8_t *out, const uint8_t tag[SE_AEAD_TAG_BYTES],
                          const uint8_t nonce[SE_AEAD_NONCE_BYTES], struct rdv_span aad,
                          struct rdv_span in)
{
    EVP_CIPHER_CTX *ctx;
    uint8_t spare[SE_AEAD_TAG_BYTES];
    int done;

    if (in.n > INT_MAX || aad.n > INT_MAX)
        return RDV_ERR_LIMIT;
    if ((ctx = start(aead, DECRYPT, nonce, tag, aad, in.n)) == NULL) {
        rdv_wipe(out, in.n);
        return RDV_ERR_NOMEM;
    }
    /* CCM judges at once, GCM at the end. */
    if (EVP_CipherUpdate(ctx, in.n == 0 ? spare : out, &done, some(in), (int)in.n) == 1 &&
        (aead->kind == SE_AES_128_CCM || EVP_CipherFinal_ex(ctx, spare, &done) == 1))
        return RDV_OK;
    rdv_wipe(out, in.n);
    return RDV_ERR_AUTH;
}
