/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/device.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "base/random.h"
#include "base/secret.h"
#include "se_card/ecdhe.h"

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

/* CRYPTOCB_UNAVAILABLE is wolfSSL's way to hear "do it yourself". */
static int on_request(int device, wc_CryptoInfo *info, void *user)
{
    (void)device;
    (void)user;
    switch (info->algo_type) {
    case WC_ALGO_TYPE_PK:
        return on_public_key(info);
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

    if ((err = se_ecdhe_init()) != RDV_OK)
        return err;
    return wc_CryptoCb_RegisterDevice(SE_DEVICE, on_request, NULL) == 0 ? RDV_OK : RDV_ERR_NOMEM;
}
