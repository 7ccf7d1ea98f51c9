/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/device.h"

#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "base/random.h"
#include "base/secret.h"
#include "se_card/aead.h"
#include "se_card/ecdhe.h"
#include "se_card/sha256.h"

static int p256_generate(wc_CryptoInfo *info)
{
    uint8_t point[SE_P256_POINT_BYTES], scalar[SE_SCALAR_BYTES];
    int r = MEMORY_E;

    if (se_p256_generate(scalar, point) == RDV_OK)
        r = wc_ecc_import_unsigned(info->pk.eckg.key, point + 1, point + 1 + SE_SCALAR_BYTES,
                                   scalar, ECC_SECP256R1);
    rdv_wipe(scalar, sizeof(scalar));
    return r;
}

static int p256_shared(wc_CryptoInfo *info)
{
    uint8_t point[SE_P256_POINT_BYTES], scalar[SE_SCALAR_BYTES];
    word32 scalar_n = sizeof(scalar), point_n = sizeof(point);
    int r;

    if ((r = wc_ecc_export_private_only(info->pk.ecdh.private_key, scalar, &scalar_n)) == 0 &&
        (r = wc_ecc_export_x963(info->pk.ecdh.public_key, point, &point_n)) == 0) {
        r = ECC_BAD_ARG_E;
        if (scalar_n == sizeof(scalar) && point_n == sizeof(point) &&
            *info->pk.ecdh.outlen >= SE_SCALAR_BYTES &&
            se_p256_shared(info->pk.ecdh.out, scalar, point) == RDV_OK) {
            *info->pk.ecdh.outlen = SE_SCALAR_BYTES;
            r = 0;
        }
    }
    rdv_wipe(scalar, sizeof(scalar));
    return r;
}

static int x25519_generate(wc_CryptoInfo *info)
{
    uint8_t point[SE_X25519_POINT_BYTES], scalar[SE_SCALAR_BYTES];
    int r = MEMORY_E;

    if (se_x25519_generate(scalar, point) == RDV_OK)
        r = wc_curve25519_import_private_raw_ex(scalar, sizeof(scalar), point, sizeof(point),
                                                info->pk.curve25519kg.key, EC25519_LITTLE_ENDIAN);
    rdv_wipe(scalar, sizeof(scalar));
    return r;
}

static int x25519_shared(wc_CryptoInfo *info)
{
    uint8_t point[SE_X25519_POINT_BYTES], scalar[SE_SCALAR_BYTES];
    word32 scalar_n = sizeof(scalar), point_n = sizeof(point);
    int r;

    if ((r = wc_curve25519_export_private_raw_ex(info->pk.curve25519.private_key, scalar, &scalar_n,
                                                 EC25519_LITTLE_ENDIAN)) == 0 &&
        (r = wc_curve25519_export_public_ex(info->pk.curve25519.public_key, point, &point_n,
                                            EC25519_LITTLE_ENDIAN)) == 0) {
        r = ECC_BAD_ARG_E;
        if (scalar_n == sizeof(scalar) && point_n == sizeof(point) &&
            *info->pk.curve25519.outlen >= SE_SHARED_BYTES &&
            se_x25519_shared(info->pk.curve25519.out, scalar, point) == RDV_OK) {
            *info->pk.curve25519.outlen = SE_SHARED_BYTES;
            r = 0;
        }
    }
    rdv_wipe(scalar, sizeof(scalar));
    return r;
}

static int on_public_key(wc_CryptoInfo *info)
{
    if (info->pk.type == WC_PK_TYPE_EC_KEYGEN && info->pk.eckg.size == SE_SCALAR_BYTES &&
        info->pk.eckg.curveId == ECC_SECP256R1)
        return p256_generate(info);
    if (info->pk.type == WC_PK_TYPE_ECDH &&
        wc_ecc_get_curve_id(info->pk.ecdh.private_key->idx) == ECC_SECP256R1)
        return p256_shared(info);
    if (info->pk.type == WC_PK_TYPE_CURVE25519_KEYGEN)
        return x25519_generate(info);
    if (info->pk.type == WC_PK_TYPE_CURVE25519 &&
        info->pk.curve25519.endian == EC25519_LITTLE_ENDIAN)
        return x25519_shared(info);
    return CRYPTOCB_UNAVAILABLE;
}

