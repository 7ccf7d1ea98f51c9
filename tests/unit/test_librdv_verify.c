/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/verify.h>

#include <stdlib.h>
#include <string.h>

#include "se_card/hash.h"
#include "tests/support/pen.h"
#include "tests/support/test.h"
#include "tests/support/vectors.h"
#include "tests/unit/alloc_fault.h"

#define NOW (T_PEN_TIME + 100)
#define RECORD "rdv/key1.com/record/0A"
#define HEAD "rdv/key1.com/head/0A"

static struct t_pen pen, other;
static struct rdv_verifier *verifier;
static struct rdv_verified got;

static struct rdv_verifier *new_verifier(const struct rdv_verifier_options *more)
{
    struct rdv_verifier_options options = { 0 };
    struct rdv_verifier *v;

    if (more != NULL)
        options = *more;
    options.key = pen.point;
    options.n_key = sizeof(pen.point);
    T_MUST_OK(rdv_verifier_new(&v, &options));
    return v;
}

static void begin(void)
{
    t_pen_new(&pen, 1);
    t_pen_new(&other, 2);
    verifier = new_verifier(NULL);
}

static void end(void)
{
    rdv_verifier_free(verifier);
    t_pen_free(&pen);
    t_pen_free(&other);
}

static enum rdv_verdict judge(const char *topic, struct rdv_span message)
{
    T_MUST_OK(rdv_verify(verifier, &got, NOW, topic, message.p, message.n));
    T_TRUE((got.statement == RDV_NOTHING) ==
           (got.verdict == RDV_MALFORMED || got.verdict == RDV_UNKNOWN_KEY ||
            got.verdict == RDV_BAD_SIGNATURE || got.verdict == RDV_UNSIGNED));
    T_TRUE(got.verdict == RDV_VALID || got.why.text[0] != '\0');
    return got.verdict;
}

static const struct rdv_span nothing;

/* --- what is believed ------------------------------------------------------------------------- */

static void an_entry_says_what_was_signed(void)
{
    uint8_t hash[SE_SHA256_BYTES];
    struct rdv_span entry;

    begin();
    entry = t_pen_entry(&pen, 0x0A, 1, nothing, "21.5");
    T_UINT(judge(RECORD, entry), RDV_VALID);
    T_UINT(got.statement, RDV_ENTRY);
    T_TEXT(rdv_span_of(got.sen), "key1.com");
    T_UINT(got.record, 0x0A);
    T_UINT(got.n, 1);
    T_UINT(got.seq, 10);
    T_UINT((uint64_t)got.time, T_PEN_TIME + 1);
    T_TEXT(rdv_span_of(got.author), "sensor");
    T_TEXT(rdv_span_of(got.type), "text/plain");
    T_TEXT(((struct rdv_span){ got.content, got.n_content }), "21.5");
    se_sha256(hash, entry);
    T_SPAN(((struct rdv_span){ got.hash, sizeof(got.hash) }),
           ((struct rdv_span){ hash, sizeof(hash) }));
    T_UINT(rdv_verifier_seq(verifier, -1), 10);
    T_UINT(rdv_verifier_seq(verifier, 0x0A), 10);
    T_UINT(rdv_verifier_seq(verifier, 0x0B), 0);
    end();
}

static void a_head_says_where_the_chain_stands(void)
{
    struct rdv_span entry;

    begin();
    entry = t_pen_entry(&pen, 0x0A, 1, nothing, "21.5");
    T_UINT(judge(RECORD, entry), RDV_VALID);
    T_UINT(judge(HEAD, t_pen_head(&pen, 0x0A, 1, entry, NOW)), RDV_VALID);
    T_UINT(got.statement, RDV_HEAD);
    T_UINT(got.record, 0x0A);
    T_UINT(got.n, 1);
    T_UINT((uint64_t)got.until, NOW + 3600);
    T_TEXT(rdv_span_of(got.type), RDV_TYPE_HEAD);
    T_TRUE(got.content == NULL);
    end();
}

static struct rdv_span point;
static unsigned n_vectors;

