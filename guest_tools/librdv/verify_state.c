/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a verifier keeps between runs: deterministic CBOR, and SHA-256 of it behind.
 *
 *   "rdv-verify" VERSION key sen seq restored keys-time keys-hash [* chain]
 *   chain   [record (256: the card), begun, first, n, seq, hashes, [* gap], head / null, ? fork]
 *   hashes  of the last entries, one behind the other; zeros where one is not known
 *   gap     [from, to, before, last]
 *   head    [n, hash, time, until, id]
 *   fork    [n, hash]
 */
#include <rdv/verify.h>

#include <stdlib.h>
#include <string.h>

#include "base/why.h"
#include "guest_tools/librdv/sha256.h"
#include "guest_tools/librdv/verifier.h"
#include "schema/wire/cbor.h"

#define MAGIC "rdv-verify"
#define VERSION 1
#define HASH RDV_VERIFY_HASH_BYTES

/* --- writing ---------------------------------------------------------------------------------- */

static enum rdv_err put_hash(struct rdv_buf *out, const uint8_t hash[HASH])
{
    return rdv_cbor_put_bytes(out, (struct rdv_span){ hash, HASH });
}

/* How many of the last entries may be known. */
static size_t window_of(uint64_t n)
{
    return n < RDV_VERIFY_WINDOW ? (size_t)n : RDV_VERIFY_WINDOW;
}

static enum rdv_err put_window(struct rdv_buf *out, const struct guest_chain *c)
{
    const size_t n = window_of(c->n);
    uint8_t hashes[RDV_VERIFY_WINDOW * HASH];

    for (size_t i = 0; i < n; i++)
        memcpy(hashes + i * HASH, c->window[(c->n - n + 1 + i) % RDV_VERIFY_WINDOW], HASH);
    return rdv_cbor_put_bytes(out, (struct rdv_span){ hashes, n * HASH });
}

static enum rdv_err put_gaps(struct rdv_buf *out, const struct guest_chain *c)
{
    enum rdv_err err = rdv_cbor_put_array(out, c->n_gaps);

    for (size_t i = 0; err == RDV_OK && i < c->n_gaps; i++) {
        if ((err = rdv_cbor_put_array(out, 4)) == RDV_OK &&
            (err = rdv_cbor_put_uint(out, c->gaps[i].from)) == RDV_OK &&
            (err = rdv_cbor_put_uint(out, c->gaps[i].to)) == RDV_OK &&
            (err = put_hash(out, c->gaps[i].before)) == RDV_OK)
            err = put_hash(out, c->gaps[i].last);
    }
    return err;
}

static enum rdv_err put_head(struct rdv_buf *out, const struct guest_chain *c)
{
    enum rdv_err err;

    if (!c->has_head)
        return rdv_cbor_put_null(out);
    if ((err = rdv_cbor_put_array(out, 5)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, c->head.n)) != RDV_OK ||
        (err = put_hash(out, c->head.hash)) != RDV_OK ||
        (err = rdv_cbor_put_int(out, c->head.time)) != RDV_OK ||
        (err = rdv_cbor_put_int(out, c->head.until)) != RDV_OK)
        return err;
    return put_hash(out, c->head.id);
}

static enum rdv_err put_fork(struct rdv_buf *out, const struct guest_chain *c)
{
    enum rdv_err err;

    if (c->fork_n == 0)
        return RDV_OK;
    if ((err = rdv_cbor_put_array(out, 2)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, c->fork_n)) != RDV_OK)
        return err;
    return put_hash(out, c->fork_hash);
}

static enum rdv_err put_chain(struct rdv_buf *out, size_t number, const struct guest_chain *c)
{
    enum rdv_err err;

    if ((err = rdv_cbor_put_array(out, c->fork_n == 0 ? 8 : 9)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, number)) != RDV_OK ||
        (err = rdv_cbor_put_bool(out, c->begun)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, c->first)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, c->n)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, c->seq)) != RDV_OK || (err = put_window(out, c)) != RDV_OK ||
        (err = put_gaps(out, c)) != RDV_OK || (err = put_head(out, c)) != RDV_OK)
        return err;
    return put_fork(out, c);
}

static enum rdv_err put_chains(struct rdv_buf *out, const struct rdv_verifier *v)
{
    size_t n = 0;
    enum rdv_err err;

