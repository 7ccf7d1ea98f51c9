/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/aes.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>

#include "base/secret.h"

typedef int ecb_fn(Aes *aes, byte *out, const byte *in, word32 n);

static enum rdv_err run(struct rdv_buf *out, struct rdv_span key, struct rdv_span in, int direction,
                        ecb_fn *ecb)
{
    uint8_t *room;
    Aes aes;
    enum rdv_err err;

    if (key.n != SE_AES_BYTES || in.n == 0 || in.n % SE_AES_BYTES != 0 || in.n > UINT32_MAX)
        return RDV_ERR_RANGE;
    if ((err = rdv_buf_room(out, &room, in.n)) != RDV_OK)
        return err;
    RDV_INVARIANT(wc_AesInit(&aes, NULL, INVALID_DEVID) == 0 &&
                  wc_AesSetKey(&aes, key.p, SE_AES_BYTES, NULL, direction) == 0 &&
                  ecb(&aes, room, in.p, (word32)in.n) == 0);
    wc_AesFree(&aes);
    rdv_wipe(&aes, sizeof(aes));
    rdv_buf_grew(out, in.n);
    return RDV_OK;
}

enum rdv_err se_aes_encrypt(struct rdv_buf *out, struct rdv_span key, struct rdv_span in)
{
    return run(out, key, in, AES_ENCRYPTION, wc_AesEcbEncrypt);
}

enum rdv_err se_aes_decrypt(struct rdv_buf *out, struct rdv_span key, struct rdv_span in)
{
    return run(out, key, in, AES_DECRYPTION, wc_AesEcbDecrypt);
}
