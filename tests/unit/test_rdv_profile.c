/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/profile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

#define HOME                          \
    "default = home\n"                \
    "# a comment\n"                   \
    "\n"                              \
    "[home]\n"                        \
    "address = 192.0.2.1:8443\n"      \
    "sen = key1.com\n"                \
    "identity = the root ; comment\n" \
    "psk-file = home.psk\n"           \
    "card-key = 04AB\n"

static struct tool_profiles parsed(const char *text)
{
    struct tool_profiles p;
    struct rdv_why why = { "" };

    T_OK(tool_profiles_parse(&p, rdv_span_of(text), "config", &why));
    T_TEXT(rdv_span_of(why.text), "");
    return p;
}

static void refused(const char *text, const char *want)
{
    struct tool_profiles p;
    struct rdv_why why = { "" };

    T_ERR(tool_profiles_parse(&p, rdv_span_of(text), "config", &why), RDV_ERR_CONFIG);
    T_TEXT(rdv_span_of(why.text), want);
    T_TRUE(p.n == 0 && p.list == NULL && p.fallback[0] == '\0');
}

static void profiles_are_read(void)
{
    struct tool_profiles p = parsed(HOME "[b]\r\nsen=x\r\n[a.b-c_9]");
    const struct tool_profile *home = tool_profile_named(&p, "home");

    T_UINT(p.n, 3);
    T_TEXT(rdv_span_of(p.fallback), "home");
    T_MUST(home != NULL);
    T_TEXT(rdv_span_of(home->address), "192.0.2.1:8443");
    T_TEXT(rdv_span_of(home->sen), "key1.com");
    T_TEXT(rdv_span_of(home->identity), "the root");
    T_TEXT(rdv_span_of(home->psk_file), "home.psk");
    T_TEXT(rdv_span_of(home->card_key), "04AB");
    T_MUST(tool_profile_named(&p, "b") != NULL && tool_profile_named(&p, "a.b-c_9") != NULL);
    T_TEXT(rdv_span_of(tool_profile_named(&p, "b")->sen), "x");
    T_TRUE(tool_profile_named(&p, "c") == NULL);
    tool_profiles_free(&p);
}

static void a_file_may_be_empty(void)
{
    struct tool_profiles p = parsed("");

    T_UINT(p.n, 0);
    tool_profiles_free(&p);
}

static void each_fault_is_told_with_its_line(void)
{
    refused("[a]\nsen = x\nsen = y\n", "config:3: given twice: sen");
    refused("[a]\n[b]\n[a]\n", "config:3: a profile twice: a");
    refused("[a b]\n", "config:1: not a name for a profile: a b");
    refused("[-a]\n", "config:1: not a name for a profile: -a");
    refused("[]\n", "config:1: not a name for a profile");
    refused("[012345678901234567890123456789012]\n",
            "config:1: not a name for a profile: 012345678901234567890123456789012");
    refused("[a\n", "config:1: not [NAME]");
    refused("[a] x\n", "config:1: not [NAME]");
    refused("[a]\ncolour = red\n", "config:2: a profile has no such thing: colour");
    refused("[a]\npsk = 00\n", "config:2: a profile has no such thing: psk");
    refused("[a]\nsen\n", "config:2: not a line of the form name = value");
    refused("[a]\nsen =\n", "config:2: no value: sen");
    refused("[a]\nsen = 0123456789ABCDEF\n", "config:2: too long: sen");
    refused("[a]\nsen = x\n more\n", "config:3: begins with a blank");
    refused("\rdefault = a\n[a]\nsen = x\n", "config:1: begins with a blank");
    refused("\vdefault = a\n[a]\nsen = x\n", "config:1: begins with a blank");
    refused("\xEF\xBB\xBF"
            "default = a\n[a]\nsen = x\n",
            "config:1: begins with a byte order mark");
    refused("sen = x\n", "config:1: outside of a profile there is only default: sen");
    refused("default = b\n[a]\n", "config:1: the default is no profile: b");
    refused("default = a\ndefault = a\n[a]\n", "config:2: given twice: default");
}

static void a_line_has_an_end(void)
{
    char text[400] = "[a]\npsk-file = ";
    const size_t head = strlen(text);
    struct tool_profiles p;

    memset(text + head, 'x', 300);
    text[head + 300] = '\0';
    refused(text, "config:2: the line is too long");
    text[head + 179] = '\0';
    p = parsed(text);
    tool_profiles_free(&p);
}

static void a_nul_byte_is_refused(void)
{
    static const char text[] = "[a]\nsen = x\0y\n";
    struct tool_profiles p;
    struct rdv_why why = { "" };

    T_ERR(tool_profiles_parse(&p, (struct rdv_span){ (const uint8_t *)text, sizeof(text) - 1 },
                              "config", &why),
          RDV_ERR_CONFIG);
    T_TRUE(strstr(why.text, "NUL") != NULL);
}

