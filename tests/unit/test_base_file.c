/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

#define KEY_A "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define KEY KEY_A "21"

struct place {
    const char *dir;
    char path[128];
};

static struct place somewhere(void)
{
    struct place at = { t_temp_dir(), "" };

    (void)snprintf(at.path, sizeof(at.path), "%s/key", at.dir);
    return at;
}

static void put(const char *path, const char *text, mode_t mode)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const size_t n = strlen(text);

    T_MUST(fd >= 0);
    T_MUST(write(fd, text, n) == (ssize_t)n);
    T_MUST(fchmod(fd, mode) == 0);
    (void)close(fd);
}

static unsigned entries_in(const char *dir)
{
    DIR *d = opendir(dir);
    unsigned n = 0;

    T_MUST(d != NULL);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    (void)closedir(d);
    return n;
}

/* Reads the key file, which must be refused with this error and leave no key behind. */
static void refuses(const char *path, enum rdv_err want)
{
    static const struct rdv_key zero;
    struct rdv_key key;

    memset(&key, 0x55, sizeof(key));
    (void)t_logged("");
    T_ERR(rdv_keyfile_read(&key, path), want);
    T_TRUE(memcmp(&key, &zero, sizeof(key)) == 0);
    T_UINT(t_logged(path), 1);
}

static void reads_a_key_with_any_line_end(void)
{
    static const char *const files[] = { KEY "\n", KEY "\r\n", KEY };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const struct place at = somewhere();
        struct rdv_key key;

        put(at.path, files[i], 0600);
        T_OK(rdv_keyfile_read(&key, at.path));
        T_SPAN(((struct rdv_span){ key.bytes, sizeof(key.bytes) }), t_hex(KEY));
    }
}

static void refuses_a_key_that_others_can_touch(void)
{
    static const mode_t modes[] = { 0640, 0604, 0620, 0602, 0610, 0601, 0666, 0644 };

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        const struct place at = somewhere();

        put(at.path, KEY "\n", modes[i]);
        refuses(at.path, RDV_ERR_EXPOSED);
    }
}

static void refuses_a_key_of_another_user(void)
{
    const struct place at = somewhere();

    if (geteuid() != 0) {
        T_TRUE(true); /* only root can give a file away */
        return;
    }
    put(at.path, KEY "\n", 0600);
    T_MUST(chown(at.path, 4242, 4242) == 0);
    refuses(at.path, RDV_ERR_EXPOSED);
}

static void refuses_what_is_not_a_regular_file(void)
{
    const struct place at = somewhere();

    refuses(at.path, RDV_ERR_ABSENT);
    T_MUST(mkfifo(at.path, 0600) == 0);
    refuses(at.path, RDV_ERR_EXPOSED); /* and does not wait for a writer */
    refuses(at.dir, RDV_ERR_EXPOSED);
    refuses("/dev/null", RDV_ERR_EXPOSED);
}

static void refuses_what_is_not_64_digits(void)
{
    static const char *const files[] = {
        "",           "\n",         KEY_A "2\n",     KEY_A "\n",   KEY "0\n",
        KEY "00",     KEY_A "2G\n", " " KEY_A "2\n", KEY_A "2 \n", "0x" KEY_A "\n",
        KEY_A "\n21",
    };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const struct place at = somewhere();

        put(at.path, files[i], 0600);
        refuses(at.path, RDV_ERR_FORMAT);
    }
}

static void refuses_a_key_file_that_goes_on(void)
{
    const struct place at = somewhere();

    put(at.path, KEY "\r\n\n", 0600);
    refuses(at.path, RDV_ERR_LIMIT);
    put(at.path, KEY "\n" KEY "\n", 0600);
    refuses(at.path, RDV_ERR_LIMIT);
}

static void refuses_a_key_of_zeros(void)
{
    const struct place at = somewhere();

    put(at.path, "0000000000000000000000000000000000000000000000000000000000000000\n", 0600);
    refuses(at.path, RDV_ERR_WEAK);
}

static void creates_a_private_file_that_reads_back(void)
{
    const struct place at = somewhere();
    struct rdv_key key, back;
    struct stat st;
    const mode_t before = umask(0);

    T_OK(rdv_key_import(&key, t_hex(KEY)));
    T_OK(rdv_keyfile_create(at.path, &key));
    (void)umask(before);
    T_MUST(stat(at.path, &st) == 0);
    T_UINT(st.st_mode & 07777, 0600);
    T_TRUE(st.st_size == 65);
    T_UINT(entries_in(at.dir), 1);
    T_OK(rdv_keyfile_read(&back, at.path));
    T_TRUE(memcmp(&key, &back, sizeof(key)) == 0);
}

