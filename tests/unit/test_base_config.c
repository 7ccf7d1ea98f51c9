/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/config.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "tests/support/test.h"

struct sample {
#define RDV_CONFIG_LIST "tests/unit/sample_config.def"
#include "base/config_fields.h"
};

static const struct rdv_option options[] = {
#define RDV_CONFIG_LIST "tests/unit/sample_config.def"
#define RDV_CONFIG_OWNER sample
#include "base/config_options.h"
};

static struct sample values;

static const struct rdv_config config = {
    .program = "sample",
    .synopsis = "sample [OPTION]...",
    .options = options,
    .n = sizeof(options) / sizeof(options[0]),
    .values = &values,
    .size = sizeof(values),
};

static char why[200];

static enum rdv_err read_text(struct rdv_span text)
{
    rdv_config_defaults(&config);
    return rdv_config_read(&config, text, "x.conf", why, sizeof(why));
}

/* The text must be refused with this reason, and no value may have changed. */
static void refuses(struct rdv_span text, const char *reason)
{
    struct sample before;

    T_ERR(read_text(text), RDV_ERR_CONFIG);
    T_TEXT(rdv_span_of(why), reason);
    rdv_config_defaults(&config);
    before = values;
    T_ERR(rdv_config_read(&config, text, "x.conf", why, sizeof(why)), RDV_ERR_CONFIG);
    T_TRUE(memcmp(&before, &values, sizeof(values)) == 0);
}

static void reads_each_kind_of_value(void)
{
    T_OK(read_text(RDV_LIT("# a comment\n\n"
                           "count = 42\n"
                           "ready-file=/run/x y ; to the end of the line\n"
                           "; another\n"
                           "verbose = yes\r\n"
                           "listen = [::1]:0")));
    T_TRUE(values.count == 42);
    T_TEXT(rdv_span_of(values.ready_file), "/run/x y");
    T_TEXT(rdv_span_of(values.listen), "[::1]:0");
    T_TRUE(values.verbose);
}

static void reads_a_list_in_its_order(void)
{
    T_OK(read_text(RDV_LIT("server = b:1\ncount = 1\nserver = a:2\n")));
    T_UINT(values.server.n, 2);
    T_TEXT(rdv_span_of(values.server.items[0]), "b:1");
    T_TEXT(rdv_span_of(values.server.items[1]), "a:2");
}

static void a_list_has_so_many_items_and_no_empty_one(void)
{
    struct rdv_buf text = RDV_BUF(1000);

    refuses(RDV_LIT("server =\n"), "x.conf:1: server: empty");
    for (unsigned i = 0; i < RDV_CONFIG_ITEMS; i++)
        T_OK(rdv_put_text(&text, "server = a\n"));
    T_OK(read_text(rdv_buf_view(&text)));
    T_UINT(values.server.n, RDV_CONFIG_ITEMS);
    T_OK(rdv_put_text(&text, "server = a\n"));
    refuses(rdv_buf_view(&text), "x.conf:9: server: given more than 8 times");
    rdv_buf_free(&text);
}

static void what_is_not_named_keeps_its_default(void)
{
    T_OK(read_text(RDV_LIT("")));
    T_TRUE(values.count == 7);
    T_TEXT(rdv_span_of(values.listen), "127.0.0.1:8443");
    T_TEXT(rdv_span_of(values.ready_file), "");
    T_TRUE(!values.verbose);
}

static void refuses_an_unknown_name(void)
{
    refuses(RDV_LIT("count = 1\ncuont = 2\n"), "x.conf:2: cuont: no such option");
    refuses(RDV_LIT("ready_file = x\n"), "x.conf:1: ready_file: no such option");
    refuses(RDV_LIT("coun = 1\n"), "x.conf:1: coun: no such option");
    refuses(RDV_LIT("counts = 1\n"), "x.conf:1: counts: no such option");
    refuses(RDV_LIT("= 1\n"), "x.conf:1: : no such option");
    refuses(RDV_LIT("a\x01 = 1\n"), "x.conf:1: a\\x01: no such option");
}

