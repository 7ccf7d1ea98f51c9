/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/random.h"
#include "base/why.h"

#define LINE_MAX_BYTES 200
#define DONE "done"

static struct rdv_span next_word(struct rdv_span *line)
{
    const uint8_t *blank = line->n == 0 ? NULL : memchr(line->p, ' ', line->n);
    const struct rdv_span word = { line->p, blank == NULL ? line->n : (size_t)(blank - line->p) };
    const size_t skip = word.n + (blank != NULL);

    line->p += skip;
    line->n -= skip;
    return word;
}

static bool read_number(uint64_t *out, struct rdv_span word)
{
    *out = 0;
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] < '0' || word.p[i] > '9' || *out > (UINT64_MAX - 9) / 10)
            return false;
        *out = 10 * *out + word.p[i] - '0';
    }
    return word.n > 0;
}

/* The last line about a record counts; a `once` stays when its post is done. */
static bool read_line(struct tool_journal *j, struct rdv_span line)
{
    struct tool_journal_entry e = { .begun = true };
    uint8_t record;
    struct rdv_span word;

    if (rdv_hex_decode(&record, 1, next_word(&line)) != RDV_OK)
        return false;
    word = next_word(&line);
    e.done = rdv_span_is(word, DONE);
    if ((!e.done && rdv_hex_decode(e.once, sizeof(e.once), word) != RDV_OK) ||
        !read_number(&e.bytes, next_word(&line)) || !read_number(&e.version, next_word(&line)) ||
        line.n > 0)
        return false;
    j->entries[record] = e;
    return true;
}

/* A last line without its end was being written when all stopped: it is as if it were not there. */
static enum rdv_err read_all(struct tool_journal *j, const char *about, struct rdv_why *why)
{
    char line[LINE_MAX_BYTES];
    unsigned n = 0;
    long whole = 0;

    while (fgets(line, sizeof(line), j->file) != NULL) {
        const size_t length = strlen(line);

        n++;
        if (line[length - 1] != '\n')
            break;
        line[length - 1] = '\0';
        if (n == 1 && strcmp(line, about) != 0)
            return rdv_why_say(why, RDV_ERR_CONFIG,
                               "%s is of \"%.80s\", this is \"%s\": remove it to give that up",
                               j->path, line, about);
        if (n > 1 && !read_line(j, (struct rdv_span){ (const uint8_t *)line, length - 1 }))
            return rdv_why_say(why, RDV_ERR_CONFIG, "%s:%u: damaged: remove it to begin anew",
                               j->path, n);
        whole = ftell(j->file);
    }
    if (ferror(j->file) || ftruncate(fileno(j->file), whole) != 0 ||
        fseek(j->file, whole, SEEK_SET) != 0)
        return rdv_why_say(why, RDV_ERR_IO, "%s: %s", j->path, strerror(errno));
    return RDV_OK;
}

static enum rdv_err append(struct tool_journal *j, struct rdv_why *why, const char *line)
{
    if (j->file == NULL || (fputs(line, j->file) >= 0 && fflush(j->file) == 0))
        return RDV_OK;
    return rdv_why_say(why, RDV_ERR_IO, "%s: %s", j->path, strerror(errno));
}

enum rdv_err tool_journal_open(struct tool_journal *j, const char *path, const char *about,
                               struct rdv_why *why)
{
    char first[LINE_MAX_BYTES];
    enum rdv_err err;

    *j = (struct tool_journal){ .file = NULL };
    if (rdv_span_to_text(j->path, sizeof(j->path), rdv_span_of(path)) != RDV_OK)
        return rdv_why_say(why, RDV_ERR_LIMIT, "the path is too long");
    if ((j->file = fopen(path, "r+e")) == NULL && (j->file = fopen(path, "w+ex")) == NULL)
        return rdv_why_say(why, RDV_ERR_IO, "%s: %s", path, strerror(errno));
    if ((err = read_all(j, about, why)) == RDV_OK && ftell(j->file) == 0) {
        (void)snprintf(first, sizeof(first), "%s\n", about);
        err = append(j, why, first);
    }
    if (err != RDV_OK)
        tool_journal_close(j, false);
    return err;
}

static bool is_same(const struct tool_journal_entry *e, uint64_t bytes, uint64_t version)
{
    return e->begun && e->bytes == bytes && e->version == version;
}

enum rdv_err tool_journal_begin(struct tool_journal *j, uint8_t record, uint64_t bytes,
                                uint64_t version, uint8_t once[TOOL_ONCE_BYTES],
                                struct rdv_why *why)
{
    struct tool_journal_entry *e = &j->entries[record];
    char digits[2 * TOOL_ONCE_BYTES + 1] = "", line[LINE_MAX_BYTES];

    if (!is_same(e, bytes, version) || e->done) {
        *e = (struct tool_journal_entry){ .begun = true, .bytes = bytes, .version = version };
        rdv_random(e->once, sizeof(e->once));
        rdv_hex_encode(digits, (struct rdv_span){ e->once, sizeof(e->once) });
        (void)snprintf(line, sizeof(line), "%02X %s %" PRIu64 " %" PRIu64 "\n", (unsigned)record,
                       digits, bytes, version);
        memcpy(once, e->once, sizeof(e->once));
        return append(j, why, line);
    }
    memcpy(once, e->once, sizeof(e->once));
    return RDV_OK;
}

bool tool_journal_is_done(const struct tool_journal *j, uint8_t record, uint64_t bytes,
                          uint64_t version)
{
    return j->entries[record].done && is_same(&j->entries[record], bytes, version);
}

enum rdv_err tool_journal_done(struct tool_journal *j, uint8_t record, uint64_t bytes,
                               uint64_t version, struct rdv_why *why)
{
    char line[LINE_MAX_BYTES];

    j->entries[record] = (struct tool_journal_entry){
        .begun = true, .done = true, .bytes = bytes, .version = version
    };
    (void)snprintf(line, sizeof(line), "%02X " DONE " %" PRIu64 " %" PRIu64 "\n", (unsigned)record,
                   bytes, version);
    return append(j, why, line);
}

void tool_journal_close(struct tool_journal *j, bool all_done)
{
    if (j->file == NULL)
        return;
    (void)fclose(j->file);
    j->file = NULL;
    if (all_done)
        (void)unlink(j->path);
}
