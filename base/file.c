/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/private.h"

#define KEYFILE_BYTES (2 * RDV_KEY_BYTES + 2) /* digits and CR LF at most */

/* The reason of what base/private.c refuses, once. Running out of memory has none. */
static enum rdv_err logged(enum rdv_err err, const char *path, const struct rdv_why *why)
{
    if (err != RDV_OK && why->text[0] != '\0')
        log_error("%s", why->text);
    else if (err != RDV_OK)
        log_error_e(err, "%s", path);
    return err;
}

enum rdv_err rdv_file_check_private(int fd, const char *path)
{
    struct rdv_why why = { "" };

    return logged(rdv_private_check(fd, path, &why), path, &why);
}

enum rdv_err rdv_file_read(struct rdv_buf *out, const char *path)
{
    struct rdv_why why = { "" };
    enum rdv_err err;
    int fd;

    if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0) {
        log_error("%s: %s", path, strerror(errno));
        return errno == ENOENT ? RDV_ERR_ABSENT : RDV_ERR_IO;
    }
    err = logged(rdv_private_read_fd(out, fd, path, &why), path, &why);
    (void)close(fd);
    return err;
}

enum rdv_err rdv_keyfile_read(struct rdv_key *out, const char *path)
{
    struct rdv_why why = { "" };

    return logged(rdv_private_key(out, path, &why), path, &why);
}

static enum rdv_err write_all(int fd, const char *path, struct rdv_span content)
{
    while (content.n > 0) {
        const ssize_t r = write(fd, content.p, content.n);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0) {
            log_error("%s: %s", path, strerror(errno));
            return errno == ENOSPC ? RDV_ERR_FULL : RDV_ERR_IO;
        }
        content.p += r;
        content.n -= (size_t)r;
    }
    if (fsync(fd) != 0) {
        log_error("%s: fsync: %s", path, strerror(errno));
        return RDV_ERR_IO;
    }
    return RDV_OK;
}

enum rdv_err rdv_file_sync_dir_of(const char *path)
{
    char copy[PATH_MAX];
    enum rdv_err err = RDV_OK;
    int fd;

    if (rdv_span_to_text(copy, sizeof(copy), rdv_span_of(path)) != RDV_OK)
        return RDV_ERR_IO;
    if ((fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || fsync(fd) != 0) {
        log_error("%s: %s", copy, strerror(errno));
        err = RDV_ERR_IO;
    }
    if (fd >= 0)
        (void)close(fd);
    return err;
}

/* Writes a temporary file beside path and puts it there by link (must be new) or rename. */
static enum rdv_err put_file(const char *path, struct rdv_span content, mode_t mode,
                             bool must_be_new)
{
    char temp[PATH_MAX];
    enum rdv_err err = RDV_ERR_IO;
    int fd = -1;
    const int n = snprintf(temp, sizeof(temp), "%s.XXXXXX", path);

    if (n < 0 || (size_t)n >= sizeof(temp)) {
        log_error("%s: path too long", path);
        return RDV_ERR_LIMIT;
    }
    if ((fd = mkostemp(temp, O_CLOEXEC)) < 0) {
        log_error("%s: %s", temp, strerror(errno));
        return RDV_ERR_IO;
    }
    if (fchmod(fd, mode) != 0) {
        log_error("%s: %s", temp, strerror(errno));
        goto out;
    }
    if ((err = write_all(fd, temp, content)) != RDV_OK)
        goto out;
    if ((must_be_new ? link(temp, path) : rename(temp, path)) != 0) {
        log_error("%s: %s", path, strerror(errno));
        err = errno == EEXIST ? RDV_ERR_EXISTS : RDV_ERR_IO;
        goto out;
    }
    err = rdv_file_sync_dir_of(path);
out:
    (void)close(fd);
    (void)unlink(temp); /* gone already after a rename */
    return err;
}

enum rdv_err rdv_keyfile_create(const char *path, const struct rdv_key *key)
{
    struct rdv_buf text = RDV_BUF(KEYFILE_BYTES);
    enum rdv_err err;

    if ((err = rdv_hex_put(&text, (struct rdv_span){ key->bytes, sizeof(key->bytes) })) == RDV_OK &&
        (err = rdv_put_text(&text, "\n")) == RDV_OK)
        err = put_file(path, rdv_buf_view(&text), S_IRUSR | S_IWUSR, true);
    rdv_buf_free(&text);
    return err;
}

enum rdv_err rdv_file_replace(const char *path, struct rdv_span content, unsigned mode)
{
    return put_file(path, content, (mode_t)mode, false);
}

void rdv_file_raise_limit(size_t want)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= want)
        return;
    limit.rlim_cur = want;
    if (limit.rlim_max < want)
        limit.rlim_max = want; /* takes a privilege */
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return;
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    log_warn("%llu files may be open, %zu would be needed for all sessions",
             (unsigned long long)limit.rlim_max, want);
}