    for (size_t i = 0; i < GUEST_CHAINS; i++)
        n += v->chains[i] != NULL ? 1 : 0;
    err = rdv_cbor_put_array(out, n);
    for (size_t i = 0; err == RDV_OK && i < GUEST_CHAINS; i++) {
        if (v->chains[i] != NULL)
            err = put_chain(out, i, v->chains[i]);
    }
    return err;
}

static enum rdv_err put_state(struct rdv_buf *out, const struct rdv_verifier *v)
{
    uint8_t hash[GUEST_SHA256_BYTES];
    enum rdv_err err;

    if ((err = rdv_cbor_put_text(out, RDV_LIT(MAGIC))) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, VERSION)) != RDV_OK ||
        (err = rdv_cbor_put_bytes(out, (struct rdv_span){ v->key.point, sizeof(v->key.point) })) !=
                RDV_OK ||
        (err = rdv_cbor_put_text(out, rdv_span_of(v->sen))) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, v->seq)) != RDV_OK ||
        (err = rdv_cbor_put_uint(out, v->restored)) != RDV_OK ||
        (err = rdv_cbor_put_int(out, v->keys_time)) != RDV_OK ||
        (err = put_hash(out, v->keys_hash)) != RDV_OK || (err = put_chains(out, v)) != RDV_OK ||
        (err = guest_sha256(hash, rdv_buf_view(out))) != RDV_OK)
        return err;
    return rdv_put_bytes(out, (struct rdv_span){ hash, sizeof(hash) });
}

enum rdv_err rdv_verifier_save(const struct rdv_verifier *v, uint8_t **bytes, size_t *n)
{
    struct rdv_buf out = RDV_BUF(RDV_VERIFY_STATE_MAX);
    enum rdv_err err;

    *bytes = NULL;
    *n = 0;
    if ((err = put_state(&out, v)) == RDV_OK) {
        *n = rdv_buf_len(&out);
        if ((*bytes = malloc(*n)) == NULL)
            err = RDV_ERR_NOMEM;
        else
            memcpy(*bytes, rdv_buf_view(&out).p, *n);
    }
    rdv_buf_free(&out);
    return err;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum rdv_err get(struct rdv_reader *rd, enum rdv_cbor_type type, struct rdv_cbor *out)
{
    return rdv_cbor_get(rd, out) == RDV_OK && out->type == type ? RDV_OK : RDV_ERR_CORRUPT;
}

static enum rdv_err get_uint(struct rdv_reader *rd, uint64_t *out)
{
    struct rdv_cbor item;
    const enum rdv_err err = get(rd, RDV_CBOR_UINT, &item);

    *out = err == RDV_OK ? item.n : 0;
    return err;
}

static enum rdv_err get_time(struct rdv_reader *rd, int64_t *out)
{
    uint64_t n;
    const enum rdv_err err = get_uint(rd, &n);

    *out = (int64_t)n;
    return n > INT64_MAX ? RDV_ERR_CORRUPT : err;
}

static enum rdv_err get_fixed(struct rdv_reader *rd, uint8_t *out, size_t n)
{
    struct rdv_cbor item;

    if (get(rd, RDV_CBOR_BYTES, &item) != RDV_OK || item.n != n)
        return RDV_ERR_CORRUPT;
    memcpy(out, item.bytes.p, n);
    return RDV_OK;
}

static enum rdv_err get_array(struct rdv_reader *rd, uint64_t n)
{
    struct rdv_cbor item;

    return get(rd, RDV_CBOR_ARRAY, &item) == RDV_OK && item.n == n ? RDV_OK : RDV_ERR_CORRUPT;
}

static enum rdv_err get_window(struct rdv_reader *rd, struct guest_chain *out)
{
    const size_t n = window_of(out->n);
    uint8_t hashes[RDV_VERIFY_WINDOW * HASH];

    if (get_fixed(rd, hashes, n * HASH) != RDV_OK)
        return RDV_ERR_CORRUPT;
    for (size_t i = 0; i < n; i++)
        memcpy(out->window[(out->n - n + 1 + i) % RDV_VERIFY_WINDOW], hashes + i * HASH, HASH);
    return RDV_OK;
}

static enum rdv_err get_gaps(struct rdv_reader *rd, struct guest_chain *out)
{
    struct rdv_cbor item;

