/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/librdv/text.h"

#include <string.h>

#include "schema/wire/command.h"
#include "schema/wire/tls_record.h"

enum guest_text_kind guest_text_kind_of(struct rdv_span line)
{
    struct rdv_command command;

    if (line.n > 0 && line.p[0] == '!')
        return GUEST_TEXT_WORDS;
    if (rdv_command_decode(&command, line) == RDV_OK && command.letter == '?' &&
        command.index == 0x02)
        return GUEST_TEXT_GOODBYE;
    return GUEST_TEXT_COMMAND;
}

/* The last line, without its end; NULL when the text does not end with a line end. */
static struct rdv_span last_line(struct rdv_span text)
{
    const struct rdv_span body = rdv_command_strip_end(text);
    const uint8_t *lf;

    if (body.n == text.n)
        return (struct rdv_span){ NULL, 0 };
    lf = body.n == 0 ? NULL : memrchr(body.p, '\n', body.n);
    if (lf == NULL)
        return body;
    return (struct rdv_span){ lf + 1, body.n - (size_t)(lf + 1 - body.p) };
}

static bool begins(struct rdv_span line, const char *word)
{
    const size_t n = strlen(word);

    return line.n >= n && memcmp(line.p, word, n) == 0;
}

bool guest_text_is_whole(enum guest_text_kind kind, struct rdv_span answer, size_t last)
{
    if (kind == GUEST_TEXT_WORDS)
        return rdv_span_is(last_line(answer), "OK") || begins(last_line(answer), "ERR ");
    /* One answer, one record, unless it is longer than a record can be. */
    return last < RDV_TLS_PLAIN_MAX || rdv_command_strip_end(answer).n < answer.n;
}

/* "ERR word reason". A word that is not known here comes from a newer card. */
static void read_refusal(struct guest_text *out, struct rdv_span line)
{
    struct rdv_span word = { line.p + 4, line.n - 4 };
    const uint8_t *blank = word.n == 0 ? NULL : memchr(word.p, ' ', word.n);

    out->reason = word;
    if (blank != NULL) {
        word.n = (size_t)(blank - word.p);
        out->reason = (struct rdv_span){ blank + 1, out->reason.n - word.n - 1 };
    }
    out->err = rdv_err_of(word.p, word.n);
    if (out->err == RDV_OK) {
        out->err = RDV_ERR_REFUSED;
        out->reason = (struct rdv_span){ line.p + 4, line.n - 4 };
    }
}

void guest_text_read(struct guest_text *out, enum guest_text_kind kind, struct rdv_span answer)
{
    *out = (struct guest_text){ .body = rdv_command_strip_end(answer) };
    if (kind == GUEST_TEXT_WORDS) {
        const struct rdv_span line = last_line(answer);

        if (begins(line, "ERR "))
            read_refusal(out, line);
        out->body =
                rdv_command_strip_end((struct rdv_span){ answer.p, (size_t)(line.p - answer.p) });
    } else if (rdv_span_is(out->body, "ERROR")) {
        *out = (struct guest_text){ .err = RDV_ERR_REFUSED };
    }
}
