/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "guest_tools/rdv/profile.h"
#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

#define BEFORE                 \
    "# mine\n"                 \
    "default = a\n"            \
    "\n"                       \
    "[a]\n"                    \
    "sen = x ; a comment\n"    \
    "identity = default = y\n" \
    "[ab]\n"                   \
    "sen = z"

static const struct tool_profile full = {
    "home", "192.0.2.1:1", "key1.com", "root", "home.psk", "04AB",
};

static void added(const char *text, const struct tool_profile *p, bool as_default, const char *want)
{
    struct rdv_buf out = RDV_BUF(TOOL_CONFIG_MAX);
    struct rdv_why why = { "" };

    T_OK(tool_profiles_add(&out, rdv_span_of(text), p, as_default, &why));
    T_TEXT(rdv_buf_view(&out), want);
    rdv_buf_free(&out);
}

static void removed(const char *text, const char *name, bool is_fallback, const char *want)
{
    struct rdv_buf out = RDV_BUF(TOOL_CONFIG_MAX);
    struct rdv_why why = { "" };

    T_OK(tool_profiles_remove(&out, rdv_span_of(text), name, is_fallback, &why));
    T_TEXT(rdv_buf_view(&out), want);
    rdv_buf_free(&out);
}

static void a_profile_is_appended_and_all_else_stays(void)
{
    const struct tool_profile less = { "b", "h:1", "x", "", "", "" };

    added("", &less, false, "[b]\naddress = h:1\nsen = x\n");
    added(BEFORE, &full, false,
          BEFORE "\n\n[home]\naddress = 192.0.2.1:1\nsen = key1.com\nidentity = root\npsk-file = "
                 "home.psk\ncard-key = 04AB\n");
}

static void the_default_is_replaced(void)
{
    const struct tool_profile less = { "b", "h:1", "x", "", "", "" };

    added("# mine\ndefault = a\n[a]\nidentity = q\n", &less, true,
          "default = b\n# mine\n[a]\nidentity = q\n\n[b]\naddress = h:1\nsen = x\n");
    added("default: a\n[a]\n", &less, true, "default = b\n[a]\n\n[b]\naddress = h:1\nsen = x\n");
}

static void one_is_removed_and_no_other(void)
{
    removed(BEFORE, "ab", false,
            "# mine\ndefault = a\n\n[a]\nsen = x ; a comment\nidentity = default = y\n");
    removed(BEFORE, "a", true, "# mine\n\n[ab]\nsen = z");
    removed("[a]\nsen = x", "a", false, "");
}

static void refused(const struct tool_profile *p, const char *want)
{
    struct rdv_buf out = RDV_BUF(TOOL_CONFIG_MAX);
    struct rdv_why why = { "" };

    T_ERR(tool_profiles_add(&out, rdv_span_of(""), p, false, &why), RDV_ERR_CONFIG);
    T_TRUE(strstr(why.text, want) != NULL);
    rdv_buf_free(&out);
}

/* An identity is any text. */
static void what_a_line_cannot_hold_is_refused(void)
{
    static const char *const identities[] = { "a ;b", " a", "a ", "a\nsen = y", "a\n[c]", "\n" };

    for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
        struct tool_profile p = { "b", "h:1", "x", "", "", "" };

        (void)snprintf(p.identity, sizeof(p.identity), "%s", identities[i]);
        refused(&p, i < 3 || i == 4 ? "these characters" : "");
    }
}

static void a_removed_default_must_be_told(void)
{
    struct rdv_buf out = RDV_BUF(TOOL_CONFIG_MAX);
    struct rdv_why why = { "" };

    T_ERR(tool_profiles_remove(&out, rdv_span_of(BEFORE), "a", false, &why), RDV_ERR_CONFIG);
    rdv_buf_free(&out);
}

static void a_file_has_an_end(void)
{
    struct rdv_buf out = RDV_BUF(60);
    struct rdv_why why = { "" };

    T_ERR(tool_profiles_add(&out, rdv_span_of(""), &full, false, &why), RDV_ERR_LIMIT);
    rdv_buf_free(&out);
}

static void memory_may_run_out(void)
{
    struct rdv_why why;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        struct rdv_buf out = RDV_BUF(TOOL_CONFIG_MAX);

        t_alloc_sweep_judge(tool_profiles_add(&out, rdv_span_of(BEFORE), &full, true, &why));
        rdv_buf_free(&out);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(a_profile_is_appended_and_all_else_stays),
    T_CASE(the_default_is_replaced),
    T_CASE(one_is_removed_and_no_other),
    T_CASE(what_a_line_cannot_hold_is_refused),
    T_CASE(a_removed_default_must_be_told),
    T_CASE(a_file_has_an_end),
    T_CASE(memory_may_run_out),
    T_END,
};

T_SUITE(rdv_profile_edit, tests);