static void creating_never_overwrites_and_leaves_nothing_behind(void)
{
    const struct place at = somewhere();
    struct rdv_key key, back;
    char inside[160], too_long[5000];

    T_OK(rdv_key_import(&key, t_hex(KEY)));
    T_OK(rdv_keyfile_create(at.path, &key));
    key.bytes[0] ^= 1;
    (void)t_logged("");
    T_ERR(rdv_keyfile_create(at.path, &key), RDV_ERR_EXISTS);
    T_UINT(t_logged(at.path), 1);
    T_UINT(entries_in(at.dir), 1);
    T_OK(rdv_keyfile_read(&back, at.path));
    T_UINT(back.bytes[0], 1);

    (void)snprintf(inside, sizeof(inside), "%s/absent/key", at.dir);
    T_ERR(rdv_keyfile_create(inside, &key), RDV_ERR_IO);
    memset(too_long, 'a', sizeof(too_long) - 1);
    too_long[sizeof(too_long) - 1] = '\0';
    T_ERR(rdv_keyfile_create(too_long, &key), RDV_ERR_LIMIT);
    T_UINT(entries_in(at.dir), 1);
}

static void a_link_is_no_way_to_overwrite(void)
{
    const struct place at = somewhere();
    struct rdv_key key;
    struct stat st;

    T_OK(rdv_key_import(&key, t_hex(KEY)));
    T_MUST(symlink("elsewhere", at.path) == 0);
    T_ERR(rdv_keyfile_create(at.path, &key), RDV_ERR_EXISTS);
    T_MUST(lstat(at.path, &st) == 0);
    T_TRUE(S_ISLNK(st.st_mode));
    T_UINT(entries_in(at.dir), 1);
}

static void replaces_a_file_whole_or_not_at_all(void)
{
    const struct place at = somewhere();
    struct rdv_buf text = RDV_BUF(16);
    struct stat st;

    T_OK(rdv_file_replace(at.path, RDV_LIT("first and longer"), 0644));
    T_OK(rdv_file_replace(at.path, RDV_LIT("second"), 0640));
    T_MUST(stat(at.path, &st) == 0);
    T_UINT(st.st_mode & 07777, 0640);
    T_OK(rdv_file_read(&text, at.path));
    T_TEXT(rdv_buf_view(&text), "second");
    T_MUST(mkdir(at.path, 0700) != 0);
    T_MUST(unlink(at.path) == 0 && mkdir(at.path, 0700) == 0);
    T_ERR(rdv_file_replace(at.path, RDV_LIT("third"), 0644), RDV_ERR_IO);
    T_UINT(entries_in(at.dir), 1);
    rdv_buf_free(&text);
}

static void reads_a_file_up_to_its_limit_and_no_byte_more(void)
{
    static const size_t limits[] = { 1, 4095, 4096, 4097, 8192, 9000 };
    uint8_t content[9001];

    memset(content, 'x', sizeof(content));
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        for (size_t n = limits[i] - 1; n <= limits[i] + 1; n++) {
            const struct place at = somewhere();
            struct rdv_buf text = RDV_BUF(limits[i]);

            T_OK(rdv_file_replace(at.path, (struct rdv_span){ content, n }, 0600));
            T_ERR(rdv_file_read(&text, at.path), n > limits[i] ? RDV_ERR_LIMIT : RDV_OK);
            if (n <= limits[i])
                T_UINT(rdv_buf_len(&text), n);
            rdv_buf_free(&text);
        }
    }
}

static void a_file_that_cannot_be_read_says_why(void)
{
    const struct place at = somewhere();
    struct rdv_buf text = RDV_BUF(16);

    (void)t_logged("");
    T_ERR(rdv_file_read(&text, at.path), RDV_ERR_ABSENT);
    T_UINT(t_logged("No such file"), 1);
    T_ERR(rdv_file_read(&text, at.dir), RDV_ERR_IO);
    T_UINT(t_logged("Is a directory"), 1);
    T_ERR(rdv_file_sync_dir_of(at.path), RDV_OK);
}

static CU_TestInfo tests[] = {
    T_CASE(reads_a_key_with_any_line_end),
    T_CASE(refuses_a_key_that_others_can_touch),
    T_CASE(refuses_a_key_of_another_user),
    T_CASE(refuses_what_is_not_a_regular_file),
    T_CASE(refuses_what_is_not_64_digits),
    T_CASE(refuses_a_key_file_that_goes_on),
    T_CASE(refuses_a_key_of_zeros),
    T_CASE(creates_a_private_file_that_reads_back),
    T_CASE(creating_never_overwrites_and_leaves_nothing_behind),
    T_CASE(a_link_is_no_way_to_overwrite),
    T_CASE(replaces_a_file_whole_or_not_at_all),
    T_CASE(reads_a_file_up_to_its_limit_and_no_byte_more),
    T_CASE(a_file_that_cannot_be_read_says_why),
    T_END,
};

T_SUITE(base_file, tests);
