/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/aes.h"

#include "tests/support/test.h"

#define KEY "2b7e151628aed2a6abf7158809cf4f3c"

static void other_lengths_are_refused(void)
{
    const uint8_t bytes[33] = { 0 };
    struct rdv_buf out = RDV_BUF(1024);

    for (size_t n = 0; n <= 33; n++) {
        if (n % SE_AES_BYTES != 0 || n == 0) {
            T_ERR(se_aes_encrypt(&out, t_hex(KEY), (struct rdv_span){ bytes, n }), RDV_ERR_RANGE);
            T_ERR(se_aes_decrypt(&out, t_hex(KEY), (struct rdv_span){ bytes, n }), RDV_ERR_RANGE);
        }
        if (n != SE_AES_BYTES)
            T_ERR(se_aes_encrypt(&out, (struct rdv_span){ bytes, n }, t_hex(KEY)), RDV_ERR_RANGE);
    }
    T_UINT(rdv_buf_len(&out), 0);
    rdv_buf_free(&out);
}

static void more_than_fits_is_refused(void)
{
    struct rdv_buf out = RDV_BUF(31);

    T_ERR(se_aes_encrypt(&out, t_hex(KEY), t_hex(KEY KEY)), RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&out), 0);
    rdv_buf_free(&out);
}

/* SP 800-38A F.1.1 and F.1.2: four blocks, each alone and all at once, after what was there. */
static void encrypts_and_decrypts_as_published(void)
{
    static const char *const plain[] = {
        "6bc1bee22e409f96e93d7e117393172a",
        "ae2d8a571e03ac9c9eb76fac45af8e51",
        "30c81c46a35ce411e5fbc1191a0a52ef",
        "f69f2445df4f9b17ad2b417be66c3710",
    };
    static const char *const sealed[] = {
        "3ad77bb40d7a3660a89ecaf32466ef97",
        "f5d3d58503b9699de785895a96fdbaaf",
        "43b1cd7f598ece23881b00e3ed030688",
        "7b0c785e27e8ad3f8223207104725dd4",
    };
    struct rdv_buf a = RDV_BUF(1024), b = RDV_BUF(1024), all = RDV_BUF(1024);

    for (size_t i = 0; i < 4; i++) {
        const struct rdv_span block = t_hex(sealed[i]);

        T_OK(se_aes_encrypt(&a, t_hex(KEY), t_hex(plain[i])));
        T_UINT(rdv_buf_len(&a), 16 * (i + 1));
        T_SPAN(((struct rdv_span){ rdv_buf_view(&a).p + 16 * i, 16 }), block);
        T_OK(se_aes_decrypt(&b, t_hex(KEY), block));
        T_SPAN(((struct rdv_span){ rdv_buf_view(&b).p + 16 * i, 16 }), t_hex(plain[i]));
    }
    T_OK(se_aes_encrypt(&all, t_hex(KEY), rdv_buf_view(&b)));
    T_SPAN(rdv_buf_view(&all), rdv_buf_view(&a));
    rdv_buf_clear(&all);
    T_OK(se_aes_decrypt(&all, t_hex(KEY), rdv_buf_view(&a)));
    T_SPAN(rdv_buf_view(&all), rdv_buf_view(&b));
    rdv_buf_free(&a);
    rdv_buf_free(&b);
    rdv_buf_free(&all);
}

static CU_TestInfo tests[] = {
    T_CASE(other_lengths_are_refused),
    T_CASE(more_than_fits_is_refused),
    T_CASE(encrypts_and_decrypts_as_published),
    T_END,
};

T_SUITE(se_card_aes, tests);