/* One record; the key is where wolfCrypt keeps it for devices. */
static int seal(const Aes *aes, enum se_aead_kind kind, byte *out, byte *tag, const byte *nonce,
                struct rdv_span aad, struct rdv_span in)
{
    struct se_aead *aead = NULL;
    int r = MEMORY_E;

    if (se_aead_new(&aead, kind, (struct rdv_span){ (const uint8_t *)aes->devKey, 16 }) == RDV_OK &&
        se_aead_seal(aead, out, tag, nonce, aad, in) == RDV_OK)
        r = 0;
    se_aead_free(aead);
    return r;
}

static int unseal(const Aes *aes, enum se_aead_kind kind, byte *out, const byte *tag,
                  const byte *nonce, struct rdv_span aad, struct rdv_span in)
{
    struct se_aead *aead = NULL;
    enum rdv_err err;

    if ((err = se_aead_new(&aead, kind, (struct rdv_span){ (const uint8_t *)aes->devKey, 16 })) ==
        RDV_OK)
        err = se_aead_open(aead, out, tag, nonce, aad, in);
    se_aead_free(aead);
    if (err == RDV_ERR_AUTH)
        return kind == SE_AES_128_CCM ? AES_CCM_AUTH_E : AES_GCM_AUTH_E;
    return err == RDV_OK ? 0 : MEMORY_E;
}

/* Below this many bytes wolfCrypt is done before a key is prepared for libcrypto. */
#define WORTH_IT 256

/* AES-128 with nonces and tags as TLS 1.3 has them; anything else wolfCrypt does itself. */
static int on_cipher(wc_CryptoInfo *info)
{
#define FITS(op, iv)                                                                        \
    ((op).sz >= WORTH_IT && (op).aes->keylen == 16 && (op).iv##Sz == SE_AEAD_NONCE_BYTES && \
     (op).authTagSz == SE_AEAD_TAG_BYTES)
#define AAD(op) ((struct rdv_span){ (op).authIn, (op).authInSz })
#define IN(op) ((struct rdv_span){ (op).in, (op).sz })

    if (info->cipher.type == WC_CIPHER_AES_CCM && info->cipher.enc != 0 &&
        FITS(info->cipher.aesccm_enc, nonce))
        return seal(info->cipher.aesccm_enc.aes, SE_AES_128_CCM, info->cipher.aesccm_enc.out,
                    info->cipher.aesccm_enc.authTag, info->cipher.aesccm_enc.nonce,
                    AAD(info->cipher.aesccm_enc), IN(info->cipher.aesccm_enc));
    if (info->cipher.type == WC_CIPHER_AES_CCM && info->cipher.enc == 0 &&
        FITS(info->cipher.aesccm_dec, nonce))
        return unseal(info->cipher.aesccm_dec.aes, SE_AES_128_CCM, info->cipher.aesccm_dec.out,
                      info->cipher.aesccm_dec.authTag, info->cipher.aesccm_dec.nonce,
                      AAD(info->cipher.aesccm_dec), IN(info->cipher.aesccm_dec));
    if (info->cipher.type == WC_CIPHER_AES_GCM && info->cipher.enc != 0 &&
        FITS(info->cipher.aesgcm_enc, iv))
        return seal(info->cipher.aesgcm_enc.aes, SE_AES_128_GCM, info->cipher.aesgcm_enc.out,
                    info->cipher.aesgcm_enc.authTag, info->cipher.aesgcm_enc.iv,
                    AAD(info->cipher.aesgcm_enc), IN(info->cipher.aesgcm_enc));
    if (info->cipher.type == WC_CIPHER_AES_GCM && info->cipher.enc == 0 &&
        FITS(info->cipher.aesgcm_dec, iv))
        return unseal(info->cipher.aesgcm_dec.aes, SE_AES_128_GCM, info->cipher.aesgcm_dec.out,
                      info->cipher.aesgcm_dec.authTag, info->cipher.aesgcm_dec.iv,
                      AAD(info->cipher.aesgcm_dec), IN(info->cipher.aesgcm_dec));
    return CRYPTOCB_UNAVAILABLE;
}

