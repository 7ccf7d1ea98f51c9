/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

#define BLOCK_MAX 8192

static FILE *open_source(const char *path)
{
    char whole[512];
    FILE *f;

    T_MUST(snprintf(whole, sizeof(whole), RDV_SOURCE_DIR "/%s", path) < (int)sizeof(whole));
    T_MUST((f = fopen(whole, "re")) != NULL);
    return f;
}

void t_vectors(const char *path, void (*each)(const struct t_vector *vector))
{
    FILE *f = open_source(path);
    char *line = NULL, *rest, *hex;
    size_t size = 0, n = 0;

    while (getline(&line, &size, f) > 0) {
        struct t_vector vector = { .bytes = { NULL, 0 } };

        if (line[0] == '#')
            continue;
        vector.word = strtok_r(line, " \n", &rest);
        vector.name = strtok_r(NULL, " \n", &rest);
        hex = strtok_r(NULL, " \n", &rest);
        T_MUST(hex != NULL);
        if (strcmp(hex, "-") != 0)
            vector.bytes = t_hex(hex);
        each(&vector);
        n++;
    }
    T_MUST(n > 0);
    free(line);
    (void)fclose(f);
}

void t_lines(const char *path, void (*each)(const char *line))
{
    FILE *f = open_source(path);
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    while ((n = getline(&line, &size, f)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        each(line);
    }
    free(line);
    (void)fclose(f);
}

const char *t_block(const char *path, const char *name)
{
    static char kept[16][BLOCK_MAX];
    static size_t n_kept;
    char begin[64], *line = NULL, *text = kept[n_kept++];
    FILE *f = open_source(path);
    size_t size = 0, n = 0;
    bool inside = false;

    T_MUST(n_kept <= sizeof(kept) / sizeof(kept[0]));
    (void)snprintf(begin, sizeof(begin), "```%s\n", name);
    while (getline(&line, &size, f) > 0 && !(inside && strncmp(line, "```", 3) == 0)) {
        for (const char *c = line; inside && *c != '\0'; c++) {
            T_MUST(n < BLOCK_MAX - 1);
            if (*c != ' ' && *c != '\n')
                text[n++] = *c;
        }
        inside = inside || strcmp(line, begin) == 0;
    }
    T_MUST(n > 0);
    text[n] = '\0';
    free(line);
    (void)fclose(f);
    return text;
}
