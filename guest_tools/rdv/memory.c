/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/private.h"
#include "guest_tools/rdv/files.h"

#define KEY_BYTES 65

enum rdv_err tool_card_key(struct tool *t, char out[TOOL_CARD_KEY_TEXT])
{
    const char *given = t->options.card_key;
    struct rdv_buf text = RDV_BUF(TOOL_CARD_KEY_TEXT);
    struct rdv_span digits;
    enum rdv_err err;

    out[0] = '\0';
    if (given == NULL)
        return RDV_OK;
    err = given[0] == '@' ? tool_read_input(t, &text, given + 1) : rdv_put_text(&text, given);
    digits = rdv_buf_view(&text);
    while (digits.n > 0 && (digits.p[digits.n - 1] == '\n' || digits.p[digits.n - 1] == '\r'))
        digits.n--;
    if (err == RDV_ERR_LIMIT ||
        (err == RDV_OK &&
         (digits.n == 0 || rdv_span_to_text(out, TOOL_CARD_KEY_TEXT, digits) != RDV_OK)))
        err = tool_why(t, RDV_ERR_USAGE, "--card-key: the hex digits of ?0A, or @FILE");
    rdv_buf_free(&text);
    return err;
}

static enum rdv_err make_verifier(struct tool *t, struct tool_memory *m, const char *key,
                                  const char *sen)
{
    struct rdv_buf bytes = RDV_BUF(KEY_BYTES);
    struct rdv_verifier_options options = { .sen = sen,
                                            .from_start = t->options.from_start,
                                            .heads = t->options.heads };
    enum rdv_err err = rdv_hex_get(&bytes, rdv_span_of(key));

    options.key = rdv_buf_view(&bytes).p;
    options.n_key = rdv_buf_len(&bytes);
    if (err == RDV_OK)
        err = rdv_verifier_new(&m->verifier, &options);
    rdv_buf_free(&bytes);
    if (err != RDV_OK && err != RDV_ERR_NOMEM)
        err = tool_why(t, RDV_ERR_USAGE,
                       "a card's key is 66 or 130 hex digits of a point on secp256k1 (?0A)");
    return err;
}

/* A file is replaced when it is kept: what is locked stands beside it. */
static enum rdv_err lock(struct tool *t, struct tool_memory *m)
{
    char path[PATH_MAX];
    const int n = snprintf(path, sizeof(path), "%s.lock", m->path);

    if (n < 0 || (size_t)n >= sizeof(path))
        return tool_why(t, RDV_ERR_USAGE, "--state: the path is too long");
    if ((m->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)) < 0)
        return tool_why(t, RDV_ERR_IO, "%s: %s", path, strerror(errno));
    if (flock(m->lock, LOCK_EX | LOCK_NB) != 0)
        return tool_why(t, errno == EWOULDBLOCK ? RDV_ERR_BUSY : RDV_ERR_IO,
                        "%s: another rdv is at it", m->path);
    return RDV_OK;
}

static enum rdv_err take_up(struct tool *t, struct tool_memory *m)
{
    struct rdv_buf bytes = RDV_BUF(RDV_VERIFY_STATE_MAX);
    struct rdv_span kept;
    struct rdv_why why = { "" };
    enum rdv_err err;

    if ((err = rdv_private_read(&bytes, m->path, &t->why)) == RDV_ERR_ABSENT) {
        t->why.text[0] = '\0';
        tool_say(t, "%s: nothing was kept yet", m->path);
        err = RDV_OK;
    } else if (err == RDV_OK) {
        kept = rdv_buf_view(&bytes);
        if ((err = rdv_verifier_load(m->verifier, kept.p, kept.n, &why)) != RDV_OK)
            (void)tool_why(t, err, "%.200s: %s", m->path, why.text);
    }
    rdv_buf_free(&bytes);
    return err;
}

enum rdv_err tool_memory_open(struct tool *t, struct tool_memory *m, const char *key,
                              const char *sen)
{
    enum rdv_err err;

    *m = (struct tool_memory){ .path = t->options.state, .lock = -1 };
    if ((err = make_verifier(t, m, key, sen)) == RDV_OK && m->path != NULL &&
        (err = lock(t, m)) == RDV_OK)
        err = take_up(t, m);
    if (err != RDV_OK)
        tool_memory_close(m);
    return err;
}

enum rdv_err tool_memory_keep(struct tool *t, struct tool_memory *m)
{
    uint8_t *bytes;
    size_t n;
    enum rdv_err err;

    if (m->path == NULL || !m->changed)
        return RDV_OK;
    if ((err = rdv_verifier_save(m->verifier, &bytes, &n)) != RDV_OK)
        return err;
    err = rdv_private_write(m->path, (struct rdv_span){ bytes, n }, S_IRUSR | S_IWUSR, false,
                            &t->why);
    free(bytes);
    m->changed = err != RDV_OK;
    return err;
}

void tool_memory_close(struct tool_memory *m)
{
    rdv_verifier_free(m->verifier);
    m->verifier = NULL;
    if (m->lock >= 0)
        (void)close(m->lock);
    m->lock = -1;
}