/* One at a time: not the feed, but each message is judged. */
static void judge_vector(const struct t_vector *vector)
{
    struct rdv_verifier_options options = { .n_key = 65 };

    if (strcmp(vector->word, "key") == 0) {
        point = vector->bytes;
        return;
    }
    options.key = point.p;
    T_MUST_OK(rdv_verifier_new(&verifier, &options));
    T_MUST_OK(rdv_verify(verifier, &got, 0, NULL, vector->bytes.p, vector->bytes.n));
    if (strcmp(vector->word, "ok") == 0) {
        T_UINT(got.verdict, RDV_VALID);
    } else if (strcmp(vector->word, "auth") == 0) {
        T_TRUE(got.verdict == RDV_BAD_SIGNATURE || got.verdict == RDV_UNKNOWN_KEY);
    } else {
        T_UINT(got.verdict, RDV_MALFORMED);
    }
    rdv_verifier_free(verifier);
    n_vectors++;
}

static void the_vectors_have_the_verdicts_they_should(void)
{
    n_vectors = 0;
    t_vectors("tests/vectors/envelope/envelopes.txt", judge_vector);
    T_TRUE(n_vectors > 70);
}

static void a_key_may_be_compressed(void)
{
    uint8_t compressed[SE_EC_COMPRESSED_BYTES];
    struct rdv_verifier_options options = { .key = compressed, .n_key = sizeof(compressed) };

    begin();
    rdv_verifier_free(verifier);
    se_ec_compress(compressed, pen.point);
    T_MUST_OK(rdv_verifier_new(&verifier, &options));
    T_UINT(judge(RECORD, t_pen_entry(&pen, 0x0A, 1, nothing, "x")), RDV_VALID);
    end();
}

static void records_and_the_card_have_chains_of_their_own(void)
{
    struct rdv_span a1, b1, event;

    begin();
    a1 = t_pen_entry(&pen, 0x0A, 1, nothing, "a");
    b1 = t_pen_entry(&pen, 0x0B, 1, nothing, "b");
    T_UINT(judge(RECORD, a1), RDV_VALID);
    T_UINT(judge("rdv/key1.com/record/0B", b1), RDV_VALID);
    T_UINT(judge(RECORD, t_pen_entry(&pen, 0x0A, 2, a1, "a")), RDV_VALID);
    T_UINT(judge("rdv/key1.com/record/0B", t_pen_entry(&pen, 0x0B, 2, b1, "b")), RDV_VALID);
    event = t_pen_event(&pen, "restored", 1, 1000, nothing);
    T_UINT(judge("rdv/key1.com/card", event), RDV_VALID);
    T_UINT(got.statement, RDV_EVENT);
    T_TEXT(rdv_span_of(got.type), RDV_TYPE_CARD);
    T_UINT(judge("rdv/key1.com/card", event), RDV_REPEATED);
    T_UINT(judge("rdv/key1.com/card", t_pen_event(&pen, "restored", 3, 3000, event)), RDV_GAP);
    end();
}

static void only_the_bridge_says_things_unsigned(void)
{
    begin();
    T_UINT(judge("rdv/key1.com/status", RDV_LIT("online")), RDV_UNSIGNED);
    T_UINT(judge("rdv/key1.com/status", RDV_LIT("")), RDV_UNSIGNED);
    T_UINT(judge(RECORD, RDV_LIT("online")), RDV_MALFORMED);
    T_UINT(judge("rdv/key1.com/status/x", RDV_LIT("online")), RDV_MALFORMED);
    T_UINT(judge(RECORD, RDV_LIT("")), RDV_MALFORMED);
    end();
}

static struct rdv_span keys_at(int64_t time)
{
    struct rdv_envelope e = { .topic = { RDV_TOPIC_KEY, "key1.com", 0 }, .time = time };

    e.keys.n = 1;
    memcpy(e.keys.keys[0].kid, pen.kid, sizeof(pen.kid));
    memcpy(e.keys.keys[0].x, pen.point + 1, 32);
    memcpy(e.keys.keys[0].y, pen.point + 33, 32);
    return t_pen_sign(&pen, &e);
}

