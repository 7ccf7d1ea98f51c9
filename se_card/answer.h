/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a command answers, said once and written for whoever asked: rows of key=value for people, a
 * map for programs (docs/protocol.md). A handler says its values in the order people read them;
 * keys for programs are sorted.
 *
 * The first fault sticks, in `err`, and what is said after it is ignored: a handler need not look.
 */
#ifndef RDV_SE_CARD_ANSWER_H
#define RDV_SE_CARD_ANSWER_H

#include "base/bytes.h"
#include "base/err.h"
#include "schema/wire/cbor.h"

#define SE_ANSWER_LEVELS 4 /* map, list, map of a row, map in it */

struct se_answer {
    struct rdv_buf *out; /* borrowed; TLS-SE commands, whose answers have no keys, write here */
    enum rdv_err err;
    bool for_programs;
    /* What is open, outermost first, for programs. */
    unsigned n_levels;
    struct se_answer_level {
        bool is_list;
        struct rdv_cbor_map map;
        struct rdv_cbor_list list;
    } level[SE_ANSWER_LEVELS];
};

/* Appends to `out`. */
void se_answer_for_people(struct se_answer *a, struct rdv_buf *out);
/* The same, as a map, which the second one ends: the answer is whole then, unless it says so. */
void se_answer_for_programs(struct se_answer *a, struct rdv_buf *out);
RDV_MUST_USE enum rdv_err se_answer_end(struct se_answer *a);

/* --- values: key=value, or a pair of the map ---------------------------------------------------
 */

void se_answer_text(struct se_answer *a, const char *key, struct rdv_span value);
void se_answer_name(struct se_answer *a, const char *key, const char *value);
void se_answer_number(struct se_answer *a, const char *key, int64_t value);
/* yes or no */
void se_answer_flag(struct se_answer *a, const char *key, bool value);
/* hex digits */
void se_answer_bytes(struct se_answer *a, const char *key, struct rdv_span value);
/* A record or a key: two hex digits, or its number. */
void se_answer_slot(struct se_answer *a, const char *key, uint8_t slot);
/* A moment; 0 is `none`, or null. */
void se_answer_moment(struct se_answer *a, const char *key, int64_t moment, const char *none);
/* A number followed by `unit`; 0 is `none`, or null. */
void se_answer_amount(struct se_answer *a, const char *key, int64_t n, const char *unit,
                      const char *none);
/* used/most, or { used, max }; most below 0 is none, or null. */
void se_answer_limit(struct se_answer *a, const char *key, int64_t used, int64_t most);
/* A text of words with commas, or an array of them. */
void se_answer_words(struct se_answer *a, const char *key, struct rdv_span value);

/* --- structure ---------------------------------------------------------------------------------
 */

/* Ends the line of a row. For programs, rows belong to the map they are said in, but in a list each
 * is a map of its own. */
void se_answer_row_end(struct se_answer *a);

/* Rows from here on are items of the list `key`. */
void se_answer_list_begin(struct se_answer *a, const char *key);
void se_answer_list_end(struct se_answer *a);

/* Values from here on belong to a map of their own below `key`. */
void se_answer_map_begin(struct se_answer *a, const char *key);
void se_answer_map_end(struct se_answer *a);

/* A line as it is, for people only. */
void se_answer_line(struct se_answer *a, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
