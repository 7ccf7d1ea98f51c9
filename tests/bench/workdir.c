/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/workdir.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/bench/process.h"

#define SYNC_BYTES 4096
#define SYNC_FILE_BYTES (1024 * 1024)
#define DEPTH 16

enum rdv_err bench_workdir_make(char *out, size_t size, const char *parent)
{
    char whole[PATH_MAX];
    struct statfs fs;
    int n;

    if (realpath(parent, whole) == NULL) {
        log_error("%s: %s", parent, strerror(errno));
        return RDV_ERR_IO;
    }
    n = snprintf(out, size, "%s/rdv-bench.XXXXXX", whole);
    if (n < 0 || (size_t)n >= size)
        return RDV_ERR_LIMIT;
    if (mkdtemp(out) == NULL) {
        log_error("%s: %s", out, strerror(errno));
        return RDV_ERR_IO;
    }
    if (statfs(out, &fs) == 0 && fs.f_type == TMPFS_MAGIC)
        log_warn("%s is on a tmpfs: what is said about writes means nothing (--dir)", whole);
    return RDV_OK;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    if (remove(path) != 0)
        log_warn("%s: %s", path, strerror(errno));
    return 0;
}

void bench_workdir_remove(const char *dir)
{
    (void)nftw(dir, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS);
}

static enum rdv_err prepare(int fd)
{
    static const uint8_t zeros[SYNC_FILE_BYTES];

    return pwrite(fd, zeros, sizeof(zeros), 0) == (ssize_t)sizeof(zeros) && fsync(fd) == 0
                   ? RDV_OK
                   : RDV_ERR_IO;
}

static enum rdv_err measure(struct bench_times *times, int fd, double seconds)
{
    uint8_t page[SYNC_BYTES];
    const uint64_t end = bench_now_ns() + (uint64_t)(seconds * 1e9);
    uint64_t began;
    enum rdv_err err = RDV_OK;

    do {
        began = bench_now_ns();
        memset(page, (int)(times->n & 0xff), sizeof(page));
        if (pwrite(fd, page, sizeof(page), 0) != (ssize_t)sizeof(page) || fdatasync(fd) != 0)
            return RDV_ERR_IO;
        err = bench_times_add(times, bench_now_ns() - began);
    } while (err == RDV_OK && bench_now_ns() < end && !bench_interrupted());
    return err;
}

enum rdv_err bench_workdir_syncs(struct bench_times *times, const char *dir, double seconds)
{
    char path[PATH_MAX];
    const int n = snprintf(path, sizeof(path), "%s/syncs", dir);
    enum rdv_err err;
    int fd;

    if (n < 0 || (size_t)n >= sizeof(path))
        return RDV_ERR_LIMIT;
    if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0) {
        log_error("%s: %s", path, strerror(errno));
        return RDV_ERR_IO;
    }
    if ((err = prepare(fd)) != RDV_OK || (err = measure(times, fd, seconds)) != RDV_OK)
        log_error("%s: %s", path, strerror(errno));
    (void)close(fd);
    (void)unlink(path);
    return err;
}
