/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/epoch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define TEXT_BYTES 42 /* two numbers of 20 digits, a blank and a line end: always as long */

static bool is_before(const struct se_state *a, const struct se_state *b)
{
    return a->epoch != b->epoch ? a->epoch < b->epoch : a->counter < b->counter;
}

static enum rdv_err read_file(struct se_epoch *e, const char *path)
{
    char text[TEXT_BYTES + 1] = "";
    const ssize_t n = pread(e->fd, text, TEXT_BYTES, 0);

    if (n == TEXT_BYTES &&
        sscanf(text, "%20" SCNd64 " %20" SCNd64, &e->noted.epoch, &e->noted.counter) == 2)
        return RDV_OK;
    log_error("%s: not two numbers", path);
    return RDV_ERR_FORMAT;
}

enum rdv_err se_epoch_open(struct se_epoch *e, bool *behind, const char *path,
                           const struct se_state *db)
{
    const bool never_started = db->epoch == 0;
    enum rdv_err err;

    *e = (struct se_epoch){ .fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) };
    *behind = false;
    if (e->fd < 0 && errno == ENOENT) {
        *behind = !never_started;
        e->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (e->fd >= 0)
            return rdv_file_sync_dir_of(path);
    }
    if (e->fd < 0) {
        log_error("%s: %s", path, strerror(errno));
        return RDV_ERR_IO;
    }
    if ((err = rdv_file_check_private(e->fd, path)) == RDV_OK &&
        (err = read_file(e, path)) == RDV_OK)
        *behind = is_before(db, &e->noted);
    return err;
}

void se_epoch_close(struct se_epoch *e)
{
    if (e->fd >= 0)
        (void)close(e->fd);
    e->fd = -1;
}

enum rdv_err se_epoch_note(struct se_epoch *e, const struct se_state *state, bool sync)
{
    char text[TEXT_BYTES + 1];

    if (is_before(&e->noted, state)) {
        (void)snprintf(text, sizeof(text), "%020" PRId64 " %020" PRId64 "\n", state->epoch,
                       state->counter);
        if (pwrite(e->fd, text, TEXT_BYTES, 0) != TEXT_BYTES) {
            log_error("epoch: %s", strerror(errno));
            return RDV_ERR_IO;
        }
        e->noted = *state;
    }
    if (sync && fsync(e->fd) != 0) {
        log_error("epoch: %s", strerror(errno));
        return RDV_ERR_IO;
    }
    return RDV_OK;
}
