/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goes to a card with a request, and what comes back with an answer (docs/protocol.md,
 * Programs): numbers, bytes, texts, lists and maps of texts to values. Reading never allocates, and
 * takes any bytes.
 */
#ifndef RDV_VALUE_H
#define RDV_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rdv/err.h>

enum rdv_kind {
    RDV_KIND_NONE, /* no value at all */
    RDV_KIND_NUMBER,
    RDV_KIND_BYTES,
    RDV_KIND_TEXT,
    RDV_KIND_BOOL,
    RDV_KIND_NULL, /* no limit, no time */
    RDV_KIND_LIST,
    RDV_KIND_MAP,
    RDV_KIND_OTHER, /* what no card of this version says */
};

/* --- reading ---------------------------------------------------------------------------------- */

/* One value, encoded; borrowed from the answer it is in. n is 0 when there is none. */
struct rdv_value {
    const uint8_t *p;
    size_t n;
};

enum rdv_kind rdv_value_kind(struct rdv_value v);

/* The value of a key in a map; none when there is no such key, or v is no map. */
struct rdv_value rdv_value_in(struct rdv_value map, const char *key);

/* All: false, and *out zero or empty, when v is not of that kind. */
bool rdv_value_number(struct rdv_value v, uint64_t *out);
bool rdv_value_bool(struct rdv_value v, bool *out);
/* Of bytes, and of a text. */
bool rdv_value_bytes(struct rdv_value v, const uint8_t **out, size_t *n);
/* A copy with a NUL. False also when it has a NUL inside, or does not fit in size bytes. */
bool rdv_value_text(struct rdv_value v, char *out, size_t size);

/* The items of a list, or the pairs of a map, in turn. */
struct rdv_items {
    struct rdv_value rest;
    uint64_t left;
    bool pairs;
};

/* None when v is neither list nor map. */
struct rdv_items rdv_value_items(struct rdv_value v);
/* False at the end. *key is none in a list. */
bool rdv_items_next(struct rdv_items *items, struct rdv_value *key, struct rdv_value *value);

/* --- writing ---------------------------------------------------------------------------------- */

/* A parameter of a request; what it points to is borrowed for the call. */
struct rdv_param {
    const char *name; /* NULL ends the parameters */
    enum rdv_kind kind;
    uint64_t number; /* also 0 and 1 of a bool */
    const void *bytes;
    size_t n;
};

#define RDV_NUMBER(name, number)                   \
    {                                              \
        (name), RDV_KIND_NUMBER, (number), NULL, 0 \
    }
#define RDV_BOOL(name, yes)                           \
    {                                                 \
        (name), RDV_KIND_BOOL, (yes) ? 1 : 0, NULL, 0 \
    }
#define RDV_BYTES(name, bytes, n)               \
    {                                           \
        (name), RDV_KIND_BYTES, 0, (bytes), (n) \
    }
/* Any value may be given as a text, as in a line of words, but bytes. */
#define RDV_TEXT(name, text)                           \
    {                                                  \
        (name), RDV_KIND_TEXT, 0, (text), strlen(text) \
    }
#define RDV_END                         \
    {                                   \
        NULL, RDV_KIND_NONE, 0, NULL, 0 \
    }

#endif
