/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/rights.h"

#include "tests/support/test.h"

static struct rdv_buf out = { .limit = 256 };

static struct rdv_span text_of(uint32_t rights)
{
    rdv_buf_clear(&out);
    T_OK(se_rights_put(&out, rights));
    return rdv_buf_view(&out);
}

static void a_word_that_is_no_right_is_refused_and_named(void)
{
    static const struct {
        const char *text, *bad;
    } wrong[] = {
        { "fly", "fly" },
        { "", "" },
        { ",", "" },
        { "read,", "" },
        { ",read", "" },
        { "read,,write", "" },
        { "read,fly,swim", "fly" },
        { "Read", "Read" },
        { "reader", "reader" },
        { "rea", "rea" },
        { "read write", "read write" },
        { "root", "root" },
        { "read,root", "root" },
        { "all", "all" },
        { "read,none", "none" },
        { "none,read", "none" },
        { "1", "1" },
        { "\xc3\xa9", "\xc3\xa9" },
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        uint32_t rights = 0xffffffff;
        struct rdv_span bad;

        T_ERR(se_rights_decode(&rights, &bad, rdv_span_of(wrong[i].text)), RDV_ERR_ABSENT);
        T_TEXT(bad, wrong[i].bad);
        T_UINT(rights, 0);
    }
}

/* The bits are in databases: they may be added to, never changed. */
static void each_right_keeps_its_bit_and_its_name(void)
{
    static const char *const names[] = { "read",   "write",   "keygen", "sign", "secret",
                                         "export", "publish", "audit",  "rsa",  "echo" };
    uint32_t all = 0;

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        uint32_t rights;
        struct rdv_span bad;

        T_OK(se_rights_decode(&rights, &bad, rdv_span_of(names[i])));
        T_UINT(rights, 1U << i);
        T_TEXT(rdv_span_of(se_right_name(1U << i)), names[i]);
        T_TEXT(text_of(1U << i), names[i]);
        all |= rights;
    }
    T_TEXT(text_of(all), "read,write,keygen,sign,secret,export,publish,audit,rsa,echo");
    T_TEXT(rdv_span_of(se_right_name(SE_NEEDS_ROOT)), "root");
    T_TEXT(rdv_span_of(se_right_name(SE_NEEDS_NOTHING)), "none");
    rdv_buf_free(&out);
}

static void any_set_of_rights_is_read_back(void)
{
    for (uint32_t rights = 0; rights < 1U << 10; rights++) {
        uint32_t back = 0xffffffff;
        struct rdv_span bad;

        T_OK(se_rights_decode(&back, &bad, text_of(rights)));
        T_UINT(back, rights);
    }
    T_TEXT(text_of(0), "none");
    T_TEXT(text_of(SE_NEEDS_ROOT), "none");
    rdv_buf_free(&out);
}

static void a_right_said_twice_counts_once(void)
{
    uint32_t rights;
    struct rdv_span bad;

    T_OK(se_rights_decode(&rights, &bad, RDV_LIT("write,read,write")));
    T_UINT(rights, SE_RIGHT_READ | SE_RIGHT_WRITE);
}

static void without_a_right_nothing_is_allowed_but_what_needs_none(void)
{
    struct se_account guest = { 0 };

    T_TRUE(se_rights_allow(&guest, SE_NEEDS_NOTHING));
    T_TRUE(!se_rights_allow(&guest, SE_NEEDS_ROOT));
    for (unsigned i = 0; i < 31; i++) {
        guest.rights = 0;
        T_TRUE(!se_rights_allow(&guest, 1U << i));
        guest.rights = ~(1U << i);
        T_TRUE(!se_rights_allow(&guest, 1U << i));
        guest.rights = 1U << i;
        T_TRUE(se_rights_allow(&guest, 1U << i));
    }
}

static void no_bits_make_a_guest_root(void)
{
    struct se_account guest = { .rights = 0xffffffff };

    T_TRUE(!se_rights_allow(&guest, SE_NEEDS_ROOT));
}

static void root_may_do_everything(void)
{
    const struct se_account root = { .root = true };

    T_TRUE(se_rights_allow(&root, SE_NEEDS_ROOT));
    for (unsigned i = 0; i < 31; i++)
        T_TRUE(se_rights_allow(&root, 1U << i));
}

static void an_unknown_class_or_bit_is_refused(void)
{
    for (unsigned class = 0; class < 256; class ++) {
        for (unsigned mask = 0; mask < 256; mask++) {
            const bool good = class <= 5 && mask <= 15 && (class == 4 || (mask & 8) == 0);
            uint32_t rights = SE_RIGHT_AUDIT;

            T_ERR(se_rights_set_class(&rights, (uint8_t) class, (uint8_t)mask),
                  good ? RDV_OK : RDV_ERR_RANGE);
            if (!good)
                T_UINT(rights, SE_RIGHT_AUDIT);
        }
    }
}

static void a_class_changes_its_own_rights_only(void)
{
    static const uint32_t use[] = { SE_RIGHT_SIGN,   SE_RIGHT_KEYGEN, SE_RIGHT_RSA,
                                    SE_RIGHT_SECRET, SE_RIGHT_READ,   SE_RIGHT_ECHO };
    const uint32_t all = (1U << 10) - 1;

    for (uint8_t class = 0; class < 6; class ++) {
        uint32_t rights = 0;

        T_OK(se_rights_set_class(&rights, class, 7));
        T_UINT(rights, use[class]);
        T_OK(se_rights_set_class(&rights, class, 3));
        T_UINT(rights, 0);
        rights = all;
        T_OK(se_rights_set_class(&rights, class, 0));
        T_UINT(rights, all & ~(use[class] | (class == 4 ? SE_RIGHT_WRITE : 0U)));
    }
}

static void records_have_a_bit_to_read_and_one_to_write(void)
{
    static const uint32_t want[] = { 0, SE_RIGHT_READ, SE_RIGHT_WRITE,
                                     SE_RIGHT_READ | SE_RIGHT_WRITE };

    for (uint8_t i = 0; i < 4; i++) {
        uint32_t rights = SE_RIGHT_READ;

        T_OK(se_rights_set_class(&rights, 4, (uint8_t)(i << 2)));
        T_UINT(rights, want[i]);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(each_right_keeps_its_bit_and_its_name),
    T_CASE(a_word_that_is_no_right_is_refused_and_named),
    T_CASE(without_a_right_nothing_is_allowed_but_what_needs_none),
    T_CASE(no_bits_make_a_guest_root),
    T_CASE(an_unknown_class_or_bit_is_refused),
    T_CASE(root_may_do_everything),
    T_CASE(any_set_of_rights_is_read_back),
    T_CASE(a_right_said_twice_counts_once),
    T_CASE(a_class_changes_its_own_rights_only),
    T_CASE(records_have_a_bit_to_read_and_one_to_write),
    T_END,
};

T_SUITE(se_card_rights, tests);
