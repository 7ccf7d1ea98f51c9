/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files with care: secrets are read only from files nobody else can touch, and new files appear
 * whole or not at all. Each failure is logged once, here, with the path.
 */
#ifndef RDV_BASE_FILE_H
#define RDV_BASE_FILE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

/*
 * Checks that the open file is regular, belongs to this user or to root, and that nobody else has
 * any right on it. The path is for the log.
 * Returns: RDV_ERR_EXPOSED, RDV_ERR_IO.
 */
RDV_MUST_USE enum rdv_err rdv_file_check_private(int fd, const char *path);

/* Reads a whole file of at most out's limit. Returns: RDV_ERR_ABSENT, RDV_ERR_LIMIT, RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err rdv_file_read(struct rdv_buf *out, const char *path);

/*
 * A key file holds 64 hex digits and a line end. It must be private.
 * Returns: RDV_ERR_ABSENT, RDV_ERR_EXPOSED, RDV_ERR_LIMIT (it goes on), RDV_ERR_FORMAT,
 * RDV_ERR_WEAK (all zero), RDV_ERR_IO.
 */
RDV_MUST_USE enum rdv_err rdv_keyfile_read(struct rdv_key *out, const char *path);

/* Writes a new key file, mode 0600, on disk when this returns. Returns: RDV_ERR_EXISTS, RDV_ERR_IO.
 */
RDV_MUST_USE enum rdv_err rdv_keyfile_create(const char *path, const struct rdv_key *key);

/* Replaces (or makes) a file by a whole new one, with this mode. Returns: RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err rdv_file_replace(const char *path, struct rdv_span content,
                                           unsigned mode);

/* fsync of the directory that holds path: makes a new name durable. Returns: RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err rdv_file_sync_dir_of(const char *path);

/* Lets this process have `want` files open, as far as it may; says so when that is fewer. */
void rdv_file_raise_limit(size_t want);

#endif