static void keys_are_taken_from_the_newest_message(void)
{
    const char *topic = "rdv/key1.com/key";
    struct rdv_span first;

    begin();
    first = keys_at(NOW);
    T_UINT(judge(topic, first), RDV_VALID);
    T_UINT(got.statement, RDV_KEYS);
    T_UINT(judge(topic, first), RDV_REPEATED);
    T_UINT(judge(topic, keys_at(NOW - 1)), RDV_REPLAYED);
    T_UINT(judge(topic, keys_at(NOW + 1)), RDV_VALID);
    T_UINT(judge(topic, first), RDV_REPLAYED);
    end();
}

/* --- what is not ------------------------------------------------------------------------------ */

static void a_message_of_another_key_is_not_believed(void)
{
    begin();
    T_UINT(judge(RECORD, t_pen_entry(&other, 0x0A, 1, nothing, "x")), RDV_UNKNOWN_KEY);
    T_UINT(got.n, 0);
    T_TRUE(got.content == NULL && got.author[0] == '\0' && got.sen[0] == '\0');
    end();
}

static void a_signature_over_something_else_is_not_believed(void)
{
    uint8_t message[1024];
    struct rdv_span entry;

    begin();
    entry = t_pen_entry(&pen, 0x0A, 1, nothing, "21.5");
    memcpy(message, entry.p, entry.n);
    message[entry.n - 67] ^= 1; /* of the content, in front of the signature and its head */
    T_UINT(judge(RECORD, (struct rdv_span){ message, entry.n }), RDV_BAD_SIGNATURE);
    T_UINT(got.n, 0);
    T_UINT(judge(RECORD, entry), RDV_VALID);
    end();
}

static void a_message_belongs_on_its_topic(void)
{
    static const char *const others[] = {
        "rdv/key1.com/record/0B",
        "rdv/key1.com/record/0a",
        "rdv/key2.com/record/0A",
        HEAD,
        "rdv/key1.com/key",
        "rdv/key1.com/status",
        "rdv/key1.com/record/0A/",
        "",
        "a b\n",
    };
    struct rdv_span entry;

    begin();
    entry = t_pen_entry(&pen, 0x0A, 1, nothing, "21.5");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        T_UINT(judge(others[i], entry), RDV_WRONG_TOPIC);
        T_UINT(got.n, 1); /* what it says is the card's word */
    }
    T_UINT(judge(RECORD, entry), RDV_VALID); /* and it was not taken before */
    end();
}

static void a_verifier_is_for_one_card(void)
{
    struct rdv_verifier_options options = { .sen = "key2.com" };
    struct rdv_envelope e = {
        .topic = { RDV_TOPIC_RECORD, "key2.com", 0x0A },
        .time = NOW,
        .entry = { .seq = 1,
                   .n = 1,
                   .author = RDV_LIT("a"),
                   .type = RDV_LIT("text/plain"),
                   .content = RDV_LIT("x") },
    };

    begin();
    T_UINT(judge(RECORD, t_pen_entry(&pen, 0x0A, 1, nothing, "x")), RDV_VALID);
    T_UINT(judge("rdv/key2.com/record/0A", t_pen_sign(&pen, &e)), RDV_WRONG_TOPIC);
    rdv_verifier_free(verifier);
    verifier = new_verifier(&options);
    T_UINT(judge(RECORD, t_pen_entry(&pen, 0x0A, 1, nothing, "x")), RDV_WRONG_TOPIC);
    T_UINT(judge("rdv/key2.com/record/0A", t_pen_sign(&pen, &e)), RDV_VALID);
    end();
}

