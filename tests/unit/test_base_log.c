/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"

static void names_the_level_and_the_function(void)
{
    log_error("disk %d", 1);
    T_UINT(t_logged(": error: names_the_level_and_the_function: disk 1"), 1);
    log_warn("disk");
    T_UINT(t_logged(": warn: names_the_level_and_the_function: disk"), 1);
    log_info("disk");
    T_UINT(t_logged(": info: names_the_level_and_the_function: disk"), 1);
}

static void says_no_more_than_it_is_asked_to(void)
{
    rdv_log_open("rdv", RDV_LOG_WARN);
    log_info("unheard");
    T_UINT(t_logged("unheard"), 0);
    log_warn("heard");
    T_UINT(t_logged("heard"), 1);
    rdv_log_open("rdv", RDV_LOG_DEBUG);
    log_debug("heard");
    T_UINT(t_logged("debug: says_no_more_than_it_is_asked_to: heard"), 1);
    rdv_log_open("rdv", RDV_LOG_INFO);
    log_debug("unheard");
    T_UINT(t_logged("unheard"), 0);
}

static void appends_the_text_of_an_error(void)
{
    log_error_e(RDV_ERR_CORRUPT, "card %s", "key1");
    T_UINT(t_logged("card key1: damaged"), 1);
    log_warn_e(RDV_ERR_DENIED, "card");
    T_UINT(t_logged("card: not allowed"), 1);
}

static void leaves_errno_alone(void)
{
    errno = EPROTO;
    log_error("something");
    T_TRUE(errno == EPROTO);
    (void)t_logged("something");
}

/* What a child with its standard error in a pipe says. */
static size_t said_on_stderr(char *out, size_t size, void (*say)(void))
{
    int ends[2];
    ssize_t n;
    pid_t child;
    int status;

    T_MUST(pipe(ends) == 0);
    T_MUST((child = fork()) >= 0);
    if (child == 0) {
        rdv_log_to(NULL);
        (void)dup2(ends[1], STDERR_FILENO);
        say();
        _exit(0);
    }
    (void)close(ends[1]);
    T_TRUE(waitpid(child, &status, 0) == child && status == 0);
    n = read(ends[0], out, size);
    (void)close(ends[0]);
    T_MUST(n >= 0);
    return (size_t)n;
}

static void say_something(void)
{
    rdv_log_open("program", RDV_LOG_INFO);
    log_info("text");
}

static void writes_one_line_to_standard_error(void)
{
    static const char tail[] = "]: info: say_something: text\n";
    char line[200] = "";
    const size_t n = said_on_stderr(line, sizeof(line) - 1, say_something);

    T_TRUE(strncmp(line, "program[", 8) == 0);
    T_MUST(n > sizeof(tail));
    T_TRUE(strcmp(line + n - (sizeof(tail) - 1), tail) == 0);
}

static void say_too_much(void)
{
    log_error_e(RDV_ERR_IO, "%02000d", 1);
}

static void a_line_too_long_is_cut_and_still_ends(void)
{
    char line[4000];
    const size_t n = said_on_stderr(line, sizeof(line), say_too_much);

    T_UINT(n, 1024);
    T_UINT((unsigned char)line[n - 1], '\n');
    T_TRUE(memchr(line, '\n', n - 1) == NULL);
}

static void gather_some(void)
{
    rdv_log_gather();
    log_info("one");
    log_info("two");
}

static void gather_and_flush(void)
{
    gather_some();
    rdv_log_flush();
    rdv_log_flush();
    log_info("three");
}

static void gather_and_warn(void)
{
    gather_some();
    log_warn("three");
    log_info("four");
}

static void gather_a_lot(void)
{
    rdv_log_gather();
    for (unsigned i = 0; i < 5; i++)
        log_info("%0900u", i);
}

static unsigned n_lines(const char *text)
{
    unsigned n = 0;

    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static void lines_that_are_gathered_wait_for_the_flush_or_a_warning(void)
{
    char text[5000];

    memset(text, 0, sizeof(text));
    T_UINT(said_on_stderr(text, sizeof(text) - 1, gather_some), 0);
    T_TRUE(said_on_stderr(text, sizeof(text) - 1, gather_and_flush) > 0);
    T_UINT(n_lines(text), 2);
    T_TRUE(strstr(text, "one\n") < strstr(text, "two\n"));
    T_TRUE(strstr(text, "three") == NULL);
    memset(text, 0, sizeof(text));
    T_TRUE(said_on_stderr(text, sizeof(text) - 1, gather_and_warn) > 0);
    T_UINT(n_lines(text), 3);
    T_TRUE(strstr(text, "two\n") < strstr(text, "warn: gather_and_warn: three\n"));
}

static void no_more_is_gathered_than_a_pipe_takes_in_one_piece(void)
{
    char text[5000];

    memset(text, 0, sizeof(text));
    T_TRUE(said_on_stderr(text, sizeof(text) - 1, gather_a_lot) <= 4096);
    T_UINT(n_lines(text), 4);
}

static void strangers_get_so_many_lines_a_second_and_the_rest_is_counted(void)
{
    struct rdv_log_limit limit = { 0 };
    unsigned long unsaid = 99;

    T_TRUE(rdv_log_may(&limit, 2, 5000, &unsaid));
    T_UINT(unsaid, 0);
    T_TRUE(rdv_log_may(&limit, 2, 5001, &unsaid));
    for (unsigned i = 0; i < 7; i++) {
        T_TRUE(!rdv_log_may(&limit, 2, 5999, &unsaid));
        T_UINT(unsaid, 0);
    }
    T_TRUE(rdv_log_may(&limit, 2, 6000, &unsaid));
    T_UINT(unsaid, 7);
    T_TRUE(rdv_log_may(&limit, 2, 6000, &unsaid));
    T_UINT(unsaid, 0);
    T_TRUE(!rdv_log_may(&limit, 2, 6000, &unsaid));
    T_TRUE(rdv_log_may(&limit, 2, 60000, &unsaid));
    T_UINT(unsaid, 1);
}

static CU_TestInfo tests[] = {
    T_CASE(names_the_level_and_the_function),
    T_CASE(says_no_more_than_it_is_asked_to),
    T_CASE(appends_the_text_of_an_error),
    T_CASE(leaves_errno_alone),
    T_CASE(writes_one_line_to_standard_error),
    T_CASE(a_line_too_long_is_cut_and_still_ends),
    T_CASE(lines_that_are_gathered_wait_for_the_flush_or_a_warning),
    T_CASE(no_more_is_gathered_than_a_pipe_takes_in_one_piece),
    T_CASE(strangers_get_so_many_lines_a_second_and_the_rest_is_counted),
    T_END,
};

T_SUITE(base_log, tests);
