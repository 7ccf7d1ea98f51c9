/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/ecdsa.h"

#include <stdlib.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include "tests/support/test.h"

struct t_wolf_key {
    ecc_key key;
};

struct t_wolf_key *t_wolf_key_new(const uint8_t point[SE_EC_POINT_BYTES])
{
    struct t_wolf_key *key = calloc(1, sizeof(*key));

    T_MUST(key != NULL && wc_ecc_init(&key->key) == 0);
    T_MUST(wc_ecc_import_x963_ex(point, SE_EC_POINT_BYTES, &key->key, ECC_SECP256R1) == 0);
    return key;
}

void t_wolf_key_free(struct t_wolf_key *key)
{
    wc_ecc_free(&key->key);
    wc_ecc_fp_free(); /* its cache of this key's multiples */
    free(key);
}

bool t_wolf_verifies(struct t_wolf_key *key, const uint8_t value[32], struct rdv_span der)
{
    int verifies = 0;

    return wc_ecc_verify_hash(der.p, (word32)der.n, value, 32, &verifies, &key->key) == 0 &&
           verifies == 1;
}
