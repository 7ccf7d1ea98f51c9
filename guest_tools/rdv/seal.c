/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv keygen, seal, open: content that only one reader can read. No card is asked. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/private.h"
#include "base/random.h"
#include "guest_tools/rdv/box.h"
#include "guest_tools/rdv/files.h"
#include "guest_tools/rdv/json.h"

#define PUBLIC_DIGITS (2 * TOOL_BOX_PUBLIC_BYTES)
#define PUBLIC_FILE_MAX (PUBLIC_DIGITS + 2) /* CR LF at most */

/* --- keys ------------------------------------------------------------------------------------- */

/* Shown, and written where --output says. */
static enum rdv_err show_public(struct tool *t, const struct rdv_key *secret)
{
    uint8_t public[TOOL_BOX_PUBLIC_BYTES];
    char line[PUBLIC_DIGITS + 2] = "";
    const struct rdv_span text = { (const uint8_t *)line, PUBLIC_DIGITS + 1 };
    enum rdv_err err;

    if ((err = tool_box_public(public, secret)) != RDV_OK)
        return err;
    rdv_hex_encode(line, (struct rdv_span){ public, sizeof(public) });
    line[PUBLIC_DIGITS] = '\n';
    if (t->options.output != NULL || !t->options.json)
        err = tool_write_output(t, text, 0666);
    if (err == RDV_OK && t->options.json)
        tool_json_object(&(struct tool_json_field){ "public", { text.p, PUBLIC_DIGITS }, 0 }, 1);
    return err;
}

TOOL_COMMAND(keygen)
{
    const char *file = tool_next(t);
    struct rdv_key secret = { 0 };
    enum rdv_err err;

    if ((err = tool_no_more(t)) != RDV_OK)
        return err;
    if (file == NULL)
        return tool_why(t, RDV_ERR_USAGE, "which file is the secret key for?");
    if (t->options.public) {
        err = rdv_private_key(&secret, file, &t->why);
    } else {
        rdv_random(secret.bytes, sizeof(secret.bytes));
        err = rdv_private_key_create(file, &secret, &t->why);
    }
    if (err == RDV_OK)
        err = show_public(t, &secret);
    rdv_key_wipe(&secret);
    return err;
}

/* Digits, or @FILE that holds them. */
static enum rdv_err read_public(struct tool *t, uint8_t out[TOOL_BOX_PUBLIC_BYTES])
{
    struct rdv_buf text = RDV_BUF(PUBLIC_FILE_MAX);
    const char *to = t->options.to;
    struct rdv_span digits;
    enum rdv_err err;

    if (to == NULL)
        return tool_why(t, RDV_ERR_USAGE, "for whom? --to KEY, or --to @FILE");
    err = to[0] == '@' ? tool_read_input(t, &text, to + 1) : rdv_put_text(&text, to);
    if (err == RDV_OK || err == RDV_ERR_LIMIT) {
        digits = rdv_buf_view(&text);
        while (digits.n > 0 && strchr("\r\n", digits.p[digits.n - 1]) != NULL)
            digits.n--;
        if (err != RDV_OK || rdv_hex_decode(out, TOOL_BOX_PUBLIC_BYTES, digits) != RDV_OK)
            err = tool_why(t, to[0] == '@' ? RDV_ERR_FORMAT : RDV_ERR_USAGE,
                           "--to: a reader's public key is %d hex digits", PUBLIC_DIGITS);
    }
    rdv_buf_free(&text);
    return err;
}

/* --- boxes ------------------------------------------------------------------------------------ */

/* In JSON the content, or where it was written. */
static enum rdv_err put_out(struct tool *t, struct rdv_span bytes, unsigned mode)
{
    struct tool_json_field fields[] = { { "bytes", { NULL, 0 }, bytes.n },
                                        { "content", bytes, 0 } };
    enum rdv_err err = RDV_OK;

    if (t->options.output != NULL || !t->options.json)
        err = tool_write_output(t, bytes, mode);
    if (t->options.output != NULL)
        fields[1] = (struct tool_json_field){ "file", rdv_span_of(t->options.output), 0 };
    if (err == RDV_OK && t->options.json)
        tool_json_object(fields, 2);
    return err;
}

TOOL_COMMAND(seal)
{
    struct rdv_buf plain = RDV_BUF(TOOL_BOX_PLAIN_MAX), box = RDV_BUF(TOOL_BOX_MAX);
    uint8_t reader[TOOL_BOX_PUBLIC_BYTES];
    const char *file = tool_next(t);
    enum rdv_err err;

    if ((err = tool_no_more(t)) == RDV_OK && (err = read_public(t, reader)) == RDV_OK &&
        (err = tool_read_input(t, &plain, file)) == RDV_OK) {
        if ((err = tool_box_seal(&box, rdv_buf_view(&plain), reader)) == RDV_ERR_WEAK)
            (void)tool_why(t, err, "--to: this public key would hide nothing");
        if (err == RDV_OK)
            err = put_out(t, rdv_buf_view(&box), 0666);
    }
    rdv_buf_free(&plain);
    rdv_buf_free(&box);
    return err;
}

TOOL_COMMAND(open)
{
    struct rdv_buf plain = RDV_BUF(TOOL_BOX_PLAIN_MAX), box = RDV_BUF(TOOL_BOX_MAX);
    const char *file = tool_next(t);
    struct rdv_key secret = { 0 };
    enum rdv_err err;

    if ((err = tool_no_more(t)) != RDV_OK)
        return err;
    if (t->options.key == NULL)
        return tool_why(t, RDV_ERR_USAGE, "by which key? --key FILE");
    if ((err = rdv_private_key(&secret, t->options.key, &t->why)) == RDV_OK &&
        (err = tool_read_input(t, &box, file)) == RDV_OK) {
        if ((err = tool_box_open(&plain, rdv_buf_view(&box), &secret)) == RDV_ERR_AUTH)
            (void)tool_why(t, err, "the box is damaged, or is for another reader");
        else if (err == RDV_ERR_SHORT)
            (void)tool_why(t, err, "too short: a box has at least %d bytes", TOOL_BOX_OVERHEAD);
        if (err == RDV_OK)
            err = put_out(t, rdv_buf_view(&plain), 0600); /* a secret until its owner says else */
    }
    rdv_key_wipe(&secret);
    rdv_buf_free(&plain);
    rdv_buf_free(&box);
    return err;
}