    if (get(rd, RDV_CBOR_ARRAY, &item) != RDV_OK || item.n > RDV_VERIFY_GAPS)
        return RDV_ERR_CORRUPT;
    out->n_gaps = (size_t)item.n;
    for (size_t i = 0; i < out->n_gaps; i++) {
        struct guest_gap *gap = &out->gaps[i];

        if (get_array(rd, 4) != RDV_OK || get_uint(rd, &gap->from) != RDV_OK ||
            get_uint(rd, &gap->to) != RDV_OK ||
            get_fixed(rd, gap->before, sizeof(gap->before)) != RDV_OK ||
            get_fixed(rd, gap->last, sizeof(gap->last)) != RDV_OK || gap->from == 0 ||
            gap->from > gap->to || gap->to > out->n || (i > 0 && gap->from <= gap[-1].to))
            return RDV_ERR_CORRUPT;
    }
    return RDV_OK;
}

static enum rdv_err get_head(struct rdv_reader *rd, struct guest_chain *out)
{
    struct rdv_reader ahead = *rd;
    struct guest_head *head = &out->head;
    struct rdv_cbor item;

    if (rdv_cbor_get(&ahead, &item) == RDV_OK && item.type == RDV_CBOR_NULL) {
        *rd = ahead;
        return RDV_OK;
    }
    out->has_head = true;
    if (get_array(rd, 5) != RDV_OK || get_uint(rd, &head->n) != RDV_OK ||
        get_fixed(rd, head->hash, sizeof(head->hash)) != RDV_OK ||
        get_time(rd, &head->time) != RDV_OK || get_time(rd, &head->until) != RDV_OK)
        return RDV_ERR_CORRUPT;
    return get_fixed(rd, head->id, sizeof(head->id));
}

static enum rdv_err get_fork(struct rdv_reader *rd, struct guest_chain *out)
{
    if (get_array(rd, 2) != RDV_OK || get_uint(rd, &out->fork_n) != RDV_OK || out->fork_n == 0)
        return RDV_ERR_CORRUPT;
    return get_fixed(rd, out->fork_hash, sizeof(out->fork_hash));
}

static enum rdv_err get_chain(struct rdv_reader *rd, struct guest_chain *out, bool forked)
{
    struct rdv_cbor item;

    if (get(rd, RDV_CBOR_BOOL, &item) != RDV_OK || get_uint(rd, &out->first) != RDV_OK ||
        get_uint(rd, &out->n) != RDV_OK || get_uint(rd, &out->seq) != RDV_OK)
        return RDV_ERR_CORRUPT;
    out->begun = item.n == 1;
    if ((out->begun ? out->first == 0 : out->n != 0) || get_window(rd, out) != RDV_OK ||
        get_gaps(rd, out) != RDV_OK || get_head(rd, out) != RDV_OK)
        return RDV_ERR_CORRUPT;
    return forked ? get_fork(rd, out) : RDV_OK;
}

static enum rdv_err get_chains(struct rdv_reader *rd, struct rdv_verifier *v)
{
    uint64_t number, least = 0;
    struct rdv_cbor item, chain;
    enum rdv_err err;

    if (get(rd, RDV_CBOR_ARRAY, &item) != RDV_OK)
        return RDV_ERR_CORRUPT;
    for (uint64_t left = item.n; left > 0; left--) {
        if (get(rd, RDV_CBOR_ARRAY, &chain) != RDV_OK || (chain.n != 8 && chain.n != 9) ||
            get_uint(rd, &number) != RDV_OK || number < least || number >= GUEST_CHAINS)
            return RDV_ERR_CORRUPT;
        if ((v->chains[number] = calloc(1, sizeof(*v->chains[number]))) == NULL)
            return RDV_ERR_NOMEM;
        if ((err = get_chain(rd, v->chains[number], chain.n == 9)) != RDV_OK)
            return err;
        least = number + 1;
    }
    return rdv_get_end(rd) == RDV_OK ? RDV_OK : RDV_ERR_CORRUPT;
}

/* The state of whom, and by whom. */
static enum rdv_err get_opening(struct rdv_reader *rd, const struct rdv_verifier *v,
                                struct rdv_why *why)
{
    uint8_t point[GUEST_ES256K_POINT_BYTES];
    uint64_t version;
    struct rdv_cbor item;

