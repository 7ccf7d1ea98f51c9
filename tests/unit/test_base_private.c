/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is refused is told by test_base_file.c, through the functions that log; here: how it is
 * said. */
#include "base/private.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

#define KEY "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F21"

struct place {
    char path[128];
};

static struct place a_file(const char *text, mode_t mode)
{
    struct place at;
    int fd;

    (void)snprintf(at.path, sizeof(at.path), "%s/key", t_temp_dir());
    T_MUST((fd = open(at.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) >= 0);
    T_MUST(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    T_MUST(fchmod(fd, mode) == 0);
    (void)close(fd);
    return at;
}

/* The reason has the path and these words, and nothing was logged. */
static void refuses(const char *path, enum rdv_err want, const char *words)
{
    struct rdv_why why = { "" };
    struct rdv_key key;

    (void)t_logged("");
    T_ERR(rdv_private_key(&key, path, &why), want);
    T_TRUE(strstr(why.text, path) == why.text);
    T_TRUE(strstr(why.text, words) != NULL);
    T_UINT(t_logged(""), 0);
    T_ERR(rdv_private_key(&key, path, NULL), want);
}

static void a_private_file_is_read(void)
{
    const struct place at = a_file("hello", 0600);
    struct rdv_buf text = RDV_BUF(5);
    struct rdv_why why = { "" };

    T_OK(rdv_private_read(&text, at.path, &why));
    T_TEXT(rdv_buf_view(&text), "hello");
    T_TRUE(why.text[0] == '\0');
    rdv_buf_free(&text);
}

static void a_key_is_read_from_an_open_file(void)
{
    const struct place at = a_file(KEY "\n", 0644); /* its rights are not looked at */
    const int fd = open(at.path, O_RDONLY | O_CLOEXEC);
    struct rdv_key key;

    T_MUST(fd >= 0);
    T_OK(rdv_private_key_fd(&key, fd, "fd", NULL));
    T_SPAN(((struct rdv_span){ key.bytes, sizeof(key.bytes) }), t_hex(KEY));
    (void)close(fd);
}

static void each_refusal_has_its_reason(void)
{
    refuses("/nowhere/at/all", RDV_ERR_ABSENT, "No such file");
    refuses(t_temp_dir(), RDV_ERR_EXPOSED, "not a regular file");
    refuses(a_file(KEY, 0640).path, RDV_ERR_EXPOSED, "chmod 600");
    refuses(a_file(KEY "00", 0600).path, RDV_ERR_FORMAT, "64 hex digits");
    refuses(a_file(KEY "\r\n\n", 0600).path, RDV_ERR_LIMIT, "longer than 66 bytes");
    refuses(a_file("0000000000000000000000000000000000000000000000000000000000000000", 0600).path,
            RDV_ERR_WEAK, "weak");
}

static CU_TestInfo tests[] = {
    T_CASE(a_private_file_is_read),
    T_CASE(a_key_is_read_from_an_open_file),
    T_CASE(each_refusal_has_its_reason),
    T_END,
};

T_SUITE(base_private, tests);
