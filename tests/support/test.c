/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/Basic.h>

#include "base/hex.h"
#include "base/log.h"
#include "tests/support/run.h"

#define BLOCKS_MAX 8192
#define TEMP_DIRS_MAX 1024
#define LOG_BYTES 65536

static void *blocks[BLOCKS_MAX];
static size_t n_blocks;
static char temp_dirs[TEMP_DIRS_MAX][64];
static size_t n_temp_dirs;
static char log_lines[LOG_BYTES];
static size_t log_used;

static bool report(bool good, const char *message, const char *file, int line)
{
    return CU_assertImplementation(good, (unsigned)line, message, file, "", CU_FALSE) == CU_TRUE;
}

bool t_uint_(unsigned long long got, unsigned long long want, const char *what, const char *file,
             int line)
{
    char message[300];

    (void)snprintf(message, sizeof(message), "%s: got %llu (0x%llx), want %llu (0x%llx)", what, got,
                   got, want, want);
    return report(got == want, message, file, line);
}

bool t_err_(enum rdv_err got, enum rdv_err want, const char *what, const char *file, int line)
{
    char message[300];

    (void)snprintf(message, sizeof(message), "%s: got \"%s\", want \"%s\"", what, rdv_err_text(got),
                   rdv_err_text(want));
    return report(got == want, message, file, line);
}

bool t_span_(struct rdv_span got, struct rdv_span want, const char *what, const char *file,
             int line)
{
    char message[700];

    (void)snprintf(message, sizeof(message), "%s: got %zu bytes \"%s\", want %zu bytes \"%s\"",
                   what, got.n, rdv_quote(got).text, want.n, rdv_quote(want).text);
    return report(rdv_span_equal(got, want), message, file, line);
}

static void *keep(size_t n)
{
    void *p = malloc(n == 0 ? 1 : n);

    if (p == NULL || n_blocks == BLOCKS_MAX)
        abort();
    blocks[n_blocks++] = p;
    return p;
}

struct rdv_span t_hex(const char *digits)
{
    char *packed = malloc(strlen(digits) + 1);
    uint8_t *bytes;
    size_t n = 0;

    if (packed == NULL)
        abort();
    for (; *digits != '\0'; digits++) {
        if (*digits != ' ' && *digits != '\n')
            packed[n++] = *digits;
    }
    bytes = keep(n / 2);
    if (rdv_hex_decode(bytes, n / 2, (struct rdv_span){ (const uint8_t *)packed, n }) != RDV_OK)
        abort(); /* a test's own constant */
    free(packed);
    return (struct rdv_span){ bytes, n / 2 };
}

uint32_t t_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

void t_every_prefix(struct rdv_span whole, void (*decode)(struct rdv_span in))
{
    for (size_t n = 0; n < whole.n; n++) {
        uint8_t *copy = malloc(n == 0 ? 1 : n);

        T_MUST(copy != NULL);
        if (n > 0)
            memcpy(copy, whole.p, n);
        decode((struct rdv_span){ copy, n });
        free(copy);
    }
}

void t_every_bit_flip(struct rdv_span whole, void (*decode)(struct rdv_span in))
{
    uint8_t *copy = malloc(whole.n == 0 ? 1 : whole.n);

    T_MUST(copy != NULL);
    memcpy(copy, whole.p, whole.n);
    for (size_t bit = 0; bit < 8 * whole.n; bit++) {
        copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
        decode((struct rdv_span){ copy, whole.n });
        copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    free(copy);
}

const char *t_temp_dir(void)
{
    char *dir;

    if (n_temp_dirs == TEMP_DIRS_MAX)
        abort();
    dir = temp_dirs[n_temp_dirs++];
    (void)snprintf(dir, sizeof(temp_dirs[0]), "rdv-test-XXXXXX");
    if (mkdtemp(dir) == NULL)
        abort();
    return dir;
}

static void on_log(enum rdv_log_level level, const char *line)
{
    const size_t n = strlen(line);

    (void)level;
    if (n + 2 > LOG_BYTES - log_used)
        log_used = 0;
    memcpy(log_lines + log_used, line, n + 1);
    log_used += n + 1;
}

unsigned t_logged(const char *text)
{
    unsigned count = 0;

    for (size_t at = 0; at < log_used; at += strlen(log_lines + at) + 1)
        count += strstr(log_lines + at, text) != NULL;
    log_used = 0;
    return count;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

/* "program" runs all suites, "program SUITE" one. */
int t_main(const struct t_suite *suites, size_t n, int argc, char **argv)
{
    unsigned failures;
    bool found = argc < 2;

    rdv_log_to(on_log);
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    for (size_t i = 0; i < n; i++) {
        CU_SuiteInfo info[] = { { suites[i].name, NULL, NULL, NULL, NULL, *suites[i].tests },
                                CU_SUITE_INFO_NULL };

        if (argc >= 2 && strcmp(argv[1], suites[i].name) != 0)
            continue;
        found = true;
        if (CU_register_suites(info) != CUE_SUCCESS)
            return 2;
    }
    if (!found) {
        fprintf(stderr, "no such suite: %s\n", argv[1]);
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    (void)CU_basic_run_tests();
    failures = CU_get_number_of_failures();
    if (CU_get_number_of_asserts() == 0) {
        fprintf(stderr, "nothing was asserted\n");
        failures++;
    }
    CU_cleanup_registry();
    for (size_t i = 0; i < n_temp_dirs; i++)
        (void)nftw(temp_dirs[i], remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    while (n_blocks > 0)
        free(blocks[--n_blocks]);
    rdv_log_to(NULL);
    return failures == 0 ? 0 : 1;
}
