/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way to fail. A function that can fail returns enum rdv_err; RDV_OK is 0. The list is
 * err.def, so that no error can lack a text or an exit code. Installed for users of librdv as
 * rdv/err.h: it needs nothing else of ours.
 */
#ifndef RDV_BASE_ERR_H
#define RDV_BASE_ERR_H

#include <stddef.h>

enum rdv_err {
    RDV_OK = 0,
#define RDV_ERR(name, word, text, code) RDV_ERR_##name,
#include "base/err.def"
#undef RDV_ERR
};

#define RDV_MUST_USE __attribute__((warn_unused_result))

/* Text for people, never NULL, without a final dot. */
const char *rdv_err_text(enum rdv_err err);

/* The word a machine reads: "denied". */
const char *rdv_err_name(enum rdv_err err);

/* The error of such a word, n bytes long; RDV_OK when there is none. */
enum rdv_err rdv_err_of(const void *word, size_t n);

/* Exit code of a command-line tool. */
int rdv_err_exit(enum rdv_err err);

/* Why something failed, in words: one line without its end. What a library says where a program
 * would log (base/why.h). */
struct rdv_why {
    char text[256];
};

#endif
