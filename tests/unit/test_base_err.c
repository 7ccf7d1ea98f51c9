/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <string.h>

#include "tests/support/test.h"

static const enum rdv_err errors[] = {
    RDV_OK,
#define RDV_ERR(name, word, text, code) RDV_ERR_##name,
#include "base/err.def"
#undef RDV_ERR
};

#define N_ERRORS (sizeof(errors) / sizeof(errors[0]))

static void a_number_that_is_no_error_still_has_a_text(void)
{
    const enum rdv_err beyond = (enum rdv_err)N_ERRORS;

    T_TRUE(strcmp(rdv_err_text(beyond), "unknown error") == 0);
    T_TRUE(strcmp(rdv_err_name(beyond), "unknown") == 0);
    T_TRUE(rdv_err_exit(beyond) == 70);
    T_TRUE(strcmp(rdv_err_text((enum rdv_err) - 1), "unknown error") == 0);
}

static void success_is_zero_everywhere(void)
{
    T_UINT(RDV_OK, 0);
    T_TRUE(rdv_err_exit(RDV_OK) == 0);
    T_TRUE(strcmp(rdv_err_name(RDV_OK), "ok") == 0);
}

static void every_error_has_a_text_without_a_dot_at_its_end(void)
{
    for (size_t i = 0; i < N_ERRORS; i++) {
        const char *text = rdv_err_text(errors[i]);

        T_MUST(text != NULL && text[0] != '\0');
        T_TRUE(text[strlen(text) - 1] != '.');
        T_TRUE(strchr(text, '\n') == NULL);
    }
}

static void every_error_has_a_name_of_its_own(void)
{
    for (size_t i = 0; i < N_ERRORS; i++) {
        T_UINT(errors[i], i);
        for (size_t k = 0; k < i; k++)
            T_TRUE(strcmp(rdv_err_name(errors[i]), rdv_err_name(errors[k])) != 0);
    }
    T_TRUE(strcmp(rdv_err_name(RDV_ERR_DENIED), "denied") == 0);
}

static void an_error_is_found_by_its_name(void)
{
    for (size_t i = 1; i < N_ERRORS; i++) {
        const char *name = rdv_err_name(errors[i]);

        T_ERR(rdv_err_of(name, strlen(name)), errors[i]);
        T_TRUE(rdv_err_of(name, strlen(name) - 1) != errors[i]);
    }
    T_OK(rdv_err_of("ok", 2));
    T_OK(rdv_err_of("Denied", 6));
    T_OK(rdv_err_of("", 0));
}

static void every_error_exits_with_a_code_of_sysexits(void)
{
    /* An alarm is no failure of the tool: 1, as cmp and diff have it. */
    for (size_t i = 1; i < N_ERRORS; i++)
        T_TRUE(errors[i] == RDV_ERR_ALARM
                       ? rdv_err_exit(errors[i]) == 1
                       : rdv_err_exit(errors[i]) >= 64 && rdv_err_exit(errors[i]) <= 78);
    T_TRUE(rdv_err_exit(RDV_ERR_USAGE) == 64);
    T_TRUE(rdv_err_exit(RDV_ERR_CONFIG) == 78);
}

static CU_TestInfo tests[] = {
    T_CASE(a_number_that_is_no_error_still_has_a_text),
    T_CASE(success_is_zero_everywhere),
    T_CASE(every_error_has_a_text_without_a_dot_at_its_end),
    T_CASE(every_error_has_a_name_of_its_own),
    T_CASE(an_error_is_found_by_its_name),
    T_CASE(every_error_exits_with_a_code_of_sysexits),
    T_END,
};

T_SUITE(base_err, tests);