static void what_is_not_believed_changes_nothing(void)
{
    uint8_t *before, *after;
    size_t n_before, n_after;
    struct rdv_span entry;

    begin();
    entry = t_pen_entry(&pen, 0x0A, 1, nothing, "x");
    T_UINT(judge(RECORD, entry), RDV_VALID);
    T_MUST_OK(rdv_verifier_save(verifier, &before, &n_before));
    (void)judge(RECORD, t_pen_entry(&other, 0x0A, 2, entry, "x"));
    (void)judge(HEAD, t_pen_entry(&pen, 0x0A, 2, entry, "x"));
    (void)judge(RECORD, RDV_LIT("x"));
    T_MUST_OK(rdv_verifier_save(verifier, &after, &n_after));
    T_SPAN(((struct rdv_span){ after, n_after }), ((struct rdv_span){ before, n_before }));
    free(before);
    free(after);
    end();
}

static void keys_and_names_are_checked(void)
{
    uint8_t bad[65] = { 4 };
    struct rdv_verifier_options options = { .key = bad, .n_key = sizeof(bad) };
    struct rdv_verifier *v;

    begin();
    T_ERR(rdv_verifier_new(&v, &options), RDV_ERR_RANGE);
    T_TRUE(v == NULL);
    options.n_key = 0;
    T_ERR(rdv_verifier_new(&v, &options), RDV_ERR_RANGE);
    options.key = pen.point;
    options.n_key = 64;
    T_ERR(rdv_verifier_new(&v, &options), RDV_ERR_RANGE);
    options.n_key = 65;
    options.sen = "no/name";
    T_ERR(rdv_verifier_new(&v, &options), RDV_ERR_RANGE);
    rdv_verifier_free(NULL);
    end();
}

/* --- chains, seen from here ------------------------------------------------------------------- */

static void who_was_there_first_says_so(void)
{
    const struct rdv_verifier_options options = { .from_start = true };
    struct rdv_span a1;

    begin();
    rdv_verifier_free(verifier);
    verifier = new_verifier(&options);
    a1 = t_pen_entry(&pen, 0x0A, 1, nothing, "x");
    T_UINT(judge(RECORD, t_pen_entry(&pen, 0x0A, 2, a1, "x")), RDV_GAP);
    T_UINT(got.gap_from, 1);
    T_UINT(got.gap_to, 1);
    T_UINT(judge(RECORD, a1), RDV_FILLED);
    end();
}

static void a_restored_card_may_go_on(void)
{
    struct rdv_envelope e = {
        .topic = { RDV_TOPIC_RECORD, "key1.com", 0x0A },
        .time = NOW,
        .entry = { .seq = 5001,
                   .n = 2,
                   .author = RDV_LIT("a"),
                   .type = RDV_LIT("text/plain"),
                   .content = RDV_LIT("anew") },
    };
    struct rdv_span a1, a2, again, event;

    begin();
    a1 = t_pen_entry(&pen, 0x0A, 1, nothing, "x");
    a2 = t_pen_entry(&pen, 0x0A, 2, a1, "lost");
    se_sha256(e.entry.prev, a1);
    again = t_pen_sign(&pen, &e);
    T_UINT(judge(RECORD, a1), RDV_VALID);
    T_UINT(judge(RECORD, a2), RDV_VALID);
    T_UINT(judge(RECORD, again), RDV_FORKED);
    T_UINT(judge("rdv/key1.com/card", t_pen_event(&pen, "moved", 1, 4000, nothing)), RDV_VALID);
    T_UINT(judge(RECORD, again), RDV_FORKED);
    T_UINT(judge(RECORD, again), RDV_FORKED);
    event = t_pen_event(&pen, "restored", 3, 5000, a1);
    T_UINT(judge("rdv/key1.com/card", event), RDV_GAP);
    T_UINT(judge(RECORD, again), RDV_FORKED);
    T_UINT(judge(RECORD, again), RDV_REPEATED);
    /* The same copy put back once more: the announcement itself is on a fork. */
    T_UINT(judge("rdv/key1.com/card", t_pen_event(&pen, "restored", 1, 9000, nothing)), RDV_FORKED);
    e.entry.seq = 9001;
    T_UINT(judge(RECORD, t_pen_sign(&pen, &e)), RDV_FORKED);
    T_UINT(judge(RECORD, t_pen_sign(&pen, &e)), RDV_FORKED); /* another signature: another entry */
    T_UINT(judge("rdv/key1.com/card", event), RDV_FORKED);
    end();
}

