/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/verify.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "se_card/hash.h"
#include "tests/support/notation.h"
#include "tests/support/pen.h"
#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"

#define NOW (T_PEN_TIME + 1000)
#define RECORD "rdv/key1.com/record/0A"
#define HEAD "rdv/key1.com/head/0A"

static struct t_pen pen;
static struct rdv_verified got;
static struct rdv_span feed[8]; /* entry i of record 0A */

static struct rdv_verifier *new_verifier(const uint8_t point[SE_EC_POINT_BYTES], const char *sen)
{
    const struct rdv_verifier_options options = { .key = point,
                                                  .n_key = SE_EC_POINT_BYTES,
                                                  .sen = sen };
    struct rdv_verifier *v;

    T_MUST_OK(rdv_verifier_new(&v, &options));
    return v;
}

static enum rdv_verdict judge(struct rdv_verifier *v, const char *topic, struct rdv_span message)
{
    T_MUST_OK(rdv_verify(v, &got, NOW, topic, message.p, message.n));
    return got.verdict;
}

/* Has seen entries 1, 2, 4 of record 0A and a head of 5. */
static struct rdv_verifier *a_verifier(void)
{
    struct rdv_verifier *v;

    t_pen_new(&pen, 1);
    feed[0] = (struct rdv_span){ NULL, 0 };
    for (uint64_t n = 1; n < 8; n++)
        feed[n] = t_pen_entry(&pen, 0x0A, n, feed[n - 1], "x");
    v = new_verifier(pen.point, NULL);
    T_UINT(judge(v, RECORD, feed[1]), RDV_VALID);
    T_UINT(judge(v, RECORD, feed[2]), RDV_VALID);
    T_UINT(judge(v, RECORD, feed[4]), RDV_GAP);
    T_UINT(judge(v, HEAD, t_pen_head(&pen, 0x0A, 5, feed[5], NOW)), RDV_VALID);
    return v;
}

/* What it keeps, in memory to free. */
static struct rdv_span save(const struct rdv_verifier *v, uint8_t **bytes)
{
    size_t n;

    T_MUST_OK(rdv_verifier_save(v, bytes, &n));
    T_TRUE(n <= RDV_VERIFY_STATE_MAX);
    return (struct rdv_span){ *bytes, n };
}

static void what_was_seen_is_known_in_the_next_run(void)
{
    struct rdv_verifier *v = a_verifier(), *next = new_verifier(pen.point, NULL),
                        *last = new_verifier(pen.point, NULL);
    uint8_t *bytes, *again;
    struct rdv_span kept = save(v, &bytes), fork;

    T_OK(rdv_verifier_load(next, kept.p, kept.n, NULL));
    T_SPAN(save(next, &again), kept);
    T_UINT(rdv_verifier_seq(next, -1), 40);
    T_UINT(judge(next, RECORD, feed[4]), RDV_REPEATED);
    T_UINT(judge(next, RECORD, feed[3]), RDV_FILLED);
    T_UINT(judge(next, RECORD, feed[6]), RDV_GAP);
    fork = t_pen_entry(&pen, 0x0A, 6, feed[1], "fork");
    T_UINT(judge(next, RECORD, fork), RDV_FORKED);
    T_UINT(judge(next, HEAD, t_pen_head(&pen, 0x0A, 4, feed[4], NOW - 1)), RDV_STALE_HEAD);
    T_UINT(judge(next, "rdv/key2.com/record/0A", feed[1]), RDV_WRONG_TOPIC);
    free(bytes);
    free(again);

    /* And which history is not the one that was seen. */
    kept = save(next, &bytes);
    T_OK(rdv_verifier_load(last, kept.p, kept.n, NULL));
    T_SPAN(save(last, &again), kept);
    T_UINT(judge(last, RECORD, t_pen_entry(&pen, 0x0A, 7, fork, "too")), RDV_FORKED);
    free(bytes);
    free(again);
    rdv_verifier_free(v);
    rdv_verifier_free(next);
    rdv_verifier_free(last);
    t_pen_free(&pen);
}

static void nothing_seen_is_kept_as_well(void)
{
    struct rdv_verifier *v, *next;
    struct rdv_span kept;
    uint8_t *bytes;

    t_pen_new(&pen, 1);
    v = new_verifier(pen.point, NULL);
    next = new_verifier(pen.point, NULL);
    kept = save(v, &bytes);
    T_OK(rdv_verifier_load(next, kept.p, kept.n, NULL));
    free(bytes);
    rdv_verifier_free(v);
    rdv_verifier_free(next);
    t_pen_free(&pen);
}