static void refuses_a_name_given_twice(void)
{
    refuses(RDV_LIT("count = 1\nverbose = yes\ncount = 1\n"), "x.conf:3: count: given twice");
}

static void refuses_a_number_out_of_range(void)
{
    refuses(RDV_LIT("count = 101\n"), "x.conf:1: count: 101 is not between -5 and 100");
    refuses(RDV_LIT("count = -6\n"), "x.conf:1: count: -6 is not between -5 and 100");
    refuses(RDV_LIT("count = 99999999999999999999\n"),
            "x.conf:1: count: 99999999999999999999 is not between -5 and 100");
    T_OK(read_text(RDV_LIT("count = 100\n")));
    T_TRUE(values.count == 100);
    T_OK(read_text(RDV_LIT("count = -5\n")));
    T_TRUE(values.count == -5);
}

static void refuses_what_is_not_a_whole_number(void)
{
    refuses(RDV_LIT("count = ten\n"), "x.conf:1: count: \"ten\" is not a whole number");
    refuses(RDV_LIT("count = 1.5\n"), "x.conf:1: count: \"1.5\" is not a whole number");
    refuses(RDV_LIT("count = 0x10\n"), "x.conf:1: count: \"0x10\" is not a whole number");
    refuses(RDV_LIT("count = 1 2\n"), "x.conf:1: count: \"1 2\" is not a whole number");
    refuses(RDV_LIT("count =\n"), "x.conf:1: count: \"\" is not a whole number");
}

static void a_flag_is_yes_or_no(void)
{
    refuses(RDV_LIT("verbose = 1\n"), "x.conf:1: verbose: \"1\" is neither yes nor no");
    refuses(RDV_LIT("verbose =\n"), "x.conf:1: verbose: \"\" is neither yes nor no");
    T_OK(read_text(RDV_LIT("verbose = no\n")));
    T_TRUE(!values.verbose);
}

static void refuses_a_line_without_a_value(void)
{
    refuses(RDV_LIT("count = 1\nverbose\n"), "x.conf:2: not a line of the form name = value");
    refuses(RDV_LIT("GET / HTTP/1.1\n"), "x.conf:1: not a line of the form name = value");
}

static void refuses_a_section_even_an_empty_one(void)
{
    refuses(RDV_LIT("[server]\ncount = 1\n"), "x.conf:1: there are no sections");
    refuses(RDV_LIT("count = 1\n[server]\n"), "x.conf:2: there are no sections");
    refuses(RDV_LIT("count = 1\n  []\n"), "x.conf:2: there are no sections");
    refuses(RDV_LIT("\xef\xbb\xbf[server]"), "x.conf:1: there are no sections");
}

static void refuses_a_continuation_line(void)
{
    refuses(RDV_LIT("listen = a\n  b\n"), "x.conf:2: listen: given twice");
    refuses(RDV_LIT("listen = a\n  count = 1\n"), "x.conf:2: listen: given twice");
}

static void refuses_a_nul_byte(void)
{
    refuses(RDV_LIT("listen = a\0b\n"), "x.conf:1: holds a NUL byte");
    refuses(RDV_LIT("count = 1\n\0"), "x.conf:2: holds a NUL byte");
}

static void refuses_text_it_could_not_write_back(void)
{
    refuses(RDV_LIT("listen = a;b\n"),
            "x.conf:1: listen: \"a;b\" holds a ';' or a control character");
    refuses(RDV_LIT("listen = a\tb\n"),
            "x.conf:1: listen: \"a\\x09b\" holds a ';' or a control character");
    refuses(RDV_LIT("listen = a\x7f\n"),
            "x.conf:1: listen: \"a\\x7f\" holds a ';' or a control character");
}

static void refuses_a_line_too_long(void)
{
    char line[400];

    for (int n = 190; n < 210; n++) { /* as many bytes with the line feed */
        (void)snprintf(line, sizeof(line), "#%*s\ncount = 1\n", n - 2, "");
        if (n <= 199)
            T_OK(read_text(rdv_span_of(line)));
        else
            refuses(rdv_span_of(line), "x.conf:1: longer than 199 bytes");
    }
    (void)snprintf(line, sizeof(line), "listen = %0185d\n", 1);
    T_ERR(read_text(rdv_span_of(line)), RDV_ERR_CONFIG);
    T_TEXT(rdv_span_of(why), "x.conf:1: listen: longer than 179 bytes");
    (void)snprintf(line, sizeof(line), "listen = %0179d\n", 1);
    T_OK(read_text(rdv_span_of(line)));
    T_UINT(strlen(values.listen), 179);
}

