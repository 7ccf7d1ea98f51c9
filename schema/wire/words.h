/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of the `!` language, for people:
 *
 *   !guest add "a name" rights=read,write records=00-0F
 *
 * Words first, then key=value, separated by blanks. A word or a value may stand in double quotes,
 * where \" and \\ mean " and \. Control bytes are refused everywhere. Answers are written by the
 * same rules, so that they can be read back.
 */
#ifndef RDV_SCHEMA_WIRE_WORDS_H
#define RDV_SCHEMA_WIRE_WORDS_H

#include "base/bytes.h"
#include "base/err.h"

#define RDV_WORDS_MAX 6
#define RDV_WORDS_ARGS_MAX 16

struct rdv_words {
    size_t n;
    struct rdv_span word[RDV_WORDS_MAX];
    size_t n_args;
    struct {
        struct rdv_span key, value;
    } arg[RDV_WORDS_ARGS_MAX];
};

/*
 * Reads a line (behind its '!'). Spans point into `text`, which receives the words without their
 * quotes and must not change while they are used.
 * Returns: RDV_ERR_FORMAT (quotes, a word behind key=value, an empty key), RDV_ERR_RANGE (a control
 * byte), RDV_ERR_EXISTS (a key twice), RDV_ERR_LIMIT (too many), RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err rdv_words_decode(struct rdv_words *out, struct rdv_buf *text,
                                           struct rdv_span line);

/* True when no byte is a control byte. */
bool rdv_words_is_plain(struct rdv_span text);

/* The value of a key, or NULL. */
const struct rdv_span *rdv_words_arg(const struct rdv_words *w, const char *key);

/* Appends a value, in quotes where the rules above ask for them; control and high bytes as "\xNN"
 * (which is for the eye: names with such bytes are refused). */
RDV_MUST_USE enum rdv_err rdv_words_put(struct rdv_buf *out, struct rdv_span value);

/* Appends key=value and a blank. */
RDV_MUST_USE enum rdv_err rdv_words_put_arg(struct rdv_buf *out, const char *key,
                                            struct rdv_span value);
RDV_MUST_USE enum rdv_err rdv_words_put_number(struct rdv_buf *out, const char *key, int64_t value);

/* Replaces the blank behind the last value by a line end. */
RDV_MUST_USE enum rdv_err rdv_words_put_end(struct rdv_buf *out);

#endif
