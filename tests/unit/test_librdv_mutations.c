/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A feed of 200 messages, made by a real card, in the hands of a broker that drops, repeats, swaps,
 * cuts, alters, moves, forks and holds back: each of it is named, and none passes.
 */
#include <rdv/verify.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/wire/envelope.h"
#include "se_card/own.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

#define START INT64_C(1800000000)
#define MESSAGES 200U
#define HALF 100U
#define RECORDS 4U
#define HEAD_GOOD_FOR 3600 /* as the rig has it */
#define END (START + MESSAGES)
#define SEED 20261121U

struct message {
    char topic[RDV_TOPIC_MAX + 1];
    struct rdv_span bytes;
    bool head;
    uint8_t record;
    uint64_t n;
};

/* What a card has published; and, from the middle on, what another one publishes that was made of
 * its files. */
static struct message feed[MESSAGES], forked[MESSAGES];
static struct message stranger; /* of a card with another key */
static uint8_t point[65];

/* What is known before message i: kept when the feed was recorded. */
static struct rdv_span states[MESSAGES + 1];

/* --- a card publishes ------------------------------------------------------------------------- */

static struct t_element element;
static struct t_rig rig;
static unsigned seq; /* of the last entry */

static void open_rig(void)
{
    const struct t_client_options options = t_client_published();

    t_rig_open(&rig, element.el, &options);
    T_MUST(t_client_is_open(rig.client));
}

/* The bytes behind "envelope=" in the answer to a line. */
static struct rdv_span envelope_of(const char *line)
{
    const struct rdv_span answer = t_rig_say(&rig, line);
    const char *hex = memmem(answer.p, answer.n, "envelope=", 9);
    char digits[2048];
    size_t n = 0;

    T_MUST(hex != NULL);
    for (hex += 9; *hex != ' ' && *hex != '\r' && n < sizeof(digits) - 1; hex++)
        digits[n++] = *hex;
    digits[n] = '\0';
    return t_hex(digits);
}

static struct message message_of(enum rdv_topic_kind kind, uint8_t record, struct rdv_span bytes)
{
    const struct rdv_topic topic = { kind, "key1.com", record };
    struct message m = { .bytes = bytes, .head = kind == RDV_TOPIC_HEAD, .record = record };
    struct rdv_envelope said;
    struct rdv_cose parts;

    T_MUST_OK(rdv_envelope_get(&said, &parts, bytes));
    m.n = m.head ? said.head.n : said.entry.n;
    rdv_topic_print(m.topic, &topic);
    return m;
}

static struct message publish_entry(uint8_t record, const char *branch)
{
    char line[128];

    (void)snprintf(line, sizeof(line), "!post %02X \"%s %u\" type=text/plain\n", (unsigned)record,
                   branch, ++seq);
    (void)t_rig_say(&rig, line);
    (void)snprintf(line, sizeof(line), "!receipt %u\n", seq);
    return message_of(RDV_TOPIC_RECORD, record, envelope_of(line));
}

static struct message publish_head(uint8_t record)
{
    char line[32];

    (void)snprintf(line, sizeof(line), "!head %02X\n", (unsigned)record);
    return message_of(RDV_TOPIC_HEAD, record, envelope_of(line));
}

/* One record has most of the entries; heads come in between, and those of all at the end. The clock
 * goes on by a second with each. */
static void publish(struct message *all, unsigned from, unsigned to, const char *branch)
{
    for (unsigned i = from; i < to; i++) {
        const bool last = i >= MESSAGES - RECORDS;
        const uint8_t record = last         ? (uint8_t)(i % RECORDS)
                               : i % 4 != 0 ? 0
                                            : (uint8_t)(i / 4 % RECORDS);

        element.el->now = last ? END : START + i;
        all[i] = last || i % 13 == 12 ? publish_head(record) : publish_entry(record, branch);
    }
}

static void copy_file(const char *from, const char *to, const char *name)
{
    char path[512], bytes[65536];
    FILE *in, *out;
    size_t n;

    (void)snprintf(path, sizeof(path), "%s/%s", from, name);
    T_MUST((in = fopen(path, "re")) != NULL);
    (void)snprintf(path, sizeof(path), "%s/%s", to, name);
    T_MUST((out = fopen(path, "we")) != NULL);
    while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
        T_MUST(fwrite(bytes, 1, n, out) == n);
    (void)fclose(in);
    T_MUST(fclose(out) == 0);
}

/* The files of a card that is closed, put away or put back: all of them, so that it cannot see it.
 */
