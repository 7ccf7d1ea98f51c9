/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the source tree that tests read: vectors, and the blocks of documents. */
#ifndef RDV_TESTS_SUPPORT_VECTORS_H
#define RDV_TESTS_SUPPORT_VECTORS_H

#include "base/bytes.h"

/* A line "WORD NAME HEX" of tests/vectors/... */
struct t_vector {
    const char *word, *name;
    struct rdv_span bytes; /* "-": none */
};

/* Calls `each` with every line that does not begin with '#'; stops the test when there is none, or
 * one cannot be read. */
void t_vectors(const char *path, void (*each)(const struct t_vector *vector));

/* Calls `each` with every line, without its end. */
void t_lines(const char *path, void (*each)(const char *line));

/* The text between "```NAME" and "```" of a document, without blanks, in memory that lives until
 * the process ends; stops the test when there is no such block. */
const char *t_block(const char *path, const char *name);

#endif
