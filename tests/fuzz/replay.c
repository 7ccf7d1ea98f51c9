/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The main of a harness where there is no libFuzzer: feeds it every file of the corpus folders (or
 * files) named on the command line. A folder without files is a failure.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tests/fuzz/fuzz.h"

#define FILE_MAX (1024 * 1024)

static unsigned n_replayed;

/* In a block of exactly its size, so that a read past the end is caught. */
static bool replay_file(const char *path)
{
    struct rdv_buf content = RDV_BUF(FILE_MAX);
    uint8_t *exact = NULL;
    bool good = false;
    size_t n;

    if (rdv_file_read(&content, path) != RDV_OK)
        goto out;
    n = rdv_buf_len(&content);
    if ((exact = malloc(n == 0 ? 1 : n)) == NULL)
        goto out;
    if (n > 0)
        memcpy(exact, rdv_buf_view(&content).p, n);
    (void)LLVMFuzzerTestOneInput(exact, n);
    n_replayed++;
    good = true;
out:
    free(exact);
    rdv_buf_free(&content);
    return good;
}

static bool replay_folder(const char *path)
{
    const unsigned before = n_replayed;
    DIR *folder = opendir(path);
    bool good = folder != NULL;
    const struct dirent *entry;

    while (good && (entry = readdir(folder)) != NULL) {
        char file[1024];
        const int n = snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);

        if (entry->d_name[0] != '.')
            good = n > 0 && (size_t)n < sizeof(file) && replay_file(file);
    }
    if (folder != NULL)
        (void)closedir(folder);
    if (good && n_replayed == before)
        fprintf(stderr, "%s: holds no corpus\n", path);
    return good && n_replayed > before;
}

int main(int argc, char **argv)
{
    struct stat st;

    for (int i = 1; i < argc; i++) {
        const bool is_folder = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode);

        if (!(is_folder ? replay_folder(argv[i]) : replay_file(argv[i]))) {
            fprintf(stderr, "%s: not replayed\n", argv[i]);
            return 1;
        }
    }
    printf("%u inputs replayed\n", n_replayed);
    return n_replayed > 0 ? 0 : 1;
}