static void there_may_be_many(void)
{
    struct rdv_buf text = RDV_BUF(TOOL_CONFIG_MAX);
    struct tool_profiles p;
    struct rdv_why why = { "" };
    char line[40];

    for (unsigned i = 0; i < TOOL_PROFILES_MAX; i++) {
        (void)snprintf(line, sizeof(line), "[p%u]\nsen = s%u\n", i, i);
        T_MUST_OK(rdv_put_text(&text, line));
    }
    T_OK(tool_profiles_parse(&p, rdv_buf_view(&text), "config", &why));
    T_UINT(p.n, TOOL_PROFILES_MAX);
    T_TEXT(rdv_span_of(tool_profile_named(&p, "p999")->sen), "s999");
    tool_profiles_free(&p);
    T_MUST_OK(rdv_put_text(&text, "[one-more]\n"));
    T_ERR(tool_profiles_parse(&p, rdv_buf_view(&text), "config", &why), RDV_ERR_CONFIG);
    rdv_buf_free(&text);
}

static void others_must_not_read_the_file(void)
{
    char path[128];
    struct tool_profiles p;
    struct rdv_why why = { "" };
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/config", t_temp_dir());
    T_OK(tool_profiles_read(&p, path, &why)); /* none is fine */
    T_UINT(p.n, 0);
    T_MUST((file = fopen(path, "wx")) != NULL);
    (void)fputs(HOME, file);
    (void)fclose(file);
    T_MUST(chmod(path, 0644) == 0);
    T_ERR(tool_profiles_read(&p, path, &why), RDV_ERR_EXPOSED);
    T_TRUE(strstr(why.text, "chmod 600") != NULL);
    T_MUST(chmod(path, 0600) == 0);
    T_OK(tool_profiles_read(&p, path, &why));
    T_UINT(p.n, 1);
    tool_profiles_free(&p);
}

static void the_file_is_where_the_standard_says(void)
{
    char path[PATH_MAX], before[PATH_MAX], long_one[PATH_MAX + 1];
    struct rdv_why why = { "" };

    (void)snprintf(before, sizeof(before), "%s", getenv("HOME") == NULL ? "/" : getenv("HOME"));
    T_MUST(setenv("HOME", "/h", 1) == 0 && unsetenv("XDG_CONFIG_HOME") == 0);
    T_OK(tool_config_path(path, NULL, &why));
    T_TEXT(rdv_span_of(path), "/h/.config/rdv/config");
    T_MUST(setenv("XDG_CONFIG_HOME", "/x", 1) == 0);
    T_OK(tool_config_path(path, NULL, &why));
    T_TEXT(rdv_span_of(path), "/x/rdv/config");
    T_MUST(setenv("XDG_CONFIG_HOME", "x", 1) == 0);
    T_OK(tool_config_path(path, NULL, &why));
    T_TEXT(rdv_span_of(path), "/h/.config/rdv/config");
    T_OK(tool_config_path(path, "given", &why));
    T_TEXT(rdv_span_of(path), "given");
    memset(long_one, 'x', PATH_MAX);
    long_one[PATH_MAX] = '\0';
    T_ERR(tool_config_path(path, long_one, &why), RDV_ERR_LIMIT);
    T_MUST(unsetenv("HOME") == 0);
    T_ERR(tool_config_path(path, NULL, &why), RDV_ERR_CONFIG);
    T_MUST(setenv("HOME", before, 1) == 0 && unsetenv("XDG_CONFIG_HOME") == 0);
}

static void a_key_file_is_beside_the_configuration(void)
{
    char path[PATH_MAX];

    T_OK(tool_path_beside(path, "/h/.config/rdv/config", "home.psk"));
    T_TEXT(rdv_span_of(path), "/h/.config/rdv/home.psk");
    T_OK(tool_path_beside(path, "/h/config", "/k/home.psk"));
    T_TEXT(rdv_span_of(path), "/k/home.psk");
    T_OK(tool_path_beside(path, "config", "home.psk"));
    T_TEXT(rdv_span_of(path), "home.psk");
}

static void memory_may_run_out(void)
{
    struct rdv_why why;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next();) {
        struct tool_profiles p;

        t_alloc_sweep_judge(tool_profiles_parse(&p, rdv_span_of(HOME "[b]\n"), "config", &why));
        tool_profiles_free(&p);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(profiles_are_read),
    T_CASE(a_file_may_be_empty),
    T_CASE(each_fault_is_told_with_its_line),
    T_CASE(a_line_has_an_end),
    T_CASE(a_nul_byte_is_refused),
    T_CASE(there_may_be_many),
    T_CASE(others_must_not_read_the_file),
    T_CASE(the_file_is_where_the_standard_says),
    T_CASE(a_key_file_is_beside_the_configuration),
    T_CASE(memory_may_run_out),
    T_END,
};

T_SUITE(rdv_profile, tests);
