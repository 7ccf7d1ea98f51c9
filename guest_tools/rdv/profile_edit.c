/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of a configuration's text: what a person wrote besides, comments too, stays as it is. */
#include <string.h>

#include "base/why.h"
#include "guest_tools/rdv/profile.h"

/* The first line of `text`, with its end. */
static struct rdv_span line_of(struct rdv_span text)
{
    const uint8_t *lf = memchr(text.p, '\n', text.n);

    return (struct rdv_span){ text.p, lf == NULL ? text.n : (size_t)(lf - text.p) + 1 };
}

static bool begins(struct rdv_span line, const char *with)
{
    const size_t n = strlen(with);

    return line.n >= n && memcmp(line.p, with, n) == 0;
}

/* "default", and then no other letter of a name. */
static bool is_default(struct rdv_span line)
{
    return begins(line, "default") && line.n > 7 && strchr(" \t=:", line.p[7]) != NULL;
}

static bool is_profile(struct rdv_span line, const char *name)
{
    const size_t n = strlen(name);

    return line.n >= n + 2 && line.p[0] == '[' && memcmp(line.p + 1, name, n) == 0 &&
           line.p[n + 1] == ']';
}

/* Copies the text without a profile, without the line of the default, or without both. */
static enum rdv_err leave_out(struct rdv_buf *out, struct rdv_span text, const char *profile,
                              bool no_default)
{
    bool inside = false, head = true;
    enum rdv_err err = RDV_OK;

    while (text.n > 0 && err == RDV_OK) {
        const struct rdv_span line = line_of(text);

        if (line.p[0] == '[') {
            head = false;
            inside = profile != NULL && is_profile(line, profile);
        }
        if (!inside && !(no_default && head && is_default(line)))
            err = rdv_put_bytes(out, line);
        text.p += line.n;
        text.n -= line.n;
    }
    return err;
}

static enum rdv_err put_pair(struct rdv_buf *out, const char *key, const char *value)
{
    enum rdv_err err = RDV_OK;

    if (value[0] != '\0' && (err = rdv_put_text(out, key)) == RDV_OK &&
        (err = rdv_put_text(out, " = ")) == RDV_OK && (err = rdv_put_text(out, value)) == RDV_OK)
        err = rdv_put_text(out, "\n");
    return err;
}

static enum rdv_err put_profile(struct rdv_buf *out, const struct tool_profile *p)
{
    const struct rdv_span before = rdv_buf_view(out);
    enum rdv_err err = RDV_OK;

    if (before.n > 0 && before.p[before.n - 1] != '\n')
        err = rdv_put_text(out, "\n");
    if (err == RDV_OK && before.n > 0)
        err = rdv_put_text(out, "\n");
    if (err != RDV_OK || (err = rdv_put_text(out, "[")) != RDV_OK ||
        (err = rdv_put_text(out, p->name)) != RDV_OK ||
        (err = rdv_put_text(out, "]\n")) != RDV_OK ||
        (err = put_pair(out, "address", p->address)) != RDV_OK ||
        (err = put_pair(out, "sen", p->sen)) != RDV_OK ||
        (err = put_pair(out, "identity", p->identity)) != RDV_OK ||
        (err = put_pair(out, "psk-file", p->psk_file)) != RDV_OK)
        return err;
    return put_pair(out, "card-key", p->card_key);
}

/* What was written must be read back as it was meant: a value may hold what has a meaning there. */
static enum rdv_err check(struct rdv_span text, const struct tool_profile *want,
                          struct rdv_why *why)
{
    struct tool_profiles all;
    const struct tool_profile *got;
    enum rdv_err err;

    if ((err = tool_profiles_parse(&all, text, "new configuration", why)) != RDV_OK)
        return err;
    got = want == NULL ? NULL : tool_profile_named(&all, want->name);
    if (want != NULL &&
        (got == NULL || strcmp(got->address, want->address) != 0 ||
         strcmp(got->sen, want->sen) != 0 || strcmp(got->identity, want->identity) != 0 ||
         strcmp(got->psk_file, want->psk_file) != 0 || strcmp(got->card_key, want->card_key) != 0))
        err = rdv_why_say(why, RDV_ERR_CONFIG,
                          "a configuration cannot hold these characters in a value");
    tool_profiles_free(&all);
    return err;
}

enum rdv_err tool_profiles_add(struct rdv_buf *out, struct rdv_span text,
                               const struct tool_profile *p, bool as_default, struct rdv_why *why)
{
    enum rdv_err err = RDV_OK;

    if (as_default)
        err = put_pair(out, "default", p->name);
    if (err != RDV_OK || (err = leave_out(out, text, NULL, as_default)) != RDV_OK ||
        (err = put_profile(out, p)) != RDV_OK)
        return err;
    return check(rdv_buf_view(out), p, why);
}

enum rdv_err tool_profiles_remove(struct rdv_buf *out, struct rdv_span text, const char *name,
                                  bool is_fallback, struct rdv_why *why)
{
    enum rdv_err err;

    if ((err = leave_out(out, text, name, is_fallback)) != RDV_OK)
        return err;
    return check(rdv_buf_view(out), NULL, why);
}
