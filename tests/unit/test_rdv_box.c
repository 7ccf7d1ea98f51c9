/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/box.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

/* Of Bob in RFC 7748 section 6.1. */
#define SECRET "5DAB087E624A8A4B79E17F8B83800EE66F3BB1292618B6FD1C2F8B27FF88E0EB"
#define PUBLIC "DE9EDB7D7B7DC1B4D35B61C2ECE435373F8343C85B78674DADFC7E146F882B4F"

/* Sealed for Bob without libsodium: Salsa20 written from its specification, BLAKE2b, X25519 and
 * Poly1305 of Python. The key made for the box is 0102..20. */
#define ELSEWHERE                                                      \
    "07A37CBC142093C8B755DC1B10E86CB426374AD16AA853ED0BDFC0B2B86D1C7C" \
    "8FF92BADD7A72FF7C628A94444A1C585E58EB91131CCC341CFC6DD5A21FC9877" \
    "9D8110897C3888583C130936FD572FE95143F2CF4C5FF98392EAD4D5F217C6DC" \
    "A19DC45B35DE09052F181D150D3CD6FA17B0C560D1AAC8CA1C136BFC4649498F1A"

static struct rdv_key key_of(uint8_t first)
{
    struct rdv_key key;

    for (size_t i = 0; i < sizeof(key.bytes); i++)
        key.bytes[i] = (uint8_t)(first + 7 * i * i);
    return key;
}

static struct rdv_buf sealed(struct rdv_span plain)
{
    const struct rdv_key secret = key_of(1);
    struct rdv_buf box = RDV_BUF(TOOL_BOX_MAX);
    uint8_t public[TOOL_BOX_PUBLIC_BYTES];

    T_MUST_OK(tool_box_public(public, &secret));
    T_MUST_OK(tool_box_seal(&box, plain, public));
    return box;
}

static enum rdv_err open_box(struct rdv_span box, uint8_t key, struct rdv_span want)
{
    const struct rdv_key secret = key_of(key);
    struct rdv_buf plain = RDV_BUF(TOOL_BOX_PLAIN_MAX);
    const enum rdv_err err = tool_box_open(&plain, box, &secret);

    T_SPAN(rdv_buf_view(&plain), err == RDV_OK ? want : RDV_LIT(""));
    rdv_buf_free(&plain);
    return err;
}

static void what_is_sealed_is_opened(void)
{
    struct rdv_buf box = sealed(RDV_LIT("for your eyes\n"));

    T_UINT(rdv_buf_len(&box), 14 + TOOL_BOX_OVERHEAD);
    T_OK(open_box(rdv_buf_view(&box), 1, RDV_LIT("for your eyes\n")));
    rdv_buf_free(&box);
}

static struct rdv_key bob(void)
{
    struct rdv_key secret;

    memcpy(secret.bytes, t_hex(SECRET).p, sizeof(secret.bytes));
    return secret;
}

static void a_public_key_is_that_of_the_standard(void)
{
    const struct rdv_key secret = bob();
    uint8_t public[TOOL_BOX_PUBLIC_BYTES];

    T_OK(tool_box_public(public, &secret));
    T_SPAN(((struct rdv_span){ public, sizeof(public) }), t_hex(PUBLIC));
}

static void a_box_of_another_program_is_opened(void)
{
    const struct rdv_key secret = bob();
    struct rdv_buf plain = RDV_BUF(TOOL_BOX_PLAIN_MAX);

    T_OK(tool_box_open(&plain, t_hex(ELSEWHERE), &secret));
    T_TEXT(rdv_buf_view(&plain),
           "Sealed elsewhere, in Python: 64 bytes make it go on to a second block of Salsa20.");
    rdv_buf_free(&plain);
}

static void two_boxes_of_the_same_are_not(void)
{
    struct rdv_buf a = sealed(RDV_LIT("same")), b = sealed(RDV_LIT("same"));

    T_TRUE(!rdv_span_equal(rdv_buf_view(&a), rdv_buf_view(&b)));
    rdv_buf_free(&a);
    rdv_buf_free(&b);
}

static void refused(struct rdv_span box)
{
    T_TRUE(open_box(box, 1, RDV_LIT("")) != RDV_OK);
}