static void what_does_not_come_is_told_of_its_record(void)
{
    struct rdv_span a1;
    struct rdv_standing standing;
    unsigned record = 0;
    uint64_t from, to;

    begin();
    a1 = t_pen_entry(&pen, 0x0A, 1, nothing, "x");
    T_TRUE(!rdv_verifier_overdue(verifier, &got, NOW));
    T_UINT(judge(RECORD, a1), RDV_VALID);
    T_UINT(judge(HEAD, t_pen_head(&pen, 0x0A, 3, a1, NOW)), RDV_VALID);
    T_TRUE(!rdv_verifier_overdue(verifier, &got, NOW));
    T_TRUE(rdv_verifier_overdue(verifier, &got, NOW + RDV_VERIFY_GRACE));
    T_UINT(got.verdict, RDV_GAP);
    T_UINT(got.record, 0x0A);
    T_TEXT(rdv_span_of(got.sen), "key1.com");
    T_UINT(got.gap_from, 2);
    T_UINT(got.gap_to, 3);
    T_TRUE(!rdv_verifier_overdue(verifier, &got, NOW + RDV_VERIFY_GRACE));
    T_TRUE(rdv_verifier_overdue(verifier, &got, NOW + 3601));
    T_UINT(got.verdict, RDV_STALE_HEAD);
    T_TRUE(!rdv_verifier_ends(verifier, &got, NOW + 3601));

    T_TRUE(rdv_verifier_standing(verifier, &record, &standing));
    T_UINT(standing.record, 0x0A);
    T_UINT(standing.first, 1);
    T_UINT(standing.n, 3);
    T_UINT(standing.missing, 2);
    T_TRUE(standing.has_head && standing.head_n == 3);
    T_TRUE(!rdv_verifier_standing(verifier, &record, &standing));
    T_TRUE(rdv_verifier_gap(verifier, 0x0A, 0, &from, &to) && from == 2 && to == 3);
    T_TRUE(!rdv_verifier_gap(verifier, 0x0A, 1, &from, &to));
    T_TRUE(!rdv_verifier_gap(verifier, 0x0B, 0, &from, &to));
    end();
}

static enum rdv_err judge_once(struct rdv_span message)
{
    const struct rdv_verifier_options options = { .key = pen.point, .n_key = sizeof(pen.point) };
    struct rdv_verifier *v = NULL;
    enum rdv_err err = rdv_verifier_new(&v, &options);

    if (err == RDV_OK)
        err = rdv_verify(v, &got, NOW, RECORD, message.p, message.n);
    rdv_verifier_free(v);
    return err;
}

static void without_memory_there_is_no_verdict(void)
{
    struct rdv_span entry;
    enum rdv_err err;

    begin();
    entry = t_pen_entry(&pen, 0x0A, 1, nothing, "x");
    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err))
        err = judge_once(entry);
    end();
}

static CU_TestInfo tests[] = {
    T_CASE(an_entry_says_what_was_signed),
    T_CASE(a_head_says_where_the_chain_stands),
    T_CASE(the_vectors_have_the_verdicts_they_should),
    T_CASE(a_key_may_be_compressed),
    T_CASE(records_and_the_card_have_chains_of_their_own),
    T_CASE(only_the_bridge_says_things_unsigned),
    T_CASE(keys_are_taken_from_the_newest_message),
    T_CASE(a_message_of_another_key_is_not_believed),
    T_CASE(a_signature_over_something_else_is_not_believed),
    T_CASE(a_message_belongs_on_its_topic),
    T_CASE(a_verifier_is_for_one_card),
    T_CASE(what_is_not_believed_changes_nothing),
    T_CASE(keys_and_names_are_checked),
    T_CASE(who_was_there_first_says_so),
    T_CASE(a_restored_card_may_go_on),
    T_CASE(what_does_not_come_is_told_of_its_record),
    T_CASE(without_memory_there_is_no_verdict),
    T_END,
};

T_SUITE(librdv_verify, tests);
