/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/epoch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/test.h"

static char path[80];
static struct se_epoch epoch;
static bool behind;

static void start(void)
{
    (void)snprintf(path, sizeof(path), "%s/epoch", t_temp_dir());
}

/* As a start of the card does, with its database here. */
static enum rdv_err open_at(int64_t e, int64_t counter)
{
    const struct se_state db = { e, counter };

    return se_epoch_open(&epoch, &behind, path, &db);
}

static enum rdv_err note(int64_t e, int64_t counter)
{
    const struct se_state state = { e, counter };

    return se_epoch_note(&epoch, &state, true);
}

/* A card that was started once, and has come to 5.7. */
static void start_at_5_7(void)
{
    start();
    T_MUST_OK(open_at(0, 0));
    T_MUST_OK(note(1, 0));
    T_MUST_OK(note(5, 7));
    se_epoch_close(&epoch);
}

static void write_file(const char *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    T_MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
}

static void what_is_not_two_numbers_is_refused(void)
{
    static const char *const bad[] = {
        "5 7\n",
        "00000000000000000005 0000000000000000000x\n",
        "x0000000000000000005 00000000000000000007\n",
        "0000000000000000000500000000000000000007\n\n\n",
        "-0000000000000000005 00000000000000000007\n",
        "00000000000000000005 -0000000000000000007\n",
        "99999999999999999999 99999999999999999999\n",
        "00000000000000000005 00000000000000000007",
        "00000000000000000005 00000000000000000007\n\n",
        "00000000000000000005 00000000000000000007 ",
        "                                         \n",
    };

    start();
    (void)t_logged("");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        write_file(bad[i]);
        if (!T_ERR(open_at(5, 7), RDV_ERR_FORMAT))
            T_TEXT(rdv_span_of(bad[i]), "");
        se_epoch_close(&epoch);
        T_UINT(t_logged("not two numbers"), 1);
    }
}

static void what_others_can_touch_is_refused(void)
{
    start_at_5_7();
    T_MUST(chmod(path, 0640) == 0);
    T_ERR(open_at(5, 7), RDV_ERR_EXPOSED);
    se_epoch_close(&epoch);
    T_MUST(chmod(path, 0602) == 0);
    T_ERR(open_at(5, 7), RDV_ERR_EXPOSED);
    se_epoch_close(&epoch);
}

static void what_is_no_file_is_refused(void)
{
    start();
    T_MUST(mkdir(path, 0700) == 0);
    T_ERR(open_at(5, 7), RDV_ERR_IO);
    se_epoch_close(&epoch);
    T_MUST(rmdir(path) == 0 && mkfifo(path, 0600) == 0);
    T_ERR(open_at(5, 7), RDV_ERR_EXPOSED);
    se_epoch_close(&epoch);
    (void)snprintf(path, sizeof(path), "%s/no/where", t_temp_dir());
    T_ERR(open_at(0, 0), RDV_ERR_IO);
}

static void an_older_database_is_noticed(void)
{
    static const struct {
        int64_t epoch, counter;
        bool behind;
    } stands[] = {
        { 5, 7, false }, { 5, 8, false }, { 6, 0, false }, { 5, 6, true },
        { 4, 9, true },  { 1, 0, true },  { 0, 0, true },
    };

    start_at_5_7();
    for (size_t i = 0; i < sizeof(stands) / sizeof(stands[0]); i++) {
        T_MUST_OK(open_at(stands[i].epoch, stands[i].counter));
        T_TRUE(behind == stands[i].behind);
        T_TRUE(epoch.noted.epoch == 5 && epoch.noted.counter == 7);
        se_epoch_close(&epoch);
    }
}

static void a_file_that_is_gone_makes_the_database_an_older_one(void)
{
    start_at_5_7();
    T_MUST(unlink(path) == 0);
    for (unsigned i = 0; i < 3; i++) { /* at every start, until somebody notes something */
        T_MUST_OK(open_at(5, 7));
        T_TRUE(behind);
        se_epoch_close(&epoch);
    }
    T_MUST_OK(open_at(5, 7));
    T_MUST_OK(note(6, 0));
    se_epoch_close(&epoch);
    T_MUST_OK(open_at(6, 0));
    T_TRUE(!behind);
    se_epoch_close(&epoch);
}

/* The power may fail between the first row and the first note: that is no older copy. */
static void a_first_start_that_was_cut_off_is_no_older_copy(void)
{
    struct stat st;

    start();
    T_MUST_OK(open_at(0, 0));
    T_TRUE(!behind);
    se_epoch_close(&epoch);
    T_MUST(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
    T_MUST_OK(open_at(1, 0));
    T_TRUE(!behind);
    se_epoch_close(&epoch);
    write_file(""); /* cut off before anything reached the disk */
    T_MUST_OK(open_at(0, 0));
    T_TRUE(!behind);
    se_epoch_close(&epoch);
}

static void only_what_is_newer_is_noted(void)
{
    struct rdv_buf text = RDV_BUF(100);

    start_at_5_7();
    T_MUST_OK(open_at(5, 7));
    T_OK(note(5, 6));
    T_OK(note(4, 99));
    T_OK(note(5, 7));
    T_MUST_OK(rdv_file_read(&text, path));
    T_TEXT(rdv_buf_view(&text), "00000000000000000005 00000000000000000007\n");
    T_OK(note(INT64_MAX, INT64_MAX));
    se_epoch_close(&epoch);
    rdv_buf_clear(&text);
    T_MUST_OK(rdv_file_read(&text, path));
    T_TEXT(rdv_buf_view(&text), "09223372036854775807 09223372036854775807\n");
    T_MUST_OK(open_at(INT64_MAX, INT64_MAX));
    T_TRUE(!behind);
    se_epoch_close(&epoch);
    rdv_buf_free(&text);
}

static void what_cannot_be_noted_is_said(void)
{
    start_at_5_7();
    T_MUST_OK(open_at(5, 7));
    se_epoch_close(&epoch);
    (void)t_logged("");
    T_ERR(note(6, 0), RDV_ERR_IO);
    T_TRUE(epoch.noted.epoch == 5);
    T_UINT(t_logged("epoch: "), 1);
}

static CU_TestInfo tests[] = {
    T_CASE(an_older_database_is_noticed),
    T_CASE(what_is_not_two_numbers_is_refused),
    T_CASE(what_others_can_touch_is_refused),
    T_CASE(what_is_no_file_is_refused),
    T_CASE(a_file_that_is_gone_makes_the_database_an_older_one),
    T_CASE(a_first_start_that_was_cut_off_is_no_older_copy),
    T_CASE(only_what_is_newer_is_noted),
    T_CASE(what_cannot_be_noted_is_said),
    T_END,
};

T_SUITE(se_card_epoch, tests);