static void the_first_fault_is_the_one_reported(void)
{
    refuses(RDV_LIT("count = 500\nbad = 1\nverbose = maybe\n"),
            "x.conf:1: count: 500 is not between -5 and 100");
}

static void a_reason_that_does_not_fit_is_cut(void)
{
    char small[12];

    rdv_config_defaults(&config);
    T_ERR(rdv_config_read(&config, RDV_LIT("bad = 1\n"), "x.conf", small, sizeof(small)),
          RDV_ERR_CONFIG);
    T_TEXT(rdv_span_of(small), "x.conf:1: b");
    T_ERR(rdv_config_read(&config, RDV_LIT("bad = 1\n"), "a/longer/path.conf", small,
                          sizeof(small)),
          RDV_ERR_CONFIG);
    T_UINT(strlen(small), sizeof(small) - 1);
}

static void what_it_prints_reads_back_the_same(void)
{
    struct rdv_buf out = RDV_BUF(RDV_CONFIG_FILE);
    struct sample before;

    T_OK(read_text(RDV_LIT("count = -5\nready-file = # not a comment\nverbose = yes\n"
                           "server = b\nserver = a\n")));
    (void)snprintf(values.listen, sizeof(values.listen), "%0179d", 3);
    before = values;
    T_OK(rdv_config_print(&config, &out));
    T_OK(read_text(rdv_buf_view(&out)));
    T_TRUE(memcmp(&before, &values, sizeof(values)) == 0);
    rdv_buf_free(&out);
}

static void printing_stops_at_the_limit(void)
{
    struct rdv_buf out = RDV_BUF(20);

    rdv_config_defaults(&config);
    T_ERR(rdv_config_print(&config, &out), RDV_ERR_LIMIT);
    rdv_buf_free(&out);
}

/* --- the command line --------------------------------------------------------------------------
 */

#define ARGS_MAX 8

static enum rdv_err read_args(enum rdv_config_then *then, const char *const *args)
{
    char text[ARGS_MAX][160], *argv[ARGS_MAX + 2] = { NULL };
    int argc = 1;

    argv[0] = text[0];
    (void)snprintf(text[0], sizeof(text[0]), "sample");
    for (; args[argc - 1] != NULL; argc++) {
        (void)snprintf(text[argc], sizeof(text[argc]), "%s", args[argc - 1]);
        argv[argc] = text[argc];
    }
    return rdv_config_args(&config, then, argc, argv);
}

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void refuses_args(const char *const *args, const char *reason)
{
    enum rdv_config_then then;

    (void)t_logged("");
    T_ERR(read_args(&then, args), RDV_ERR_USAGE);
    T_UINT(then, RDV_CONFIG_DONE);
    T_UINT(t_logged(reason), 1);
}

static void refuses_wrong_flags(void)
{
    refuses_args(ARGS("--nope"), "nope: no such option");
    refuses_args(ARGS("--nope", "1"), "nope: no such option");
    refuses_args(ARGS("--"), ": no such option");
    refuses_args(ARGS("stray"), "stray: not an option");
    refuses_args(ARGS("-x"), "-x: not an option");
    refuses_args(ARGS("--count"), "--count: needs a value");
    refuses_args(ARGS("-c"), "-c: needs a value");
    refuses_args(ARGS("--count", "101"), "101 is not between -5 and 100");
    refuses_args(ARGS("--count", ""), "\"\" is not a whole number");
    refuses_args(ARGS("--count", "1", "--count", "1"), "count: given twice");
    refuses_args(ARGS("--verbose", "yes"), "yes: not an option");
    refuses_args(ARGS("--listen", " a"), "listen: begins or ends with a space");
    refuses_args(ARGS("--listen", "a "), "listen: begins or ends with a space");
    refuses_args(ARGS("--listen", "a\nb"), "holds a ';' or a control character");
}

