/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/private.h"

enum rdv_err tool_read_input(struct tool *t, struct rdv_buf *out, const char *file)
{
    int fd = STDIN_FILENO;
    enum rdv_err err;

    if (file == NULL || strcmp(file, "-") == 0)
        return rdv_private_read_fd(out, fd, "standard input", &t->why);
    if ((fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0)
        return tool_why(t, errno == ENOENT ? RDV_ERR_ABSENT : RDV_ERR_IO, "%s: %s", file,
                        strerror(errno));
    err = rdv_private_read_fd(out, fd, file, &t->why);
    (void)close(fd);
    return err;
}

static unsigned current_umask(void)
{
    const mode_t mask = umask(0);

    (void)umask(mask);
    return mask;
}

enum rdv_err tool_write_file(struct tool *t, const char *file, struct rdv_span bytes, unsigned mode)
{
    return rdv_private_write(file, bytes, mode & ~current_umask(), false, &t->why);
}

enum rdv_err tool_write_output(struct tool *t, struct rdv_span bytes, unsigned mode)
{
    if (t->options.output != NULL)
        return tool_write_file(t, t->options.output, bytes, mode);
    if (bytes.n > 0 && fwrite(bytes.p, 1, bytes.n, stdout) != bytes.n)
        return tool_why(t, RDV_ERR_IO, "standard output: %s", strerror(errno));
    return RDV_OK;
}