static struct rdv_verifier *reader;
static struct rdv_span whole;

static void refuse(struct rdv_span in)
{
    struct rdv_why why = { "" };

    T_ERR(rdv_verifier_load(reader, in.p, in.n, &why), RDV_ERR_CORRUPT);
    T_TRUE(why.text[0] != '\0');
}

static void what_is_damaged_is_refused(void)
{
    struct rdv_verifier *v = a_verifier();
    uint8_t *bytes;

    reader = new_verifier(pen.point, NULL);
    whole = save(v, &bytes);
    t_every_prefix(whole, refuse);
    t_every_bit_flip(whole, refuse);
    T_OK(rdv_verifier_load(reader, whole.p, whole.n, NULL));
    free(bytes);
    rdv_verifier_free(reader);
    rdv_verifier_free(v);
    t_pen_free(&pen);
}

/* With the hash behind that belongs to it: what it says is to be refused for what it says. */
static enum rdv_err load_altered(struct rdv_span kept, size_t at, uint8_t byte)
{
    struct rdv_verifier *v = new_verifier(pen.point, NULL);
    uint8_t *copy = malloc(kept.n);
    enum rdv_err err;

    T_MUST(copy != NULL && at < kept.n - SE_SHA256_BYTES);
    memcpy(copy, kept.p, kept.n);
    copy[at] = byte;
    se_sha256(copy + kept.n - SE_SHA256_BYTES, (struct rdv_span){ copy, kept.n - SE_SHA256_BYTES });
    err = rdv_verifier_load(v, copy, kept.n, NULL);
    free(copy);
    rdv_verifier_free(v);
    return err;
}

static void a_newer_version_is_refused_by_name(void)
{
    struct rdv_verifier *v = a_verifier();
    uint8_t *bytes;
    const struct rdv_span kept = save(v, &bytes);

    T_ERR(load_altered(kept, 11, 2), RDV_ERR_VERSION);
    T_ERR(load_altered(kept, 11, 0), RDV_ERR_VERSION);
    T_ERR(load_altered(kept, 1, 'R'), RDV_ERR_CORRUPT);
    T_OK(load_altered(kept, 11, 1));
    free(bytes);
    rdv_verifier_free(v);
    t_pen_free(&pen);
}

/* Every byte set to a few values: read or refused, and never anything worse. */
static void no_byte_is_trusted(void)
{
    static const uint8_t values[] = { 0, 1, 0x17, 0x1B, 0x58, 0x84, 0x88, 0xF6, 0xFF };
    struct rdv_verifier *v = a_verifier();
    uint8_t *bytes;
    const struct rdv_span kept = save(v, &bytes);
    unsigned refused = 0;

    for (size_t at = 0; at < kept.n - SE_SHA256_BYTES; at++) {
        for (size_t i = 0; i < sizeof(values); i++)
            refused += load_altered(kept, at, values[i]) == RDV_OK ? 0 : 1;
    }
    T_TRUE(refused > 300);
    free(bytes);
    rdv_verifier_free(v);
    t_pen_free(&pen);
}

#define H "h'0101010101010101010101010101010101010101010101010101010101010101'"
#define GAP(from, to) "[" from ", " to ", " H ", " H "]"

/* With what stands behind the key, and the hash that belongs to it. */
static enum rdv_err load_written(const char *const items[], size_t n_items)
{
    struct rdv_verifier *v = new_verifier(pen.point, NULL);
    struct rdv_buf bytes = RDV_BUF(65536);
    uint8_t compressed[SE_EC_COMPRESSED_BYTES], hash[SE_SHA256_BYTES];
    enum rdv_err err;

    se_ec_compress(compressed, pen.point);
    t_cbor(&bytes, "\"rdv-verify\"");
    t_cbor(&bytes, "1");
    T_MUST_OK(rdv_cbor_put_bytes(&bytes, (struct rdv_span){ compressed, sizeof(compressed) }));
    for (size_t i = 0; i < n_items; i++)
        t_cbor(&bytes, items[i]);
    se_sha256(hash, rdv_buf_view(&bytes));
    T_MUST_OK(rdv_put_bytes(&bytes, (struct rdv_span){ hash, sizeof(hash) }));
    err = rdv_verifier_load(v, rdv_buf_view(&bytes).p, rdv_buf_len(&bytes), NULL);
    rdv_buf_free(&bytes);
    rdv_verifier_free(v);
    return err;
}

