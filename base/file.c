/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/private.h"

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

enum rdv_err rdv_file_sync_dir_of(const char *path)
{
    struct rdv_why why = { "" };

    return logged(rdv_private_sync_dir_of(path, &why), path, &why);
}

enum rdv_err rdv_keyfile_create(const char *path, const struct rdv_key *key)
{
    struct rdv_why why = { "" };

    return logged(rdv_private_key_create(path, key, &why), path, &why);
}

enum rdv_err rdv_file_replace(const char *path, struct rdv_span content, unsigned mode)
{
    struct rdv_why why = { "" };

    return logged(rdv_private_write(path, content, mode, false, &why), path, &why);
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
