/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CBOR data items (RFC 8949), of definite length: read one head at a time, written in deterministic
 * encoding (section 4.2.1).
 *
 * Why not a library: a request is framed and bounded while it arrives, which takes a string's head
 * before its content is there. libcbor's decoder gives a string only when all of it is in memory,
 * its count of missing bytes wraps around at lengths near 2^64, and it refuses the tag of
 * COSE_Sign1. It judges this reader in the tests instead.
 */
#ifndef RDV_SCHEMA_WIRE_CBOR_H
#define RDV_SCHEMA_WIRE_CBOR_H

#include "base/bytes.h"
#include "base/err.h"

enum rdv_cbor_type {
    RDV_CBOR_UINT,     /* n */
    RDV_CBOR_NEGATIVE, /* -1 - n */
    RDV_CBOR_BYTES,    /* bytes; n of them */
    RDV_CBOR_TEXT,     /* the same, UTF-8 */
    RDV_CBOR_ARRAY,    /* n items follow */
    RDV_CBOR_MAP,      /* n pairs of items follow */
    RDV_CBOR_TAG,      /* number n, of the item that follows */
    RDV_CBOR_BOOL,     /* n: 0 or 1 */
    RDV_CBOR_NULL,
    RDV_CBOR_OTHER, /* floating point, undefined, other simple values: none of ours */
};

struct rdv_cbor {
    enum rdv_cbor_type type;
    uint64_t n;
    struct rdv_span bytes; /* points into what was read */
};

#define RDV_CBOR_HEAD_MAX 9 /* bytes */

/* --- reading: when one fails, nothing is consumed ----------------------------------------------
 */

/*
 * An item without what it holds: the content of a string and the items of an array, map or tag
 * follow. Lengths need not be in their shortest form.
 * Returns: RDV_ERR_SHORT (the head is not whole), RDV_ERR_FORMAT (not CBOR, or indefinite length).
 */
RDV_MUST_USE enum rdv_err rdv_cbor_get_head(struct rdv_reader *rd, struct rdv_cbor *out);

/* An item, a string with its content. Returns as above; RDV_ERR_FORMAT also for text that is not
 * UTF-8. */
RDV_MUST_USE enum rdv_err rdv_cbor_get(struct rdv_reader *rd, struct rdv_cbor *out);

/* An item with all that it holds, nested at most `depth` deep (0: not at all). Returns as above;
 * RDV_ERR_LIMIT (too deep). */
RDV_MUST_USE enum rdv_err rdv_cbor_skip(struct rdv_reader *rd, unsigned depth);

/* The value of a text key in a map, which `map` begins with: *value then stands before it.
 * Returns: RDV_ERR_ABSENT, RDV_ERR_FORMAT (not a map that rdv_cbor_skip would skip). */
RDV_MUST_USE enum rdv_err rdv_cbor_find(struct rdv_reader *value, struct rdv_span map,
                                        const char *key);

/* --- writing: RDV_ERR_LIMIT or RDV_ERR_NOMEM, and nothing was added -----------------------------
 */

RDV_MUST_USE enum rdv_err rdv_cbor_put_uint(struct rdv_buf *out, uint64_t n);
RDV_MUST_USE enum rdv_err rdv_cbor_put_int(struct rdv_buf *out, int64_t n);
RDV_MUST_USE enum rdv_err rdv_cbor_put_bytes(struct rdv_buf *out, struct rdv_span bytes);
RDV_MUST_USE enum rdv_err rdv_cbor_put_text(struct rdv_buf *out, struct rdv_span text);
RDV_MUST_USE enum rdv_err rdv_cbor_put_bool(struct rdv_buf *out, bool value);
RDV_MUST_USE enum rdv_err rdv_cbor_put_null(struct rdv_buf *out);
RDV_MUST_USE enum rdv_err rdv_cbor_put_tag(struct rdv_buf *out, uint64_t n); /* an item follows */
/* n items, or pairs of items, are to follow. */
RDV_MUST_USE enum rdv_err rdv_cbor_put_array(struct rdv_buf *out, uint64_t n);
RDV_MUST_USE enum rdv_err rdv_cbor_put_map(struct rdv_buf *out, uint64_t n);

/*
 * A list whose items are counted only when it ends.
 */
struct rdv_cbor_list {
    struct rdv_buf *out; /* borrowed */
    size_t start;        /* of its head in `out`, from which nothing may be consumed meanwhile */
    size_t n;            /* the writer counts: one more before each item */
};
RDV_MUST_USE enum rdv_err rdv_cbor_list_begin(struct rdv_cbor_list *list, struct rdv_buf *out);
RDV_MUST_USE enum rdv_err rdv_cbor_list_end(struct rdv_cbor_list *list);

/*
 * A map of text keys, written in any order and sorted when it ends. A key twice, or more keys than
 * this, are faults of the writer and abort.
 */
#define RDV_CBOR_MAP_MAX 23

struct rdv_cbor_map {
    struct rdv_buf *out; /* borrowed */
    size_t start;        /* as above */
    size_t n;
    size_t at[RDV_CBOR_MAP_MAX + 1]; /* where each pair begins, from `start` */
};

RDV_MUST_USE enum rdv_err rdv_cbor_map_begin(struct rdv_cbor_map *map, struct rdv_buf *out);
/* Its value is to follow. */
RDV_MUST_USE enum rdv_err rdv_cbor_map_key(struct rdv_cbor_map *map, const char *key);
RDV_MUST_USE enum rdv_err rdv_cbor_map_end(struct rdv_cbor_map *map);

#endif