    if (get(rd, RDV_CBOR_TEXT, &item) != RDV_OK || !rdv_span_is(item.bytes, MAGIC) ||
        get_uint(rd, &version) != RDV_OK)
        return rdv_why_say(why, RDV_ERR_CORRUPT, "not what a verifier keeps");
    if (version != VERSION)
        return rdv_why_say(why, RDV_ERR_VERSION, "kept by a newer version");
    if (get_fixed(rd, point, sizeof(point)) != RDV_OK)
        return rdv_why_say(why, RDV_ERR_CORRUPT, "damaged");
    if (memcmp(point, v->key.point, sizeof(point)) != 0)
        return rdv_why_say(why, RDV_ERR_AUTH, "about a card with another key");
    return RDV_OK;
}

static enum rdv_err get_sen(struct rdv_reader *rd, struct rdv_verifier *v, struct rdv_why *why)
{
    char sen[RDV_SEN_MAX + 1];
    struct rdv_cbor item;

    if (get(rd, RDV_CBOR_TEXT, &item) != RDV_OK ||
        rdv_span_to_text(sen, sizeof(sen), item.bytes) != RDV_OK ||
        (item.bytes.n > 0 && !rdv_sen_is_valid(item.bytes)))
        return rdv_why_say(why, RDV_ERR_CORRUPT, "damaged");
    if (sen[0] != '\0' && v->sen[0] != '\0' && strcmp(sen, v->sen) != 0)
        return rdv_why_say(why, RDV_ERR_AUTH, "about the card %s", sen);
    if (sen[0] != '\0')
        memcpy(v->sen, sen, sizeof(v->sen));
    return RDV_OK;
}

/* Checks the end, and takes it off. Returns: RDV_ERR_CORRUPT, RDV_ERR_NOMEM. */
static enum rdv_err check_hash(struct rdv_span *bytes, struct rdv_why *why)
{
    uint8_t hash[GUEST_SHA256_BYTES];
    enum rdv_err err;

    if (bytes->n < sizeof(hash) || bytes->n > RDV_VERIFY_STATE_MAX)
        return rdv_why_say(why, RDV_ERR_CORRUPT, "not what a verifier keeps");
    bytes->n -= sizeof(hash);
    if ((err = guest_sha256(hash, *bytes)) == RDV_OK &&
        memcmp(hash, bytes->p + bytes->n, sizeof(hash)) != 0)
        err = rdv_why_say(why, RDV_ERR_CORRUPT, "damaged");
    return err;
}

static enum rdv_err read_state(struct rdv_verifier *v, struct rdv_span bytes, struct rdv_why *why)
{
    struct rdv_reader rd;
    enum rdv_err err;

    if ((err = check_hash(&bytes, why)) != RDV_OK)
        return err;
    rd = (struct rdv_reader){ bytes };
    if ((err = get_opening(&rd, v, why)) != RDV_OK || (err = get_sen(&rd, v, why)) != RDV_OK)
        return err;
    if ((err = get_uint(&rd, &v->seq)) != RDV_OK || (err = get_uint(&rd, &v->restored)) != RDV_OK ||
        (err = get_time(&rd, &v->keys_time)) != RDV_OK ||
        (err = get_fixed(&rd, v->keys_hash, sizeof(v->keys_hash))) != RDV_OK ||
        (err = get_chains(&rd, v)) != RDV_OK)
        return rdv_why_say(why, err, "%s", rdv_err_text(err));
    return RDV_OK;
}

static bool has_seen_something(const struct rdv_verifier *v)
{
    for (size_t i = 0; i < GUEST_CHAINS; i++) {
        if (v->chains[i] != NULL)
            return true;
    }
    return v->keys_time != 0;
}

enum rdv_err rdv_verifier_load(struct rdv_verifier *v, const void *bytes, size_t n,
                               struct rdv_why *why)
{
    struct rdv_verifier *read;
    struct rdv_verifier before;
    enum rdv_err err;

    if (has_seen_something(v))
        return rdv_why_say(why, RDV_ERR_STATE, "the verifier has seen something already");
    if ((read = calloc(1, sizeof(*read))) == NULL)
        return rdv_why_say(why, RDV_ERR_NOMEM, "%s", rdv_err_text(RDV_ERR_NOMEM));
    *read = *v;
    if ((err = read_state(read, (struct rdv_span){ bytes, n }, why)) == RDV_OK) {
        before = *v;
        *v = *read;
        *read = before;
    }
    rdv_verifier_free(read);
    return err;
}
