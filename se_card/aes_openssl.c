/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/aes.h"

#include <limits.h>

#include <openssl/evp.h>

enum { DECRYPT, ENCRYPT }; /* as libcrypto has them */

static enum rdv_err run(struct rdv_buf *out, struct rdv_span key, struct rdv_span in, int direction)
{
    EVP_CIPHER_CTX *ctx = NULL;
    uint8_t *room;
    int n = 0;
    enum rdv_err err;

    if (key.n != SE_AES_BYTES || in.n == 0 || in.n % SE_AES_BYTES != 0 || in.n > INT_MAX)
        return RDV_ERR_RANGE;
    if ((err = rdv_buf_room(out, &room, in.n)) != RDV_OK)
        return err;
    if ((ctx = EVP_CIPHER_CTX_new()) == NULL ||
        EVP_CipherInit_ex(ctx, EVP_aes_128_ecb(), NULL, key.p, NULL, direction) != 1 ||
        EVP_CIPHER_CTX_set_padding(ctx, 0) != 1 ||
        EVP_CipherUpdate(ctx, room, &n, in.p, (int)in.n) != 1)
        err = RDV_ERR_NOMEM; /* the only way to fail that is left */
    else
        rdv_buf_grew(out, in.n);
    EVP_CIPHER_CTX_free(ctx); /* wipes */
    return err;
}

enum rdv_err se_aes_encrypt(struct rdv_buf *out, struct rdv_span key, struct rdv_span in)
{
    return run(out, key, in, ENCRYPT);
}

enum rdv_err se_aes_decrypt(struct rdv_buf *out, struct rdv_span key, struct rdv_span in)
{
    return run(out, key, in, DECRYPT);
}
