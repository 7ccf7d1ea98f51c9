/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way to hold bytes.
 *
 *   struct rdv_span    borrowed bytes, passed by value
 *   struct rdv_reader  moves forward over a span, never allocates, never past the end
 *   struct rdv_buf     owns its bytes, has a limit from birth, is wiped before it is freed
 *
 * Numbers are big-endian ("network order") everywhere in this project.
 */
#ifndef RDV_BASE_BYTES_H
#define RDV_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/invariant.h"

struct rdv_span {
    const uint8_t *p;
    size_t n;
};

/* The bytes of a string literal, without its NUL. */
#define RDV_LIT(s) ((struct rdv_span){ (const uint8_t *)(s), sizeof(s) - 1 })

struct rdv_span rdv_span_of(const char *text);
bool rdv_span_equal(struct rdv_span a, struct rdv_span b);
bool rdv_span_is(struct rdv_span a, const char *text);

/* Copies a span that must be text (no NUL inside) into out, with a NUL.
 * Returns: RDV_ERR_LIMIT when it does not fit, RDV_ERR_FORMAT when it holds a NUL. */
RDV_MUST_USE enum rdv_err rdv_span_to_text(char *out, size_t size, struct rdv_span in);

/* --- reader ----------------------------------------------------------------------------------- */

struct rdv_reader {
    struct rdv_span rest;
};

/* All: RDV_ERR_SHORT when too few bytes are left; nothing is consumed then. */
RDV_MUST_USE enum rdv_err rdv_get_u8(struct rdv_reader *rd, uint8_t *out);
RDV_MUST_USE enum rdv_err rdv_get_u16(struct rdv_reader *rd, uint16_t *out);
RDV_MUST_USE enum rdv_err rdv_get_u24(struct rdv_reader *rd, uint32_t *out);
RDV_MUST_USE enum rdv_err rdv_get_u32(struct rdv_reader *rd, uint32_t *out);
RDV_MUST_USE enum rdv_err rdv_get_bytes(struct rdv_reader *rd, struct rdv_span *out, size_t n);
/* Bytes preceded by their count in one or two bytes. */
RDV_MUST_USE enum rdv_err rdv_get_vec8(struct rdv_reader *rd, struct rdv_span *out);
RDV_MUST_USE enum rdv_err rdv_get_vec16(struct rdv_reader *rd, struct rdv_span *out);
/* RDV_ERR_TRAILING unless everything was read. */
RDV_MUST_USE enum rdv_err rdv_get_end(const struct rdv_reader *rd);

/* --- buffer ----------------------------------------------------------------------------------- */

/* Fields are for bytes.c; use the functions. A zeroed struct with a limit is a valid empty buffer.
 */
struct rdv_buf {
    uint8_t *p;
    size_t start; /* bytes before it have been consumed */
    size_t end;
    size_t cap;
    size_t limit; /* greatest number of bytes held at once */
};

#define RDV_BUF(bytes) ((struct rdv_buf){ .limit = (bytes) })

void rdv_buf_free(struct rdv_buf *b);  /* wipes; the buffer stays usable, empty, same limit */
void rdv_buf_clear(struct rdv_buf *b); /* wipes what it held, keeps the memory */
/* As clear, but lets go of memory beyond `keep` bytes: for buffers of sessions that then sit idle.
 */
void rdv_buf_reset(struct rdv_buf *b, size_t keep);

static inline size_t rdv_buf_len(const struct rdv_buf *b)
{
    return b->end - b->start;
}

static inline struct rdv_span rdv_buf_view(const struct rdv_buf *b)
{
    /* No offset, not even 0, may be added to the NULL of a buffer that has no memory yet. */
    return (struct rdv_span){ b->start == 0 ? b->p : b->p + b->start, b->end - b->start };
}

/* Room for n more bytes; *out stays valid until the next call on b. rdv_buf_grew says how many of
 * them were written. Returns: RDV_ERR_LIMIT over the limit, RDV_ERR_NOMEM. */
RDV_MUST_USE enum rdv_err rdv_buf_room(struct rdv_buf *b, uint8_t **out, size_t n);
void rdv_buf_grew(struct rdv_buf *b, size_t n);

/* All: RDV_ERR_LIMIT or RDV_ERR_NOMEM, and nothing was added. */
RDV_MUST_USE enum rdv_err rdv_put_u8(struct rdv_buf *b, uint8_t v);
RDV_MUST_USE enum rdv_err rdv_put_u16(struct rdv_buf *b, uint16_t v);
RDV_MUST_USE enum rdv_err rdv_put_u32(struct rdv_buf *b, uint32_t v);
RDV_MUST_USE enum rdv_err rdv_put_bytes(struct rdv_buf *b, struct rdv_span bytes);
RDV_MUST_USE enum rdv_err rdv_put_text(struct rdv_buf *b, const char *text);
RDV_MUST_USE enum rdv_err rdv_put_vec8(struct rdv_buf *b, struct rdv_span bytes);

/* Writes over bytes that are there: at + bytes.n must not exceed the length. */
void rdv_buf_patch(struct rdv_buf *b, size_t at, struct rdv_span bytes);
/* Moves what is behind `at` and writes n zero bytes in between, to be patched. at must not exceed
 * the length. Returns: RDV_ERR_LIMIT or RDV_ERR_NOMEM, and nothing has moved. */
RDV_MUST_USE enum rdv_err rdv_buf_insert(struct rdv_buf *b, size_t at, size_t n);

/* Forgets (and wipes) the first n bytes; n must not exceed the length. */
void rdv_buf_consume(struct rdv_buf *b, size_t n);
/* Forgets (and wipes) all but the first n bytes; n must not exceed the length. */
void rdv_buf_truncate(struct rdv_buf *b, size_t n);

#endif
