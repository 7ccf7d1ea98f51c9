/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/profile.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/private.h"
#include "base/quote.h"
#include "base/why.h"

#define BLANKS " \t\r\v\f"
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* The keys of a profile, and where they go. */
static const struct field {
    const char *key;
    size_t offset, size;
} fields[] = {
#define FIELD(key, name)                                                                      \
    {                                                                                         \
        key, offsetof(struct tool_profile, name), sizeof(((struct tool_profile *)NULL)->name) \
    }
    FIELD("address", address),   FIELD("sen", sen),           FIELD("identity", identity),
    FIELD("psk-file", psk_file), FIELD("card-key", card_key),
#undef FIELD
};

/* One reading of a file. */
struct reading {
    struct tool_profiles *out;
    const char *path;
    struct rdv_span rest;
    unsigned line;
    struct tool_profile *current; /* NULL before the first section */
    enum rdv_err err;             /* of the first fault */
    struct rdv_why *why;
};

/* Keeps the first fault only: later ones may follow from it. */
static void fault(struct reading *r, const char *what, const char *text)
{
    if (r->err == RDV_OK)
        r->err = rdv_why_say(r->why, RDV_ERR_CONFIG, "%s:%u: %s%s%s", r->path, r->line, what,
                             text[0] == '\0' ? "" : ": ", rdv_quote(rdv_span_of(text)).text);
}

static void begin_profile(struct reading *r, const char *name)
{
    struct tool_profile *list;

    if (!tool_profile_name_is_valid(name)) {
        fault(r, "not a name for a profile", name);
    } else if (tool_profile_named(r->out, name) != NULL) {
        fault(r, "a profile twice", name);
    } else if (r->out->n == TOOL_PROFILES_MAX) {
        fault(r, "too many profiles", "");
    } else if ((list = calloc(r->out->n + 1, sizeof(*list))) == NULL) {
        r->err = RDV_ERR_NOMEM;
    } else {
        if (r->out->n > 0)
            memcpy(list, r->out->list, r->out->n * sizeof(*list));
        free(r->out->list);
        r->out->list = list;
        r->current = &list[r->out->n++];
        memcpy(r->current->name, name, strlen(name) + 1);
    }
}

static void set_text(struct reading *r, char *out, size_t size, const char *key, const char *value)
{
    if (out[0] != '\0')
        fault(r, "given twice", key);
    else if (value[0] == '\0')
        fault(r, "no value", key);
    else if (rdv_span_to_text(out, size, rdv_span_of(value)) != RDV_OK)
        fault(r, "too long", key);
}

static void set_field(struct reading *r, const char *key, const char *value)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(key, fields[i].key) == 0) {
            set_text(r, (char *)r->current + fields[i].offset, fields[i].size, key, value);
            return;
        }
    }
    fault(r, "a profile has no such thing", key);
}

/* fgets(3) over the span, counting lines; the reader would cut a line that does not fit in two. */
static char *next_line(char *out, int size, void *user)
{
    struct reading *r = user;
    const uint8_t *lf;
    size_t n;

    if (r->rest.n == 0 || r->err != RDV_OK)
        return NULL;
    lf = memchr(r->rest.p, '\n', r->rest.n);
    n = lf == NULL ? r->rest.n : (size_t)(lf - r->rest.p) + 1;
    r->line++;
    if (n >= (size_t)size || memchr(r->rest.p, 0, n) != NULL) {
        fault(r, n >= (size_t)size ? "the line is too long" : "holds a NUL byte", "");
        return NULL;
    }
    memcpy(out, r->rest.p, n);
    out[n] = '\0';
    r->rest.p += n;
    r->rest.n -= n;
    /* A section without pairs would go unnoticed, and so would bytes behind its bracket. What the
     * reader would skip in front of a name is refused: who changes the text looks for names at its
     * left. */
    if (out[0] == '[') {
        char *end = strchr(out, ']');

        if (end == NULL || end[1 + strspn(end + 1, " \t\r\n")] != '\0') {
            fault(r, "not [NAME]", "");
        } else {
            *end = '\0';
            begin_profile(r, out + 1);
            *end = ']';
        }
    } else if (strchr(BLANKS, out[0]) != NULL && out[strspn(out, BLANKS "\n")] != '\0') {
        fault(r, "begins with a blank", "");
    } else if (strncmp(out, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0) {
        fault(r, "begins with a byte order mark", "");
    }
    return out;
}

static int on_pair(void *user, const char *section, const char *key, const char *value)
{
    struct reading *r = user;

    (void)section; /* next_line has seen it */
    if (r->err != RDV_OK)
        return 1;
    if (r->current != NULL)
        set_field(r, key, value == NULL ? "" : value);
    else if (strcmp(key, "default") == 0)
        set_text(r, r->out->fallback, sizeof(r->out->fallback), key, value == NULL ? "" : value);
    else
        fault(r, "outside of a profile there is only default", key);
    return 1;
}

enum rdv_err tool_profiles_parse(struct tool_profiles *out, struct rdv_span text, const char *path,
                                 struct rdv_why *why)
{
    struct reading r = { .out = out, .path = path, .rest = text, .why = why };
    int line;

    *out = (struct tool_profiles){ 0 };
    line = ini_parse_stream(next_line, &r, on_pair, &r);
    if (line != 0) {
        r.line = line > 0 ? (unsigned)line : 1;
        fault(&r, "not a line of the form name = value", "");
    }
    if (r.err == RDV_OK && out->fallback[0] != '\0' &&
        tool_profile_named(out, out->fallback) == NULL) {
        r.line = 1;
        fault(&r, "the default is no profile", out->fallback);
    }
    if (r.err != RDV_OK)
        tool_profiles_free(out);
    return r.err;
}

enum rdv_err tool_profiles_read(struct tool_profiles *out, const char *path, struct rdv_why *why)
{
    struct rdv_buf text = RDV_BUF(TOOL_CONFIG_MAX);
    enum rdv_err err;

    *out = (struct tool_profiles){ 0 };
    if ((err = rdv_private_read(&text, path, why)) == RDV_OK)
        err = tool_profiles_parse(out, rdv_buf_view(&text), path, why);
    else if (err == RDV_ERR_ABSENT)
        err = RDV_OK;
    rdv_buf_free(&text);
    return err;
}