static void copy_all(const char *from, const char *to)
{
    struct dirent *entry;
    DIR *dir = opendir(from);

    T_MUST(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.')
            copy_file(from, to, entry->d_name);
    }
    (void)closedir(dir);
}

static void publish_stranger(void)
{
    element = t_element_new(true);
    open_rig();
    seq = 0;
    stranger = publish_entry(0, "stranger");
    t_rig_close(&rig);
    t_element_free(&element);
}

static struct rdv_verifier *new_verifier(void)
{
    const struct rdv_verifier_options options = {
        .key = point, .n_key = sizeof(point), .sen = "key1.com", .from_start = true, .heads = true
    };
    struct rdv_verifier *v;

    T_MUST_OK(rdv_verifier_new(&v, &options));
    return v;
}

static struct rdv_span state_of(const struct rdv_verifier *v)
{
    struct rdv_span state;
    uint8_t *bytes;

    T_MUST_OK(rdv_verifier_save(v, &bytes, &state.n));
    state.p = bytes;
    return state;
}

static void free_state(struct rdv_span state)
{
    free((void *)(uintptr_t)state.p);
}

static struct rdv_verified got;

static enum rdv_verdict judge_at(struct rdv_verifier *v, const char *topic, struct rdv_span bytes,
                                 int64_t now)
{
    T_MUST_OK(rdv_verify(v, &got, now, topic, bytes.p, bytes.n));
    return got.verdict;
}

static enum rdv_verdict judge(struct rdv_verifier *v, const struct message *m)
{
    return judge_at(v, m->topic, m->bytes, END);
}

static void keep_states(void)
{
    struct rdv_verifier *v = new_verifier();

    for (unsigned i = 0; i < MESSAGES; i++) {
        states[i] = state_of(v);
        T_UINT(judge(v, &feed[i]), RDV_VALID);
        T_TRUE(got.why.text[0] == '\0' && !got.joined);
    }
    states[MESSAGES] = state_of(v);
    T_TRUE(!rdv_verifier_ends(v, &got, END + HEAD_GOOD_FOR));
    rdv_verifier_free(v);
}

/* Half of the feed, then a copy of the card's files; the card goes on, and so does the copy. */
static void record_feed(void)
{
    const char *copy;
    char files[256];
    unsigned seq_then;

    if (feed[0].bytes.n > 0)
        return;
    publish_stranger();
    element = t_element_new(true);
    (void)snprintf(files, sizeof(files), "%s/key1.com", element.dir);
    copy = t_temp_dir();
    memcpy(point, element.el->identity, sizeof(point));
    open_rig();
    seq = 0;
    publish(feed, 0, HALF, "one");
    t_rig_close(&rig);
    se_element_close(element.el);
    copy_all(files, copy);
    seq_then = seq;
    element.el = NULL;
    t_element_reopen(&element);
    open_rig();
    publish(feed, HALF, MESSAGES, "true");
    t_rig_close(&rig);
    se_element_close(element.el);
    element.el = NULL;
    copy_all(copy, files);
    seq = seq_then;
    t_element_reopen(&element);
    open_rig();
    publish(forked, HALF, MESSAGES, "false");
    t_rig_close(&rig);
    t_element_free(&element);
    keep_states();
}

/* Who has seen the first i messages. */
static struct rdv_verifier *who_has_seen(unsigned i)
{
    struct rdv_verifier *v;

    record_feed();
    v = new_verifier();
    T_MUST_OK(rdv_verifier_load(v, states[i].p, states[i].n, NULL));
    return v;
}

static void expect_unmoved(struct rdv_verifier *v, unsigned i)
{
    const struct rdv_span state = state_of(v);

    T_SPAN(state, states[i]);
    free_state(state);
}

static uint64_t missing_of(const struct rdv_verifier *v)
{
    struct rdv_standing standing;
    unsigned record = 0;
    uint64_t missing = 0;

    while (rdv_verifier_standing(v, &record, &standing))
        missing += standing.missing;
    return missing;
}

/* The next message of the same record and kind; MESSAGES: there is none. */
static unsigned next_of_kind(unsigned i)
{
    unsigned k = i + 1;

    while (k < MESSAGES && (feed[k].record != feed[i].record || feed[k].head != feed[i].head))
        k++;
    return k;
}

/* --- as it was -------------------------------------------------------------------------------- */

