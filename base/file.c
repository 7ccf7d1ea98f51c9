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

#define KEYFILE_BYTES (2 * RDV_KEY_BYTES + 2) /* digits and CR LF at most */

enum rdv_err rdv_file_check_private(int fd, const char *path)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        log_error("%s: %s", path, strerror(errno));
        return RDV_ERR_IO;
    }
    if (!S_ISREG(st.st_mode)) {
        log_error("%s: not a regular file", path);
        return RDV_ERR_EXPOSED;
    }
    if (st.st_uid != geteuid() && st.st_uid != 0) {
        log_error("%s: belongs to another user (%u)", path, (unsigned)st.st_uid);
        return RDV_ERR_EXPOSED;
    }
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        log_error("%s: others can read or write it (mode %04o): chmod 600 it", path,
                  (unsigned)st.st_mode & 07777);
        return RDV_ERR_EXPOSED;
    }
    return RDV_OK;
}

static enum rdv_err read_all(struct rdv_buf *out, int fd, const char *path)
{
    enum rdv_err err;

    for (;;) {
        const size_t left = out->limit - rdv_buf_len(out);
        const size_t ask = left < 4096 ? left + 1 : 4096;
        uint8_t chunk[4096];
        const ssize_t r = read(fd, chunk, ask);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0) {
            log_error("%s: %s", path, strerror(errno));
            return RDV_ERR_IO;
        }
        err = rdv_put_bytes(out, (struct rdv_span){ chunk, (size_t)r });
        rdv_wipe(chunk, (size_t)r);
        if (err == RDV_ERR_LIMIT)
            log_error("%s: longer than %zu bytes", path, out->limit);
        if (err != RDV_OK || r == 0)
            return err;
    }
}

static enum rdv_err open_to_read(int *fd, const char *path, int flags)
{
    if ((*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags)) >= 0)
        return RDV_OK;
    log_error("%s: %s", path, strerror(errno));
    return errno == ENOENT ? RDV_ERR_ABSENT : RDV_ERR_IO;
}

enum rdv_err rdv_file_read(struct rdv_buf *out, const char *path)
{
    int fd = -1;
    enum rdv_err err;

    if ((err = open_to_read(&fd, path, 0)) != RDV_OK)
        return err;
    err = read_all(out, fd, path);
    (void)close(fd);
    return err;
}

enum rdv_err rdv_keyfile_read(struct rdv_key *out, const char *path)
{
    struct rdv_buf text = RDV_BUF(KEYFILE_BYTES);
    struct rdv_key key = { 0 };
    struct rdv_span line;
    int fd = -1;
    enum rdv_err err;

    rdv_key_wipe(out);
    /* A fifo is refused below: opening it must not wait for a writer. */
    if ((err = open_to_read(&fd, path, O_NONBLOCK)) != RDV_OK)
        return err;
    if ((err = rdv_file_check_private(fd, path)) != RDV_OK ||
        (err = read_all(&text, fd, path)) != RDV_OK)
        goto out;
    line = rdv_buf_view(&text);
    while (line.n > 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
        line.n--;
    if ((err = rdv_hex_decode(key.bytes, sizeof(key.bytes), line)) != RDV_OK) {
        log_error("%s: not a key file: it must hold 64 hex digits", path);
        err = RDV_ERR_FORMAT;
        goto out;
    }
    if ((err = rdv_key_import(out, (struct rdv_span){ key.bytes, sizeof(key.bytes) })) != RDV_OK)
        log_error_e(err, "%s", path);
out:
    (void)close(fd);
    rdv_key_wipe(&key);
    rdv_buf_free(&text);
    return err;
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
