/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The benchmark's temporary directory, and what its disk can do. */
#ifndef RDV_TESTS_BENCH_WORKDIR_H
#define RDV_TESTS_BENCH_WORKDIR_H

#include <stddef.h>

#include "base/err.h"
#include "tests/bench/stopwatch.h"

/* Makes a directory below `parent`; `out` receives its absolute path. Warns when it is on a tmpfs.
 * Returns: RDV_ERR_IO, RDV_ERR_LIMIT. */
RDV_MUST_USE enum rdv_err bench_workdir_make(char *out, size_t size, const char *parent);

/* Removes it with all that is in it. */
void bench_workdir_remove(const char *dir);

/*
 * What one fdatasync each allows: overwrites the same 4096 bytes of a file that has its final
 * length, then fdatasync, again and again. Nothing that acknowledges one write at a time, each on
 * disk, is faster. Returns: RDV_ERR_IO, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err bench_workdir_syncs(struct bench_times *times, const char *dir,
                                              double seconds);

#endif
