/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that only their owner may touch, read with care; and new files, which appear whole or not
 * at all. Nothing is logged: the reason of a failure goes to *why, with the path (base/file.h has
 * the same for programs that log).
 */
#ifndef RDV_BASE_PRIVATE_H
#define RDV_BASE_PRIVATE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

/*
 * Checks that the open file is regular, belongs to this user or to root, and that nobody else has
 * any right on it.
 * Returns: RDV_ERR_EXPOSED, RDV_ERR_IO.
 */
RDV_MUST_USE enum rdv_err rdv_private_check(int fd, const char *path, struct rdv_why *why);

/* Appends all that is left to read, at most out's limit. Returns: RDV_ERR_LIMIT, RDV_ERR_IO,
 * RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_private_read_fd(struct rdv_buf *out, int fd, const char *path,
                                              struct rdv_why *why);

/* Opens, checks and reads. Returns: RDV_ERR_ABSENT and the errors of both. */
RDV_MUST_USE enum rdv_err rdv_private_read(struct rdv_buf *out, const char *path,
                                           struct rdv_why *why);

/*
 * Reads 64 hex digits and a line end.
 * Returns: RDV_ERR_LIMIT (it goes on), RDV_ERR_FORMAT, RDV_ERR_WEAK (all zero), RDV_ERR_IO. *out is
 * zero then.
 */
RDV_MUST_USE enum rdv_err rdv_private_key_fd(struct rdv_key *out, int fd, const char *path,
                                             struct rdv_why *why);

/* The same of a file that must be private. Returns also: RDV_ERR_ABSENT, RDV_ERR_EXPOSED. */
RDV_MUST_USE enum rdv_err rdv_private_key(struct rdv_key *out, const char *path,
                                          struct rdv_why *why);

/*
 * Writes a whole file with this mode: a new one, or in the place of one. On disk when this returns.
 * Returns: RDV_ERR_EXISTS, RDV_ERR_FULL, RDV_ERR_LIMIT (the path), RDV_ERR_IO.
 */
RDV_MUST_USE enum rdv_err rdv_private_write(const char *path, struct rdv_span content,
                                            unsigned mode, bool must_be_new, struct rdv_why *why);

/* Writes a new key file, mode 0600. Returns: the same, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_private_key_create(const char *path, const struct rdv_key *key,
                                                 struct rdv_why *why);

/* fsync of the directory that holds path: makes a new name durable. Returns: RDV_ERR_IO. */
RDV_MUST_USE enum rdv_err rdv_private_sync_dir_of(const char *path, struct rdv_why *why);

#endif