static void what_the_card_has_published_is_valid(void)
{
    struct rdv_verifier *v = who_has_seen(0);
    unsigned heads = 0;

    for (unsigned i = 0; i < MESSAGES; i++) {
        T_UINT(judge(v, &feed[i]), RDV_VALID);
        heads += feed[i].head ? 1 : 0;
    }
    T_TRUE(heads > 15 && heads < 50);
    T_TRUE(!rdv_verifier_ends(v, &got, END));
    T_UINT(missing_of(v), 0);
    rdv_verifier_free(v);
}

/* --- less than there was ---------------------------------------------------------------------- */

static void drop_entry(unsigned i)
{
    struct rdv_verifier *v = who_has_seen(i);
    unsigned gaps = 0;

    for (unsigned k = i + 1; k < MESSAGES; k++) {
        if (judge(v, &feed[k]) == RDV_VALID)
            continue;
        T_UINT(got.verdict, RDV_GAP);
        T_TRUE(got.record == feed[i].record && got.gap_from == feed[i].n &&
               got.gap_to == feed[i].n);
        gaps++;
    }
    while (rdv_verifier_ends(v, &got, END)) {
        T_UINT(got.verdict, RDV_GAP);
        T_TRUE(got.record == feed[i].record && got.gap_from == feed[i].n);
        gaps++;
    }
    T_UINT(gaps, 1);
    T_UINT(missing_of(v), 1);
    T_UINT(judge(v, &feed[i]), RDV_FILLED);
    T_UINT(missing_of(v), 0);
    rdv_verifier_free(v);
}

/* A head that a newer one follows says nothing that is missed. The last is missed when the one
 * before it ends. */
static void drop_head(unsigned i)
{
    struct rdv_verifier *v = who_has_seen(i);
    bool told;

    for (unsigned k = i + 1; k < MESSAGES; k++)
        T_UINT(judge(v, &feed[k]), RDV_VALID);
    told = rdv_verifier_ends(v, &got, END + HEAD_GOOD_FOR);
    T_TRUE(told == (next_of_kind(i) == MESSAGES));
    if (told)
        T_TRUE(got.verdict == RDV_STALE_HEAD && got.record == feed[i].record);
    T_TRUE(!rdv_verifier_ends(v, &got, END + HEAD_GOOD_FOR));
    rdv_verifier_free(v);
}

static void a_message_that_was_dropped_is_missed(void)
{
    record_feed();
    for (unsigned i = 0; i < MESSAGES; i++) {
        if (feed[i].head)
            drop_head(i);
        else
            drop_entry(i);
    }
}

/* Whatever is dropped is what is missing, no more and no less, and what comes after all fills it.
 */
static void a_part_that_was_dropped_is_missed(void)
{
    uint32_t seed = SEED;

    for (unsigned round = 0; round < 40; round++) {
        const unsigned from = t_random(&seed) % (MESSAGES - RECORDS);
        const unsigned to = from + 1 + t_random(&seed) % (MESSAGES - RECORDS - from);
        struct rdv_verifier *v = who_has_seen(from);
        uint64_t dropped = 0;

        for (unsigned k = to; k < MESSAGES; k++)
            T_TRUE(judge(v, &feed[k]) == RDV_VALID || got.verdict == RDV_GAP);
        while (rdv_verifier_ends(v, &got, END))
            T_UINT(got.verdict, RDV_GAP);
        for (unsigned k = from; k < to; k++)
            dropped += feed[k].head ? 0 : 1;
        T_UINT(missing_of(v), dropped);
        for (unsigned k = to; k-- > from;) {
            if (!feed[k].head)
                T_UINT(judge(v, &feed[k]), RDV_FILLED);
        }
        T_UINT(missing_of(v), 0);
        rdv_verifier_free(v);
    }
}

/* From each moment on nothing comes any more. */
static void a_feed_that_stands_still_is_told_of(void)
{
    for (unsigned i = 13; i <= MESSAGES; i++) {
        struct rdv_verifier *v = who_has_seen(i);
        unsigned records = 0;

        while (rdv_verifier_overdue(v, &got, END + HEAD_GOOD_FOR + 1)) {
            T_UINT(got.verdict, RDV_STALE_HEAD);
            records++;
        }
        /* Of a record without a head yet, one is waited for. */
        while (rdv_verifier_overdue(v, &got, END + HEAD_GOOD_FOR + 1 + RDV_VERIFY_GRACE)) {
            T_UINT(got.verdict, RDV_STALE_HEAD);
            records++;
        }
        T_UINT(records, RECORDS);
        rdv_verifier_free(v);
    }
}

