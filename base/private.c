/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/why.h"

#define KEYFILE_BYTES (2 * RDV_KEY_BYTES + 2) /* digits and CR LF at most */

enum rdv_err rdv_private_check(int fd, const char *path, struct rdv_why *why)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return rdv_why_say(why, RDV_ERR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return rdv_why_say(why, RDV_ERR_EXPOSED, "%s: not a regular file", path);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return rdv_why_say(why, RDV_ERR_EXPOSED, "%s: belongs to another user (%u)", path,
                           (unsigned)st.st_uid);
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return rdv_why_say(why, RDV_ERR_EXPOSED,
                           "%s: others can read or write it (mode %04o): chmod 600 it", path,
                           (unsigned)st.st_mode & 07777);
    return RDV_OK;
}

enum rdv_err rdv_private_read_fd(struct rdv_buf *out, int fd, const char *path, struct rdv_why *why)
{
    enum rdv_err err;

    for (;;) {
        const size_t left = out->limit - rdv_buf_len(out);
        const size_t ask = left < 4096 ? left + 1 : 4096;
        uint8_t chunk[4096];
        const ssize_t r = read(fd, chunk, ask);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return rdv_why_say(why, RDV_ERR_IO, "%s: %s", path, strerror(errno));
        err = rdv_put_bytes(out, (struct rdv_span){ chunk, (size_t)r });
        rdv_wipe(chunk, (size_t)r);
        if (err == RDV_ERR_LIMIT)
            return rdv_why_say(why, err, "%s: longer than %zu bytes", path, out->limit);
        if (err != RDV_OK || r == 0)
            return err;
    }
}

/* A fifo is refused by the check: opening it must not wait for a writer. */
static enum rdv_err open_private(int *fd, const char *path, struct rdv_why *why)
{
    enum rdv_err err;

    if ((*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0)
        return rdv_why_say(why, errno == ENOENT ? RDV_ERR_ABSENT : RDV_ERR_IO, "%s: %s", path,
                           strerror(errno));
    if ((err = rdv_private_check(*fd, path, why)) != RDV_OK)
        (void)close(*fd);
    return err;
}

enum rdv_err rdv_private_read(struct rdv_buf *out, const char *path, struct rdv_why *why)
{
    int fd = -1;
    enum rdv_err err;

    if ((err = open_private(&fd, path, why)) != RDV_OK)
        return err;
    err = rdv_private_read_fd(out, fd, path, why);
    (void)close(fd);
    return err;
}

enum rdv_err rdv_private_key_fd(struct rdv_key *out, int fd, const char *path, struct rdv_why *why)
{
    struct rdv_buf text = RDV_BUF(KEYFILE_BYTES);
    struct rdv_key key = { 0 };
    struct rdv_span line;
    enum rdv_err err;

    rdv_key_wipe(out);
    if ((err = rdv_private_read_fd(&text, fd, path, why)) != RDV_OK)
        goto out;
    line = rdv_buf_view(&text);
    while (line.n > 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
        line.n--;
    if (rdv_hex_decode(key.bytes, sizeof(key.bytes), line) != RDV_OK) {
        err = rdv_why_say(why, RDV_ERR_FORMAT, "%s: not a key file: it must hold 64 hex digits",
                          path);
        goto out;
    }
    if ((err = rdv_key_import(out, (struct rdv_span){ key.bytes, sizeof(key.bytes) })) != RDV_OK)
        (void)rdv_why_say(why, err, "%s: %s", path, rdv_err_text(err));
out:
    rdv_key_wipe(&key);
    rdv_buf_free(&text);
    return err;
}

enum rdv_err rdv_private_key(struct rdv_key *out, const char *path, struct rdv_why *why)
{
    int fd = -1;
    enum rdv_err err;

    rdv_key_wipe(out);
    if ((err = open_private(&fd, path, why)) != RDV_OK)
        return err;
    err = rdv_private_key_fd(out, fd, path, why);
    (void)close(fd);
    return err;
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum rdv_err write_all(int fd, const char *path, struct rdv_span content,
                              struct rdv_why *why)
{
    while (content.n > 0) {
        const ssize_t r = write(fd, content.p, content.n);

        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return rdv_why_say(why, errno == ENOSPC ? RDV_ERR_FULL : RDV_ERR_IO, "%s: %s", path,
                               strerror(errno));
        content.p += r;
        content.n -= (size_t)r;
    }
    if (fsync(fd) != 0)
        return rdv_why_say(why, RDV_ERR_IO, "%s: fsync: %s", path, strerror(errno));
    return RDV_OK;
}

enum rdv_err rdv_private_sync_dir_of(const char *path, struct rdv_why *why)
{
    char copy[PATH_MAX];
    enum rdv_err err = RDV_OK;
    int fd;

    if (rdv_span_to_text(copy, sizeof(copy), rdv_span_of(path)) != RDV_OK)
        return rdv_why_say(why, RDV_ERR_IO, "%s: path too long", path);
    if ((fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || fsync(fd) != 0)
        err = rdv_why_say(why, RDV_ERR_IO, "%s: %s", copy, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return err;
}

/* A temporary file beside path is put there by link (must be new) or rename. */
enum rdv_err rdv_private_write(const char *path, struct rdv_span content, unsigned mode,
                               bool must_be_new, struct rdv_why *why)
{
    char temp[PATH_MAX];
    enum rdv_err err = RDV_ERR_IO;
    int fd = -1;
    const int n = snprintf(temp, sizeof(temp), "%s.XXXXXX", path);

    if (n < 0 || (size_t)n >= sizeof(temp))
        return rdv_why_say(why, RDV_ERR_LIMIT, "%s: path too long", path);
    if ((fd = mkostemp(temp, O_CLOEXEC)) < 0)
        return rdv_why_say(why, RDV_ERR_IO, "%s: %s", temp, strerror(errno));
    if (fchmod(fd, (mode_t)mode) != 0) {
        (void)rdv_why_say(why, err, "%s: %s", temp, strerror(errno));
        goto out;
    }
    if ((err = write_all(fd, temp, content, why)) != RDV_OK)
        goto out;
    if ((must_be_new ? link(temp, path) : rename(temp, path)) != 0) {
        err = rdv_why_say(why, errno == EEXIST ? RDV_ERR_EXISTS : RDV_ERR_IO, "%s: %s", path,
                          strerror(errno));
        goto out;
    }
    err = rdv_private_sync_dir_of(path, why);
out:
    (void)close(fd);
    (void)unlink(temp); /* gone already after a rename */
    return err;
}

enum rdv_err rdv_private_key_create(const char *path, const struct rdv_key *key,
                                    struct rdv_why *why)
{
    struct rdv_buf text = RDV_BUF(KEYFILE_BYTES);
    enum rdv_err err;

    if ((err = rdv_hex_put(&text, (struct rdv_span){ key->bytes, sizeof(key->bytes) })) == RDV_OK &&
        (err = rdv_put_text(&text, "\n")) == RDV_OK)
        err = rdv_private_write(path, rdv_buf_view(&text), S_IRUSR | S_IWUSR, true, why);
    rdv_buf_free(&text);
    return err;
}