static void takes_values_from_flags(void)
{
    enum rdv_config_then then;

    T_OK(read_args(&then, ARGS("--count", "-3", "--verbose", "--ready-file", "--count")));
    T_UINT(then, RDV_CONFIG_RUN);
    T_TRUE(values.count == -3 && values.verbose);
    T_TEXT(rdv_span_of(values.ready_file), "--count");
    T_OK(read_args(&then, ARGS("-t")));
    T_UINT(then, RDV_CONFIG_CHECK);
    T_TRUE(values.count == 7 && !values.verbose);
}

static void flags_win_over_the_file_wherever_it_is_named(void)
{
    enum rdv_config_then then;
    char path[100];

    (void)snprintf(path, sizeof(path), "%s/x.conf", t_temp_dir());
    T_OK(rdv_file_replace(path, RDV_LIT("count = 1\nlisten = file\n"), 0644));
    T_OK(read_args(&then, ARGS("--count", "2", "-c", path)));
    T_TRUE(values.count == 2);
    T_TEXT(rdv_span_of(values.listen), "file");
    T_OK(read_args(&then, ARGS("-c", path, "--listen", "flag")));
    T_TRUE(values.count == 1);
    T_TEXT(rdv_span_of(values.listen), "flag");
    T_OK(rdv_file_replace(path, RDV_LIT("server = a\nserver = b\n"), 0644));
    T_OK(read_args(&then, ARGS("--server", "c", "-c", path, "--server", "d")));
    T_UINT(values.server.n, 2);
    T_TEXT(rdv_span_of(values.server.items[0]), "c");
    T_TEXT(rdv_span_of(values.server.items[1]), "d");
    T_OK(read_args(&then, ARGS("--listen", "-c", "--count", "3"))); /* "-c" is a value here */
    T_TEXT(rdv_span_of(values.listen), "-c");
}

static void a_bad_file_is_named_with_its_line(void)
{
    enum rdv_config_then then;
    char path[100], reason[200];

    (void)snprintf(path, sizeof(path), "%s/x.conf", t_temp_dir());
    T_ERR(read_args(&then, ARGS("-c", path)), RDV_ERR_ABSENT);
    T_OK(rdv_file_replace(path, RDV_LIT("count = 1\nbad = 1\n"), 0644));
    (void)t_logged("");
    T_ERR(read_args(&then, ARGS("-c", path, "--count", "2")), RDV_ERR_CONFIG);
    (void)snprintf(reason, sizeof(reason), "%s:2: bad: no such option", path);
    T_UINT(t_logged(reason), 1);
    T_UINT(then, RDV_CONFIG_DONE);
    T_TRUE(values.count == 7);
}

static CU_TestInfo tests[] = {
    T_CASE(reads_each_kind_of_value),
    T_CASE(reads_a_list_in_its_order),
    T_CASE(a_list_has_so_many_items_and_no_empty_one),
    T_CASE(what_is_not_named_keeps_its_default),
    T_CASE(refuses_an_unknown_name),
    T_CASE(refuses_a_name_given_twice),
    T_CASE(refuses_a_number_out_of_range),
    T_CASE(refuses_what_is_not_a_whole_number),
    T_CASE(a_flag_is_yes_or_no),
    T_CASE(refuses_a_line_without_a_value),
    T_CASE(refuses_a_section_even_an_empty_one),
    T_CASE(refuses_a_continuation_line),
    T_CASE(refuses_a_nul_byte),
    T_CASE(refuses_text_it_could_not_write_back),
    T_CASE(refuses_a_line_too_long),
    T_CASE(the_first_fault_is_the_one_reported),
    T_CASE(a_reason_that_does_not_fit_is_cut),
    T_CASE(what_it_prints_reads_back_the_same),
    T_CASE(printing_stops_at_the_limit),
    T_CASE(refuses_wrong_flags),
    T_CASE(takes_values_from_flags),
    T_CASE(flags_win_over_the_file_wherever_it_is_named),
    T_CASE(a_bad_file_is_named_with_its_line),
    T_END,
};

T_SUITE(base_config, tests);