/* --- more than there was ---------------------------------------------------------------------- */

static void a_message_that_comes_again_is_told_from_news(void)
{
    struct rdv_verifier *all = who_has_seen(MESSAGES);

    for (unsigned i = 0; i < MESSAGES; i++) {
        struct rdv_verifier *v = who_has_seen(i + 1);
        const bool is_last = next_of_kind(i) == MESSAGES;

        T_UINT(judge(v, &feed[i]), RDV_REPEATED);
        rdv_verifier_free(v);
        /* None is so old that it is forgotten: see test_librdv_chain.c. */
        T_UINT(judge(all, &feed[i]), feed[i].head && !is_last ? RDV_STALE_HEAD : RDV_REPEATED);
    }
    expect_unmoved(all, MESSAGES);
    rdv_verifier_free(all);
}

/* Each old head, at each later moment when there is a newer one. */
static void a_head_that_was_replaced_is_stale(void)
{
    for (unsigned i = 0; i < MESSAGES; i++) {
        record_feed();
        for (unsigned k = next_of_kind(i) + 1; feed[i].head && k <= MESSAGES; k++) {
            struct rdv_verifier *v = who_has_seen(k);

            T_UINT(judge(v, &feed[i]), RDV_STALE_HEAD);
            expect_unmoved(v, k);
            rdv_verifier_free(v);
        }
    }
}

static void messages_that_were_swapped_are_told(void)
{
    record_feed();
    for (unsigned i = 0; i < MESSAGES; i++) {
        const unsigned k = next_of_kind(i);
        struct rdv_verifier *v;

        if (k == MESSAGES)
            continue;
        v = who_has_seen(i);
        T_UINT(judge(v, &feed[k]), feed[i].head ? RDV_VALID : RDV_GAP);
        for (unsigned j = i + 1; j < k; j++)
            T_UINT(judge(v, &feed[j]), RDV_VALID);
        T_UINT(judge(v, &feed[i]), feed[i].head ? RDV_STALE_HEAD : RDV_FILLED);
        for (unsigned j = k + 1; j < MESSAGES; j++)
            T_UINT(judge(v, &feed[j]), RDV_VALID);
        T_TRUE(!rdv_verifier_ends(v, &got, END));
        T_UINT(missing_of(v), 0);
        rdv_verifier_free(v);
    }
}

/* --- other than it was ------------------------------------------------------------------------ */

static void a_message_that_was_cut_is_malformed(void)
{
    for (unsigned i = 0; i < MESSAGES; i++) {
        struct rdv_verifier *v = who_has_seen(i);
        const struct message *m = &feed[i];
        uint8_t *copy = malloc(m->bytes.n + 1);

        T_MUST(copy != NULL);
        memcpy(copy, m->bytes.p, m->bytes.n);
        copy[m->bytes.n] = 0;
        for (size_t n = 0; n <= m->bytes.n + 1; n++) {
            if (n == m->bytes.n)
                continue;
            T_UINT(judge_at(v, m->topic, (struct rdv_span){ copy, n }, END), RDV_MALFORMED);
            T_UINT(got.statement, RDV_NOTHING);
        }
        expect_unmoved(v, i);
        free(copy);
        rdv_verifier_free(v);
    }
}

/* Every byte of every message, each by another byte by chance. */
static void no_byte_can_be_altered(void)
{
    unsigned counts[RDV_VERDICTS] = { 0 };
    uint32_t seed = SEED;

    for (unsigned i = 0; i < MESSAGES; i++) {
        struct rdv_verifier *v = who_has_seen(i);
        const struct message *m = &feed[i];
        uint8_t *copy = malloc(m->bytes.n);

        T_MUST(copy != NULL);
        memcpy(copy, m->bytes.p, m->bytes.n);
        for (size_t at = 0; at < m->bytes.n; at++) {
            copy[at] ^= (uint8_t)(1 + t_random(&seed) % 255);
            counts[judge_at(v, m->topic, (struct rdv_span){ copy, m->bytes.n }, END)]++;
            T_UINT(got.statement, RDV_NOTHING);
            copy[at] = m->bytes.p[at];
        }
        expect_unmoved(v, i);
        free(copy);
        rdv_verifier_free(v);
    }
    for (unsigned verdict = 0; verdict < RDV_VERDICTS; verdict++)
        T_TRUE((counts[verdict] > 0) == (verdict == RDV_BAD_SIGNATURE ||
                                         verdict == RDV_UNKNOWN_KEY || verdict == RDV_MALFORMED));
    T_UINT(counts[RDV_UNKNOWN_KEY], MESSAGES * RDV_COSE_KID_BYTES);
}

