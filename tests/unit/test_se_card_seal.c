/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/seal.h"

#include <string.h>

#include "tests/support/test.h"

static const struct rdv_key key = { { 1, 2, 3 } }, other_key = { { 1, 2, 4 } };
static const struct se_place place = { "record", "content", 7 };

static void anything_changed_or_moved_is_refused(void)
{
    static const struct se_place elsewhere[] = {
        { "record", "content", 8 },
        { "record", "contend", 7 },
        { "recorc", "ontent", 7 },
        { "recor", "dcontent", 7 },
    };
    struct rdv_buf sealed = RDV_BUF(1024), plain = RDV_BUF(1024);
    struct se_seal *seal, *other;
    struct rdv_span view;

    T_MUST_OK(se_seal_new(&seal, &key));
    T_MUST_OK(se_seal_new(&other, &other_key));
    T_MUST_OK(se_seal_close(seal, &sealed, place, RDV_LIT("content")));
    view = rdv_buf_view(&sealed);
    T_UINT(view.n, 7 + SE_SEAL_OVERHEAD);
    for (size_t i = 0; i < view.n; i++) {
        sealed.p[sealed.start + i] ^= 1;
        T_ERR(se_seal_open(seal, &plain, place, view), RDV_ERR_CORRUPT);
        sealed.p[sealed.start + i] ^= 1;
        T_ERR(se_seal_open(seal, &plain, place, (struct rdv_span){ view.p, i }), RDV_ERR_CORRUPT);
    }
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
        T_ERR(se_seal_open(seal, &plain, elsewhere[i], view), RDV_ERR_CORRUPT);
    T_ERR(se_seal_open(other, &plain, place, view), RDV_ERR_CORRUPT);
    T_UINT(rdv_buf_len(&plain), 0);
    T_OK(se_seal_open(seal, &plain, place, view));
    T_TEXT(rdv_buf_view(&plain), "content");
    rdv_buf_free(&sealed);
    rdv_buf_free(&plain);
    se_seal_free(seal);
    se_seal_free(other);
}

static void a_key_of_another_length_is_refused(void)
{
    struct rdv_buf sealed = RDV_BUF(1024);
    struct rdv_key out;
    struct se_seal *seal;

    T_MUST_OK(se_seal_new(&seal, &key));
    T_MUST_OK(se_seal_close(seal, &sealed, place, RDV_LIT("31 bytes of something, not 32...")));
    T_OK(se_seal_open_key(seal, &out, place, rdv_buf_view(&sealed)));
    rdv_buf_clear(&sealed);
    T_MUST_OK(se_seal_close(seal, &sealed, place, RDV_LIT("31 bytes of something, not 32..")));
    T_ERR(se_seal_open_key(seal, &out, place, rdv_buf_view(&sealed)), RDV_ERR_CORRUPT);
    T_UINT(out.bytes[0], 0);
    rdv_buf_free(&sealed);
    se_seal_free(seal);
}

static void no_nonce_comes_twice(void)
{
    struct rdv_buf sealed = RDV_BUF(1 << 20);
    struct se_seal *seal, *again;
    struct rdv_span view;

    T_MUST_OK(se_seal_new(&seal, &key));
    T_MUST_OK(se_seal_new(&again, &key)); /* as after a restart */
    for (size_t i = 0; i < 200; i++)
        T_OK(se_seal_close(i % 2 == 0 ? seal : again, &sealed, place, RDV_LIT("")));
    view = rdv_buf_view(&sealed);
    for (size_t i = 0; i < 200; i++) {
        for (size_t j = i + 1; j < 200; j++) {
            if (memcmp(view.p + i * SE_SEAL_OVERHEAD, view.p + j * SE_SEAL_OVERHEAD, 12) == 0)
                T_TRUE(false);
        }
    }
    T_UINT(view.n, 200 * SE_SEAL_OVERHEAD);
    rdv_buf_free(&sealed);
    se_seal_free(seal);
    se_seal_free(again);
}

static void what_does_not_fit_is_not_half_written(void)
{
    struct rdv_buf small = RDV_BUF(10);
    struct se_seal *seal;

    T_MUST_OK(se_seal_new(&seal, &key));
    T_ERR(se_seal_close(seal, &small, place, RDV_LIT("x")), RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&small), 0);
    rdv_buf_free(&small);
    se_seal_free(seal);
}

static CU_TestInfo tests[] = {
    T_CASE(anything_changed_or_moved_is_refused),
    T_CASE(a_key_of_another_length_is_refused),
    T_CASE(what_does_not_fit_is_not_half_written),
    T_CASE(no_nonce_comes_twice),
    T_END,
};

T_SUITE(se_card_seal, tests);