static enum rdv_err load_chains(const char *chains)
{
    const char *const items[] = { "\"key1.com\"", "40", "0", "0", H, chains };

    return load_written(items, 6);
}

static void what_cannot_be_is_refused(void)
{
    static const char *const good[] = {
        "[]",
        "[[10, false, 0, 0, 0, h'', [], null]]",
        "[[10, true, 1, 0, 0, h'', [], [0, " H ", 5, 6, " H "]]]",
        "[[10, true, 1, 1, 1, " H ", [], null], [256, true, 1, 1, 1, " H ", [], null]]",
        "[[0, true, 1, 1, 1, " H ", [" GAP("1", "1") "], null]]",
    };
    static const char *const bad[] = {
        "7",
        "[[10, false, 0, 0, 0, h'', []]]",          /* no head */
        "[[10, false, 0, 0, 0, h'', [], null, 1]]", /* one more */
        "[[257, false, 0, 0, 0, h'', [], null]]",   /* no record */
        "[[10, false, 0, 0, 0, h'', [], null], [10, false, 0, 0, 0, h'', [], null]]", /* twice */
        "[[10, 0, 0, 0, 0, h'', [], null]]",
        "[[10, false, 0, 1, 1, " H ", [], null]]", /* entries, and not begun */
        "[[10, true, 0, 1, 1, " H ", [], null]]",  /* begun with entry 0 */
        "[[10, true, 1, 2, 1, " H ", [], null]]",  /* a hash is missing */
        "[[10, true, 1, 0, 1, " H ", [], null]]",  /* of which entry? */
        "[[0, true, 1, 1, 1, " H ", [" GAP("0", "1") "], null]]",
        "[[0, true, 1, 1, 1, " H ", [" GAP("1", "2") "], null]]",
        "[[0, true, 1, 1, 1, " H ", [" GAP("1", "0") "], null]]",
        "[[0, true, 1, 1, 1, " H ", [" GAP("1", "1") ", " GAP("1", "1") "], null]]",
        "[[0, true, 1, 1, 1, " H ", [[1, 1, " H "]], null]]",
        "[[10, true, 1, 0, 0, h'', [], [0, " H ", 5, 6]]]",
        "[[10, true, 1, 0, 0, h'', [], [0, h'00', 5, 6, " H "]]]",
        "[[10, true, 1, 0, 0, h'', [], [0, " H ", 9223372036854775808, 6, " H "]]]",
        "[[10, true, 1, 0, 0, h'', [], 0]]",
    };
    const char *const more[] = { "\"key1.com\"", "40", "0", "0", H, "[]", "[]" };
    const char *const no_name[] = { "\"a/b\"", "40", "0", "0", H, "[]" };
    const char *const late[] = { "\"\"", "40", "0", "9223372036854775808", H, "[]" };

    t_pen_new(&pen, 1);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        T_OK(load_chains(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        T_ERR(load_chains(bad[i]), RDV_ERR_CORRUPT);
    T_ERR(load_written(more, 7), RDV_ERR_CORRUPT);
    T_ERR(load_written(more, 5), RDV_ERR_CORRUPT);
    T_ERR(load_written(no_name, 6), RDV_ERR_CORRUPT);
    T_ERR(load_written(late, 6), RDV_ERR_CORRUPT);
    t_pen_free(&pen);
}

/* Entries 1 to 40, of which each second one is missing, as far as `n_gaps` gaps tell. */
static enum rdv_err load_gaps(unsigned n_gaps)
{
    char text[16384];
    size_t n = 0;

    n += (size_t)snprintf(text, sizeof(text), "[[10, true, 1, 40, 40, h'");
    for (unsigned i = 0; i < 40 * RDV_VERIFY_HASH_BYTES; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "01");
    n += (size_t)snprintf(text + n, sizeof(text) - n, "', [");
    for (unsigned i = 0; i < n_gaps; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s[%u, %u, " H ", " H "]",
                              i == 0 ? "" : ", ", 2 * i + 1, 2 * i + 1);
    T_MUST(snprintf(text + n, sizeof(text) - n, "], null]]") < (int)(sizeof(text) - n));
    return load_chains(text);
}

static void no_more_gaps_are_taken_up_than_there_can_be(void)
{
    t_pen_new(&pen, 1);
    T_OK(load_gaps(RDV_VERIFY_GAPS));
    T_ERR(load_gaps(RDV_VERIFY_GAPS + 1), RDV_ERR_CORRUPT);
    t_pen_free(&pen);
}

static void it_is_about_one_card(void)
{
    struct rdv_verifier *v = a_verifier(), *next;
    struct rdv_why why = { "" };
    struct t_pen other;
    uint8_t *bytes;
    const struct rdv_span kept = save(v, &bytes);

    t_pen_new(&other, 2);
    next = new_verifier(other.point, NULL);
    T_ERR(rdv_verifier_load(next, kept.p, kept.n, &why), RDV_ERR_AUTH);
    T_TEXT(rdv_span_of(why.text), "about a card with another key");
    rdv_verifier_free(next);
    next = new_verifier(pen.point, "key2.com");
    T_ERR(rdv_verifier_load(next, kept.p, kept.n, &why), RDV_ERR_AUTH);
    T_TEXT(rdv_span_of(why.text), "about the card key1.com");
    rdv_verifier_free(next);
    t_pen_free(&other);
    free(bytes);
    rdv_verifier_free(v);
    t_pen_free(&pen);
}

static void it_is_read_before_anything_is_seen(void)
{
    struct rdv_verifier *v = a_verifier();
    uint8_t *bytes;
    const struct rdv_span kept = save(v, &bytes);

    T_ERR(rdv_verifier_load(v, kept.p, kept.n, NULL), RDV_ERR_STATE);
    free(bytes);
    rdv_verifier_free(v);
    t_pen_free(&pen);
}

/* As much as there can be, in every chain. */
static void the_most_there_can_be_is_kept(void)
{
    struct rdv_verifier *v, *next;
    struct rdv_envelope e = {
        .topic = { RDV_TOPIC_RECORD, "key1.com", 0 },
        .time = NOW,
        .entry = { .author = RDV_LIT("a"), .type = RDV_LIT("text/plain"), .content = RDV_LIT("x") }
    };
    struct rdv_span kept, message;
    uint8_t *bytes;

    t_pen_new(&pen, 1);
    v = new_verifier(pen.point, NULL);
    memset(e.entry.prev, 1, sizeof(e.entry.prev));
    for (unsigned record = 0; record < 256; record++) {
        for (uint64_t i = 0; i < RDV_VERIFY_GAPS + 1; i++) {
            char topic[RDV_TOPIC_MAX + 1];

            e.topic.record = (uint8_t)record;
            e.entry.n = UINT64_MAX - 100 + 2 * i;
            e.entry.seq = UINT64_MAX - 100 + 2 * i;
            rdv_topic_print(topic, &e.topic);
            message = t_pen_sign(&pen, &e);
            T_UINT(judge(v, topic, message), i == 0 ? RDV_VALID : RDV_GAP);
        }
        message = t_pen_head(&pen, (uint8_t)record, e.entry.n, message, INT64_MAX - 3600);
        T_UINT(judge(v, NULL, message), RDV_VALID);
    }
    kept = save(v, &bytes);
    T_TRUE(kept.n > 1000000);
    next = new_verifier(pen.point, NULL);
    T_OK(rdv_verifier_load(next, kept.p, kept.n, NULL));
    free(bytes);
    rdv_verifier_free(v);
    rdv_verifier_free(next);
    t_pen_free(&pen);
}

static void without_memory_nothing_is_taken_up(void)
{
    struct rdv_verifier *v = a_verifier(), *next = new_verifier(pen.point, NULL);
    uint8_t *bytes = NULL;
    size_t n = 0;
    enum rdv_err err;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err)) {
        free(bytes);
        err = rdv_verifier_save(v, &bytes, &n);
    }
    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err))
        err = rdv_verifier_load(next, bytes, n, NULL);
    T_UINT(judge(next, RECORD, feed[4]), RDV_REPEATED);
    free(bytes);
    rdv_verifier_free(v);
    rdv_verifier_free(next);
    t_pen_free(&pen);
}

static CU_TestInfo tests[] = {
    T_CASE(what_was_seen_is_known_in_the_next_run),
    T_CASE(nothing_seen_is_kept_as_well),
    T_CASE(what_is_damaged_is_refused),
    T_CASE(a_newer_version_is_refused_by_name),
    T_CASE(no_byte_is_trusted),
    T_CASE(what_cannot_be_is_refused),
    T_CASE(no_more_gaps_are_taken_up_than_there_can_be),
    T_CASE(it_is_about_one_card),
    T_CASE(it_is_read_before_anything_is_seen),
    T_CASE(the_most_there_can_be_is_kept),
    T_CASE(without_memory_nothing_is_taken_up),
    T_END,
};

T_SUITE(librdv_verify_state, tests);
