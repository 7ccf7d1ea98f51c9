/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/device.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "base/random.h"
#include "base/secret.h"
#include "se_card/p256.h"

static int generate(wc_CryptoInfo *info)
{
    uint8_t point[SE_P256_POINT_BYTES], scalar[SE_P256_SCALAR_BYTES];
    int r = MEMORY_E;

    if (se_p256_generate(scalar, point) == RDV_OK)
        r = wc_ecc_import_unsigned(info->pk.eckg.key, point + 1, point + 1 + SE_P256_SCALAR_BYTES,
                                   scalar, ECC_SECP256R1);
    rdv_wipe(scalar, sizeof(scalar));
    return r;
}

static int shared_secret(wc_CryptoInfo *info)
{
    uint8_t point[SE_P256_POINT_BYTES], scalar[SE_P256_SCALAR_BYTES];
    word32 scalar_n = sizeof(scalar), point_n = sizeof(point);
    int r;

    if ((r = wc_ecc_export_private_only(info->pk.ecdh.private_key, scalar, &scalar_n)) == 0 &&
        (r = wc_ecc_export_x963(info->pk.ecdh.public_key, point, &point_n)) == 0) {
        r = ECC_BAD_ARG_E;
        if (scalar_n == sizeof(scalar) && point_n == sizeof(point) &&
            *info->pk.ecdh.outlen >= SE_P256_SCALAR_BYTES &&
            se_p256_ecdh(info->pk.ecdh.out, scalar, point) == RDV_OK) {
            *info->pk.ecdh.outlen = SE_P256_SCALAR_BYTES;
            r = 0;
        }
    }
    rdv_wipe(scalar, sizeof(scalar));
    return r;
}

static int on_public_key(wc_CryptoInfo *info)
{
    if (info->pk.type == WC_PK_TYPE_EC_KEYGEN && info->pk.eckg.size == SE_P256_SCALAR_BYTES &&
        info->pk.eckg.curveId == ECC_SECP256R1)
        return generate(info);
    if (info->pk.type == WC_PK_TYPE_ECDH &&
        wc_ecc_get_curve_id(info->pk.ecdh.private_key->idx) == ECC_SECP256R1)
        return shared_secret(info);
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

    if ((err = se_p256_init()) != RDV_OK)
        return err;
    return wc_CryptoCb_RegisterDevice(SE_DEVICE, on_request, NULL) == 0 ? RDV_OK : RDV_ERR_NOMEM;
}