/* The state stays where wolfSSL keeps it, in wolfSSL's form: it copies it, and looks at it, as it
 * likes. */
static void sha256(wc_Sha256 *sha, struct rdv_span bytes, uint8_t *digest)
{
    struct se_sha256_state s = { .n = (uint64_t)sha->hiLen << 32 | sha->loLen };

    memcpy(s.h, sha->digest, sizeof(s.h));
    memcpy(s.block, sha->buffer, sizeof(s.block));
    if (bytes.n > 0)
        se_sha256_update(&s, bytes);
    if (digest != NULL)
        se_sha256_finish(&s, digest);
    memcpy(sha->digest, s.h, sizeof(s.h));
    memcpy(sha->buffer, s.block, sizeof(s.block));
    sha->buffLen = (word32)(s.n % SE_SHA256_BLOCK);
    sha->loLen = (word32)s.n;
    sha->hiLen = (word32)(s.n >> 32);
    rdv_wipe(&s, sizeof(s));
}

/* Asked for nothing but a copy of it, after a HelloRetryRequest. Whoever went by such a digest
 * would agree with nobody. */
static int digest_of_nothing(uint8_t *digest, size_t n)
{
    if (digest != NULL)
        rdv_random(digest, n);
    return 0;
}

/*
 * A handshake is hashed with every hash that wolfSSL knows, until it is clear which one counts. All
 * our suites take SHA-256: the others are spared the work.
 */
static int on_hash(wc_CryptoInfo *info)
{
    switch (info->hash.type) {
    case WC_HASH_TYPE_SHA256:
        sha256(info->hash.sha256, (struct rdv_span){ info->hash.in, info->hash.inSz },
               info->hash.digest);
        return 0;
    case WC_HASH_TYPE_SHA:
        return digest_of_nothing(info->hash.digest, WC_SHA_DIGEST_SIZE);
    case WC_HASH_TYPE_SHA384:
        return digest_of_nothing(info->hash.digest, WC_SHA384_DIGEST_SIZE);
    case WC_HASH_TYPE_SHA512:
        return digest_of_nothing(info->hash.digest, WC_SHA512_DIGEST_SIZE);
    default:
        return CRYPTOCB_UNAVAILABLE;
    }
}

/* CRYPTOCB_UNAVAILABLE is wolfSSL's way to hear "do it yourself". */
static int on_request(int device, wc_CryptoInfo *info, void *user)
{
    (void)device;
    (void)user;
    switch (info->algo_type) {
    case WC_ALGO_TYPE_PK:
        return on_public_key(info);
    case WC_ALGO_TYPE_CIPHER:
        return on_cipher(info);
    case WC_ALGO_TYPE_HASH:
        return on_hash(info);
    case WC_ALGO_TYPE_RNG:
        rdv_random(info->rng.out, info->rng.sz);
        return 0;
    case WC_ALGO_TYPE_SEED:
        rdv_random(info->seed.seed, info->seed.sz);
        return 0;
    default:
        return CRYPTOCB_UNAVAILABLE;
    }
}

enum rdv_err se_device_register(void)
{
    enum rdv_err err;

    if ((err = se_ecdhe_init()) != RDV_OK || (err = se_aead_init()) != RDV_OK)
        return err;
    return wc_CryptoCb_RegisterDevice(SE_DEVICE, on_request, NULL) == 0 ? RDV_OK : RDV_ERR_NOMEM;
}