static void a_message_of_another_card_is_not_believed(void)
{
    struct rdv_verifier *v = who_has_seen(0);

    T_UINT(judge(v, &stranger), RDV_UNKNOWN_KEY);
    T_UINT(got.statement, RDV_NOTHING);
    expect_unmoved(v, 0);
    rdv_verifier_free(v);
}

/* --- elsewhere -------------------------------------------------------------------------------- */

static void a_message_that_was_moved_is_told(void)
{
    static const char *const topics[] = {
        "rdv/key1.com/record/00",  "rdv/key1.com/record/01", "rdv/key1.com/record/FF",
        "rdv/key1.com/record/000", "rdv/key1.com/head/00",   "rdv/key1.com/head/03",
        "rdv/key1.com/card",       "rdv/key1.com/key",       "rdv/key1.com/status",
        "rdv/key2.com/record/00",  "rdv/key2.com/head/00",   "rdv/key1.com/record/0",
        "x/key1.com/record/00",    "rdv/key1.com",           "",
    };

    for (unsigned i = 0; i < MESSAGES; i++) {
        struct rdv_verifier *v = who_has_seen(i);

        for (size_t k = 0; k < sizeof(topics) / sizeof(topics[0]); k++) {
            if (strcmp(topics[k], feed[i].topic) == 0)
                continue;
            T_UINT(judge_at(v, topics[k], feed[i].bytes, END), RDV_WRONG_TOPIC);
        }
        expect_unmoved(v, i);
        T_UINT(judge(v, &feed[i]), RDV_VALID);
        rdv_verifier_free(v);
    }
}

/* --- another history -------------------------------------------------------------------------- */

/* In which records the two histories have parted before message i. */
static void find_parted(bool parted[RECORDS], unsigned i)
{
    memset(parted, 0, RECORDS * sizeof(parted[0]));
    for (unsigned k = HALF; k < i; k++) {
        if (!feed[k].head)
            parted[feed[k].record] = true;
    }
}

/* The true feed up to some message, and from there on what the copy of the card has published: in
 * each record in which something true has come since the copy was made, all of it is a fork. */
static void another_history_is_told_from_its_first_message_on(void)
{
    bool parted[RECORDS];

    for (unsigned i = HALF; i < MESSAGES; i++) {
        struct rdv_verifier *v = who_has_seen(i);

        find_parted(parted, i);
        for (unsigned k = i; k < MESSAGES; k++)
            T_UINT(judge(v, &forked[k]), parted[forked[k].record] ? RDV_FORKED : RDV_VALID);
        /* The history that came first counts. */
        for (unsigned k = i; k < MESSAGES; k++) {
            if (parted[feed[k].record])
                T_UINT(judge(v, &feed[k]), RDV_VALID);
        }
        rdv_verifier_free(v);
    }
}

static void a_message_of_another_history_is_told_whenever_it_comes(void)
{
    bool parted[RECORDS];

    record_feed();
    for (unsigned k = HALF; k < MESSAGES; k++) {
        find_parted(parted, k);
        if (forked[k].head && !parted[forked[k].record])
            continue;
        for (unsigned i = k + 1; i <= MESSAGES; i++) {
            struct rdv_verifier *v = who_has_seen(i);

            T_UINT(judge(v, &forked[k]), RDV_FORKED);
            rdv_verifier_free(v);
        }
    }
}

static CU_TestInfo tests[] = {
    T_CASE(what_the_card_has_published_is_valid),
    T_CASE(a_message_that_was_dropped_is_missed),
    T_CASE(a_part_that_was_dropped_is_missed),
    T_CASE(a_feed_that_stands_still_is_told_of),
    T_CASE(a_message_that_comes_again_is_told_from_news),
    T_CASE(a_head_that_was_replaced_is_stale),
    T_CASE(messages_that_were_swapped_are_told),
    T_CASE(a_message_that_was_cut_is_malformed),
    T_CASE(no_byte_can_be_altered),
    T_CASE(a_message_of_another_card_is_not_believed),
    T_CASE(a_message_that_was_moved_is_told),
    T_CASE(another_history_is_told_from_its_first_message_on),
    T_CASE(a_message_of_another_history_is_told_whenever_it_comes),
    T_END,
};

T_SUITE(librdv_mutations, tests);
