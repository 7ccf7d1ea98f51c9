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
#include "se_card/moment.h"

#define DIGITS 20
#define TEXT_BYTES (2 * DIGITS + 2) /* two numbers, a blank and a line end: always as long */

static bool is_before(const struct se_state *a, const struct se_state *b)
{
    return a->epoch != b->epoch ? a->epoch < b->epoch : a->counter < b->counter;
}

/* Nothing is noted in an empty file. */
static enum rdv_err read_file(struct se_epoch *e, bool *empty, const char *path)
{
    uint8_t text[TEXT_BYTES + 1];
    const ssize_t n = pread(e->fd, text, sizeof(text), 0);

    *empty = n == 0;
    if (n == 0 ||
        (n == TEXT_BYTES && text[DIGITS] == ' ' && text[TEXT_BYTES - 1] == '\n' &&
         se_number_decode(&e->noted.epoch, (struct rdv_span){ text, DIGITS }, INT64_MAX) ==
                 RDV_OK &&
         se_number_decode(&e->noted.counter, (struct rdv_span){ text + DIGITS + 1, DIGITS },
                          INT64_MAX) == RDV_OK))
        return RDV_OK;
    log_error("%s: not two numbers", path);
    return RDV_ERR_FORMAT;
}

static enum rdv_err write_file(const struct se_epoch *e, const struct se_state *state)
{
    char text[TEXT_BYTES + 1];

    (void)snprintf(text, sizeof(text), "%0*" PRId64 " %0*" PRId64 "\n", DIGITS, state->epoch,
                   DIGITS, state->counter);
    if (pwrite(e->fd, text, TEXT_BYTES, 0) == TEXT_BYTES)
        return RDV_OK;
    log_error("epoch: %s", strerror(errno));
    return RDV_ERR_IO;
}

static enum rdv_err sync_file(const struct se_epoch *e)
{
    if (fsync(e->fd) == 0)
        return RDV_OK;
    log_error("epoch: %s", strerror(errno));
    return RDV_ERR_IO;
}

enum rdv_err se_epoch_open(struct se_epoch *e, bool *behind, const char *path,
                           const struct se_state *db)
{
    const bool never_started = db->epoch == 0;
    bool empty;
    enum rdv_err err;

    *behind = false;
    *e = (struct se_epoch){ .fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                                       S_IRUSR | S_IWUSR) };
    if (e->fd < 0) {
        log_error("%s: %s", path, strerror(errno));
        return RDV_ERR_IO;
    }
    if ((err = rdv_file_check_private(e->fd, path)) != RDV_OK ||
        (err = read_file(e, &empty, path)) != RDV_OK)
        return err;
    *behind = empty ? !never_started : is_before(db, &e->noted);
    if (!empty || !never_started)
        return RDV_OK;
    /* From here on an empty file is one that has lost what it said. */
    if ((err = write_file(e, db)) != RDV_OK || (err = sync_file(e)) != RDV_OK)
        return err;
    return rdv_file_sync_dir_of(path);
}

void se_epoch_close(struct se_epoch *e)
{
    if (e->fd >= 0)
        (void)close(e->fd);
    e->fd = -1;
}

enum rdv_err se_epoch_note(struct se_epoch *e, const struct se_state *state, bool sync)
{
    enum rdv_err err;

    if (is_before(&e->noted, state)) {
        if ((err = write_file(e, state)) != RDV_OK)
            return err;
        e->noted = *state;
    }
    return sync ? sync_file(e) : RDV_OK;
}
