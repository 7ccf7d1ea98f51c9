/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a command takes, read from the syntax its row in the table has. It is said there once, for
 * !help and for every language:
 *
 *   NAME            a word                        [COUNT]     one that may be left out
 *   NAME|none       a word, or literally
 *   key=A|B|C       a value that must be given    [key=...]   one that may be left out
 *   [COMMAND...]    the one or two words of a command's name
 *
 * A word is of the type that its name says; a value is one of the alternatives. In lower case
 * they are meant literally (auto, none, yes); with a comma they stand for a list. Types:
 *
 *   N BYTES COUNT FROM SEQ ID SECONDS   whole numbers
 *   XX YY RECORD                  a record or key, in two hex digits; XX is the one whose scope
 *                                 is checked, and comes first
 *   TIME DURATION                 moments, seconds
 *   HEX                           bytes
 *   anything else                 text
 */
#ifndef RDV_SE_CARD_SYNTAX_H
#define RDV_SE_CARD_SYNTAX_H

#include "base/bytes.h"

struct se_param {
    struct rdv_span name;  /* as written: "NAME", "posts" */
    struct rdv_span types; /* of a word its name, of a value "N|none" */
    bool is_word, optional, many;
};

/* Takes the next parameter from *at, which begins as the syntax; false at its end. */
bool se_syntax_next(const char **at, struct se_param *out);

/* True when one of the alternatives is this. */
bool se_param_takes(const struct se_param *p, const char *type);
/* True when the bytes stand for themselves: an alternative in lower case, not a list. */
bool se_param_takes_literally(const struct se_param *p, struct rdv_span value);
bool se_param_is_number(const struct se_param *p);
bool se_param_is_list(const struct se_param *p);

#endif