static void a_flipped_bit_and_a_truncated_box_are_refused(void)
{
    struct rdv_buf box = sealed(RDV_LIT("for your eyes\n"));

    t_every_bit_flip(rdv_buf_view(&box), refused);
    t_every_prefix(rdv_buf_view(&box), refused);
    T_ERR(open_box((struct rdv_span){ rdv_buf_view(&box).p, TOOL_BOX_OVERHEAD - 1 }, 1,
                   RDV_LIT("")),
          RDV_ERR_SHORT);
    T_ERR(open_box((struct rdv_span){ rdv_buf_view(&box).p, TOOL_BOX_OVERHEAD }, 1, RDV_LIT("")),
          RDV_ERR_AUTH);
    rdv_buf_free(&box);
}

static void another_key_opens_nothing(void)
{
    struct rdv_buf box = sealed(RDV_LIT("for your eyes\n"));

    T_ERR(open_box(rdv_buf_view(&box), 2, RDV_LIT("")), RDV_ERR_AUTH);
    rdv_buf_free(&box);
}

/* Points of small order share the same secret with everybody. */
static void a_public_key_that_hides_nothing_is_refused(void)
{
    static const uint8_t zero[TOOL_BOX_PUBLIC_BYTES] = { 0 }, one[TOOL_BOX_PUBLIC_BYTES] = { 1 };
    struct rdv_buf box = RDV_BUF(TOOL_BOX_MAX);

    T_ERR(tool_box_seal(&box, RDV_LIT("x"), zero), RDV_ERR_WEAK);
    T_ERR(tool_box_seal(&box, RDV_LIT("x"), one), RDV_ERR_WEAK);
    T_UINT(rdv_buf_len(&box), 0);
    rdv_buf_free(&box);
}

static void a_box_is_at_most_a_record(void)
{
    const struct rdv_key secret = key_of(1);
    uint8_t public[TOOL_BOX_PUBLIC_BYTES], *many = calloc(1, TOOL_BOX_MAX + 1);
    struct rdv_buf box = sealed(RDV_LIT("")), plain = RDV_BUF(TOOL_BOX_MAX + 1);

    T_MUST(many != NULL);
    T_UINT(rdv_buf_len(&box), TOOL_BOX_OVERHEAD);
    T_OK(open_box(rdv_buf_view(&box), 1, RDV_LIT("")));
    rdv_buf_free(&box);
    box = sealed((struct rdv_span){ many, TOOL_BOX_PLAIN_MAX });
    T_UINT(rdv_buf_len(&box), TOOL_BOX_MAX);
    T_OK(open_box(rdv_buf_view(&box), 1, (struct rdv_span){ many, TOOL_BOX_PLAIN_MAX }));
    rdv_buf_free(&box);
    T_MUST_OK(tool_box_public(public, &secret));
    box = RDV_BUF(TOOL_BOX_MAX + 1);
    T_ERR(tool_box_seal(&box, (struct rdv_span){ many, TOOL_BOX_PLAIN_MAX + 1 }, public),
          RDV_ERR_LIMIT);
    T_ERR(tool_box_open(&plain, (struct rdv_span){ many, TOOL_BOX_MAX + 1 }, &secret),
          RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&box) + rdv_buf_len(&plain), 0);
    rdv_buf_free(&box);
    rdv_buf_free(&plain);
    free(many);
}

static void memory_may_run_out(void)
{
    const struct rdv_key secret = key_of(1);
    uint8_t public[TOOL_BOX_PUBLIC_BYTES];

    T_MUST_OK(tool_box_public(public, &secret));
    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        struct rdv_buf box = RDV_BUF(TOOL_BOX_MAX), plain = RDV_BUF(TOOL_BOX_PLAIN_MAX);
        enum rdv_err err = tool_box_seal(&box, RDV_LIT("x"), public);

        if (err == RDV_OK)
            err = tool_box_open(&plain, rdv_buf_view(&box), &secret);
        t_alloc_sweep_judge(err);
        rdv_buf_free(&box);
        rdv_buf_free(&plain);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(what_is_sealed_is_opened),
    T_CASE(a_public_key_is_that_of_the_standard),
    T_CASE(a_box_of_another_program_is_opened),
    T_CASE(two_boxes_of_the_same_are_not),
    T_CASE(a_flipped_bit_and_a_truncated_box_are_refused),
    T_CASE(another_key_opens_nothing),
    T_CASE(a_public_key_that_hides_nothing_is_refused),
    T_CASE(a_box_is_at_most_a_record),
    T_CASE(memory_may_run_out),
    T_END,
};

T_SUITE(rdv_box, tests);
