/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/journal.h"

#include <string.h>
#include <unistd.h>

#include "tests/support/test.h"

#define ABOUT "rdv put key1.com root"

struct place {
    char path[128];
};

static struct place somewhere(const char *text)
{
    struct place at;
    FILE *file;

    (void)snprintf(at.path, sizeof(at.path), "%s/.rdv-put", t_temp_dir());
    if (text != NULL) {
        T_MUST((file = fopen(at.path, "wx")) != NULL);
        (void)fputs(text, file);
        (void)fclose(file);
    }
    return at;
}

static void opens(struct tool_journal *j, const char *path)
{
    struct rdv_why why = { "" };

    T_MUST_OK(tool_journal_open(j, path, ABOUT, &why));
}

static void what_was_done_is_known_to_another_run(void)
{
    const struct place at = somewhere(NULL);
    struct tool_journal j;
    uint8_t once[TOOL_ONCE_BYTES];

    opens(&j, at.path);
    T_OK(tool_journal_begin(&j, 0x0a, 10, 99, once, NULL));
    T_OK(tool_journal_done(&j, 0x0a, 10, 99, NULL));
    T_OK(tool_journal_done(&j, 0xff, 0, UINT64_MAX / 2, NULL));
    tool_journal_close(&j, false);
    opens(&j, at.path);
    T_TRUE(tool_journal_is_done(&j, 0x0a, 10, 99));
    T_TRUE(tool_journal_is_done(&j, 0xff, 0, UINT64_MAX / 2));
    T_TRUE(!tool_journal_is_done(&j, 0x0a, 11, 99));
    T_TRUE(!tool_journal_is_done(&j, 0x0a, 10, 98));
    T_TRUE(!tool_journal_is_done(&j, 0x0b, 10, 99));
    tool_journal_close(&j, true);
    T_TRUE(access(at.path, F_OK) != 0);
}

static void a_post_that_was_begun_keeps_its_once(void)
{
    const struct place at = somewhere(NULL);
    uint8_t first[TOOL_ONCE_BYTES], again[TOOL_ONCE_BYTES], other[TOOL_ONCE_BYTES];
    struct tool_journal j;

    opens(&j, at.path);
    T_OK(tool_journal_begin(&j, 1, 10, 99, first, NULL));
    T_OK(tool_journal_begin(&j, 2, 10, 99, other, NULL));
    T_TRUE(memcmp(first, other, sizeof(first)) != 0);
    tool_journal_close(&j, false);
    opens(&j, at.path);
    T_OK(tool_journal_begin(&j, 1, 10, 99, again, NULL));
    T_TRUE(memcmp(first, again, sizeof(first)) == 0);
    T_OK(tool_journal_begin(&j, 1, 10, 100, other, NULL)); /* another content */
    T_TRUE(memcmp(first, other, sizeof(first)) != 0);
    T_OK(tool_journal_done(&j, 1, 10, 100, NULL));
    T_OK(tool_journal_begin(&j, 1, 10, 100, again, NULL)); /* once more, on purpose */
    T_TRUE(memcmp(other, again, sizeof(other)) != 0);
    tool_journal_close(&j, false);
}

static void a_line_that_was_being_written_is_none(void)
{
    const struct place at = somewhere(ABOUT "\n0A done 10 99\n0B done 1");
    struct tool_journal j;

    opens(&j, at.path);
    T_TRUE(tool_journal_is_done(&j, 0x0a, 10, 99) && !j.entries[0x0b].begun);
    T_OK(tool_journal_done(&j, 0x0c, 1, 2, NULL));
    tool_journal_close(&j, false);
    opens(&j, at.path);
    T_TRUE(tool_journal_is_done(&j, 0x0c, 1, 2) && !j.entries[0x0b].begun);
    tool_journal_close(&j, false);
}

static void refused(const char *text, const char *words)
{
    const struct place at = somewhere(text);
    struct tool_journal j;
    struct rdv_why why = { "" };

    T_ERR(tool_journal_open(&j, at.path, ABOUT, &why), RDV_ERR_CONFIG);
    T_TRUE(strstr(why.text, words) != NULL);
    T_TRUE(j.file == NULL);
    T_TRUE(access(at.path, F_OK) == 0); /* it stays for its owner to look at */
}

static void a_journal_of_something_else_is_refused(void)
{
    refused("rdv put key2.com root\n", "is of \"rdv put key2.com root\"");
    refused("rdv get key1.com root\n", "remove it");
    refused("\n", "remove it");
    refused(ABOUT "\n0A\n", ":2: damaged");
    refused(ABOUT "\n0A done 10 99\n0G done 10 99\n", ":3: damaged");
    refused(ABOUT "\n0A done 10\n", ":2: damaged");
    refused(ABOUT "\n0A done 10 99 1\n", ":2: damaged");
    refused(ABOUT "\n0A done x 99\n", ":2: damaged");
    refused(ABOUT "\n0A done 99999999999999999999999 1\n", ":2: damaged");
    refused(ABOUT "\n0A 0011 10 99\n", ":2: damaged");
    refused(ABOUT "\n\n", ":2: damaged");
}

static void a_place_that_cannot_be_written_is_told(void)
{
    struct tool_journal j;
    struct rdv_why why = { "" };

    T_ERR(tool_journal_open(&j, "/nowhere/.rdv-put", ABOUT, &why), RDV_ERR_IO);
    T_TRUE(strstr(why.text, "/nowhere/.rdv-put") == why.text);
    tool_journal_close(&j, true);
}

static CU_TestInfo tests[] = {
    T_CASE(what_was_done_is_known_to_another_run),  T_CASE(a_post_that_was_begun_keeps_its_once),
    T_CASE(a_line_that_was_being_written_is_none),  T_CASE(a_journal_of_something_else_is_refused),
    T_CASE(a_place_that_cannot_be_written_is_told), T_END,
};

T_SUITE(rdv_journal, tests);
