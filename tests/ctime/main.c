/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs our own code on secrets, below valgrind; whatever it says is a failure. With the argument
 * "canary" it does what must be found instead: a test that cannot fail proves nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/valgrind.h>

#include "base/hex.h"
#include "base/invariant.h"
#include "base/secret.h"
#include "se_card/aes.h"
#include "se_card/binder.h"
#include "se_card/bip32.h"
#include "se_card/ec.h"
#include "se_card/hash.h"
#include "se_card/p256_scalar.h"
#include "se_card/wrap.h"
#include "tests/ctime/secrets.h"

#define MUST(fact) RDV_INVARIANT(fact)

static struct rdv_key secret_key(uint8_t byte)
{
    struct rdv_key key;

    memset(&key, byte, sizeof(key));
    t_hide(&key, sizeof(key));
    return key;
}

static void hexadecimal(void)
{
    char digits[64];
    struct rdv_key key = secret_key(0xA9), back;

    rdv_hex_encode(digits, (struct rdv_span){ key.bytes, sizeof(key.bytes) });
    MUST(rdv_hex_decode(back.bytes, 32, (struct rdv_span){ (uint8_t *)digits, 64 }) == RDV_OK);
    MUST(rdv_ct_equal(&key, &back, sizeof(key)));
    digits[9] = 'x';
    t_hide(digits, sizeof(digits));
    MUST(rdv_hex_decode(back.bytes, 32, (struct rdv_span){ (uint8_t *)digits, 64 }) ==
         RDV_ERR_FORMAT);
}

static void keys(void)
{
    const struct rdv_key weak = secret_key(0x11);
    struct rdv_key key = secret_key(0x12);

    MUST(rdv_key_is_weak(&weak));
    MUST(rdv_key_import(&key, (struct rdv_span){ weak.bytes, sizeof(weak.bytes) }) == RDV_OK);
    MUST(rdv_ct_equal(&key, &weak, sizeof(key)));
}

static void hashes(void)
{
    const struct rdv_key key = secret_key(0x21), data = secret_key(0x22);
    const struct rdv_span key_span = { key.bytes, sizeof(key.bytes) };
    const struct rdv_span data_span = { data.bytes, sizeof(data.bytes) };
    uint8_t out[100];

    se_sha256(out, data_span);
    se_hmac_sha256(out, key_span, data_span);
    se_hmac_sha512(out, key_span, data_span);
    se_hkdf_sha256(out, sizeof(out), key_span, RDV_LIT("salt"), RDV_LIT("info"));
    se_binder_make(out, &key, data_span);
    se_binder_derive(out, &key, data_span);
    MUST(!se_binder_matches(&key, RDV_LIT("hello"), (struct rdv_span){ out, 32 }));
}

static void ciphers(void)
{
    const struct se_wrap_header older = { .older = true, .index = 0x10, .param = 0x80 };
    const struct se_wrap_header ours = { .index = 0x10, .param = 0x80 };
    const struct rdv_key key = secret_key(0x23), part = secret_key(0x24);
    const struct rdv_span secret = { key.bytes, 16 }, span = { part.bytes, sizeof(part.bytes) };
    struct rdv_buf out = RDV_BUF(1024);

    MUST(se_aes_encrypt(&out, secret, span) == RDV_OK);
    MUST(se_aes_decrypt(&out, secret, span) == RDV_OK);
    MUST(se_wrap_seal(&out, &older, secret, span) == RDV_OK);
    MUST(se_wrap_seal(&out, &ours, secret, span) == RDV_OK);
    rdv_buf_free(&out);
}

static void scalars(void)
{
    const struct rdv_key key = secret_key(0xFF);
    struct se_p256_scalar a, b;
    uint8_t out[32];

    (void)se_p256_scalar_get(&a, key.bytes);
    se_p256_scalar_inverse(&b, &a);
    se_p256_scalar_mul(&a, &a, &b);
    se_p256_scalar_add(&a, &a, &b);
    se_p256_scalar_negate_if(&a, se_p256_scalar_is_high(&a));
    se_p256_scalar_put(out, &a);
}

static void sign(struct se_ec *ec, enum se_curve curve, const struct rdv_key *key)
{
    struct rdv_buf der = RDV_BUF(SE_EC_DER_MAX);
    uint8_t point[SE_EC_POINT_BYTES];

    MUST(se_ec_public(ec, curve, point, key) == RDV_OK);
    t_show(point, sizeof(point));
    MUST(se_ec_sign(ec, curve, &der, key, RDV_LIT("value")) == RDV_OK);
    MUST(se_ec_verify(ec, curve, rdv_buf_view(&der), (struct rdv_span){ point, sizeof(point) },
                      RDV_LIT("value")) == RDV_OK);
    rdv_buf_free(&der);
}

static void elliptic_curve(enum se_curve curve)
{
    struct rdv_key bytes = secret_key(0x31), key;
    struct se_ec *ec;

    MUST(se_ec_new(&ec) == RDV_OK);
    for (size_t n = 1; n <= 32; n++)
        MUST(se_ec_import(ec, curve, &key, (struct rdv_span){ bytes.bytes, n }) == RDV_OK);
    sign(ec, curve, &key);
    se_ec_generate(ec, curve, &key);
    sign(ec, curve, &key);
    bytes = secret_key(0xFF);
    MUST(se_ec_import(ec, curve, &key, (struct rdv_span){ bytes.bytes, 32 }) == RDV_ERR_RANGE);
    MUST(se_ec_public(ec, curve, (uint8_t[SE_EC_POINT_BYTES]){ 0 }, &bytes) == RDV_ERR_RANGE);
    se_ec_free(ec);
}

static void seeds(void)
{
    const struct rdv_key seed = secret_key(0x41);
    const uint32_t path[] = { SE_BIP32_HARDENED, SE_BIP32_HARDENED | 7 };
    struct se_bip32 node;
    struct se_ec *ec;

    MUST(se_ec_new(&ec) == RDV_OK);
    MUST(se_bip32_derive(&node, ec, (struct rdv_span){ seed.bytes, 32 }, path, 2) == RDV_OK);
    se_ec_free(ec);
}

int main(int argc, char **argv)
{
    if (RUNNING_ON_VALGRIND == 0) {
        (void)fprintf(stderr, "not below valgrind: nothing would be seen\n");
        return EXIT_FAILURE;
    }
    if (argc > 1 && strcmp(argv[1], "canary") == 0) {
        if (secret_key(0x51).bytes[7] == 0x51)
            puts("the secret is known");
        return EXIT_SUCCESS;
    }
    hexadecimal();
    keys();
    hashes();
    ciphers();
    scalars();
    elliptic_curve(SE_CURVE_P256);
    elliptic_curve(SE_CURVE_K1);
    seeds();
    return EXIT_SUCCESS;
}
