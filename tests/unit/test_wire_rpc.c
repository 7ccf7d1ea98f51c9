/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/rpc.h"

#include <string.h>

#include "tests/support/test.h"

/* --- framing ---------------------------------------------------------------------------------- */

#define MESSAGES 6

/* Behind each other: a request, a number, an empty array, a string, nested maps, an empty map. */
static const char *const messages[MESSAGES] = {
    "83 01 63676574 A1 667265636F7264 0A",
    "1903E8",
    "80",
    "58 1E 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D",
    "A2 01 82 A1 02 C1 03 80 04 A0",
    "A0",
};

static struct rdv_span message[MESSAGES];

static struct rdv_span all_messages(struct rdv_buf *out)
{
    for (size_t i = 0; i < MESSAGES; i++) {
        message[i] = t_hex(messages[i]);
        T_MUST_OK(rdv_put_bytes(out, message[i]));
    }
    return rdv_buf_view(out);
}

/* Frames `in`, cut into pieces of these sizes in turn, and compares with the messages. */
static void frame_in_pieces(struct rdv_span in, const size_t *sizes, size_t n_sizes)
{
    struct rdv_rpc_framer f = { .most = 64 };
    struct rdv_buf got = RDV_BUF(64);
    size_t found = 0;

    for (size_t turn = 0; in.n > 0; turn++) {
        const size_t size = sizes[turn % n_sizes], n = size < in.n ? size : in.n;
        struct rdv_reader rd = { { in.p, n } };

        while (rd.rest.n > 0) {
            struct rdv_span piece;
            bool whole;

            T_MUST_OK(rdv_rpc_frame(&f, &rd, &piece, &whole));
            T_MUST_OK(rdv_put_bytes(&got, piece));
            if (!whole)
                continue;
            T_MUST(found < MESSAGES);
            T_SPAN(rdv_buf_view(&got), message[found++]);
            rdv_buf_clear(&got);
        }
        in.p += n;
        in.n -= n;
    }
    T_UINT(found, MESSAGES);
    T_UINT(rdv_buf_len(&got), 0);
    rdv_buf_free(&got);
}

static void finds_the_messages_however_they_are_cut(void)
{
    struct rdv_buf buf = RDV_BUF(1024);
    const struct rdv_span all = all_messages(&buf);

    for (size_t first = 1; first <= all.n; first++) {
        for (size_t second = 1; second <= all.n; second += 7) {
            const size_t sizes[] = { first, second };

            frame_in_pieces(all, sizes, 2);
        }
    }
    rdv_buf_free(&buf);
}

/* Feeds it whole, and byte by byte; gives the error it met, and how many bytes it had taken. */
static enum rdv_err frame(struct rdv_span in, size_t most, bool by_bytes, size_t *taken)
{
    struct rdv_rpc_framer f = { .most = most };
    struct rdv_span piece;
    bool whole = false;
    enum rdv_err err = RDV_OK;

    for (*taken = 0; *taken < in.n && err == RDV_OK && !whole; *taken += piece.n) {
        struct rdv_reader rd = { { in.p + *taken, by_bytes ? 1 : in.n - *taken } };

        err = rdv_rpc_frame(&f, &rd, &piece, &whole);
    }
    return err == RDV_OK && !whole ? RDV_ERR_SHORT : err;
}

static void expect(const char *digits, size_t most, enum rdv_err want)
{
    const struct rdv_span in = t_hex(digits);
    size_t taken, at_once;

    T_ERR(frame(in, most, false, &at_once), want);
    T_ERR(frame(in, most, true, &taken), want);
    T_UINT(taken, at_once);
}

static void what_is_no_item_of_definite_length_ends_it(void)
{
    static const char *const bad[] = { "FF",       "9F01FF",      "BF6161F5FF", "5F41AAFF",
                                       "7F6161FF", "1C",          "83 01 FE",   "83 01 63676574 BF",
                                       "F800",     "A1 01 5F40FF" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect(bad[i], 1000, RDV_ERR_FORMAT);
}

static void is_as_deep_as_it_may_be_and_no_deeper(void)
{
    expect("81 81 81 81 81 81 81 80", 1000, RDV_OK);
    expect("81 81 81 81 81 81 81 81 00", 1000, RDV_OK);
    expect("81 81 81 81 81 81 81 81 80", 1000, RDV_OK); /* an empty one holds nothing */
    expect("81 81 81 81 81 81 81 81 81 00", 1000, RDV_ERR_FORMAT);
    expect("81 A1 00 81 A1 00 81 C1 81 81 A1 00 00", 1000, RDV_ERR_FORMAT);
}

static void a_length_that_cannot_fit_is_known_from_its_head(void)
{
    static const char *const bytes[] = {
        "5B7FFFFFFFFFFFFFFF", "5BFFFFFFFFFFFFFFFF", "9B0000000000000400", "BBFFFFFFFFFFFFFFFF",
        "BB8000000000000000", "81 7A00010000",      "8261 61 9903E8",
    };

    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
        expect(bytes[i], 1000, RDV_ERR_LIMIT);
    expect("43 010203", 4, RDV_OK);
    expect("43 010203", 3, RDV_ERR_LIMIT);
    expect("83 01 02 03", 4, RDV_OK);
    expect("83 01 02 03", 3, RDV_ERR_LIMIT);
    expect("82 01 1903E8", 4, RDV_ERR_LIMIT);
    expect("82 01 1903E8", 5, RDV_OK);
}

static void behind_a_message_that_is_too_long_the_next_one_is_found(void)
{
    const struct rdv_span in = t_hex("82 45 0102030405 42 0102 81 07");
    struct rdv_rpc_framer f = { .most = 6 };
    struct rdv_reader rd = { in };
    struct rdv_span piece;
    bool whole;

    T_ERR(rdv_rpc_frame(&f, &rd, &piece, &whole), RDV_ERR_LIMIT);
    T_TRUE(!whole);
    T_UINT(piece.n, 2);
    T_OK(rdv_rpc_frame(&f, &rd, &piece, &whole));
    T_TRUE(whole);
    T_UINT(piece.n, 8);
    T_OK(rdv_rpc_frame(&f, &rd, &piece, &whole));
    T_TRUE(whole);
    T_SPAN(piece, t_hex("8107"));
}

static void one_byte_too_long_may_be_known_only_at_the_end(void)
{
    struct rdv_rpc_framer f = { .most = 2 };
    struct rdv_reader rd = { t_hex("82 01 02 80") };
    struct rdv_span piece;
    bool whole;

    f.most = 3;
    T_OK(rdv_rpc_frame(&f, &rd, &piece, &whole));
    T_TRUE(whole);
    f.most = 1;
    rd.rest = t_hex("1818 80");
    T_ERR(rdv_rpc_frame(&f, &rd, &piece, &whole), RDV_ERR_LIMIT);
    T_TRUE(whole);
    T_UINT(piece.n, 2);
    T_OK(rdv_rpc_frame(&f, &rd, &piece, &whole));
    T_TRUE(whole);
    T_SPAN(piece, t_hex("80"));
}

/* --- messages --------------------------------------------------------------------------------- */

static void reads_a_request_and_writes_it_again(void)
{
    const struct rdv_span whole = t_hex("83 1903E8 63676574 A1 667265636F7264 0A");
    struct rdv_rpc_request rq;
    struct rdv_buf out = RDV_BUF(64);

    T_OK(rdv_rpc_get_request(&rq, whole));
    T_TRUE(rq.has_id);
    T_UINT(rq.id, 1000);
    T_TEXT(rq.method, "get");
    T_SPAN(rq.params, t_hex("A1 667265636F7264 0A"));
    T_OK(rdv_rpc_put_request(&out, 1000, "get"));
    T_OK(rdv_put_bytes(&out, rq.params));
    T_SPAN(rdv_buf_view(&out), whole);
    rdv_buf_free(&out);
}

static void a_request_that_is_none_is_refused_with_its_id_if_it_has_one(void)
{
    static const struct {
        const char *message;
        bool has_id;
    } bad[] = {
        { "00", false }, /* no array */
        { "A0", false },
        { "80", false }, /* too few items */
        { "82 01 6161", false },
        { "84 01 6161 A0 00", false }, /* too many */
        { "83 6131 6161 A0", false },  /* ids */
        { "83 20 6161 A0", false },
        { "83 F6 6161 A0", false },
        { "83 1B0020000000000001 6161 A0", false }, /* 2^53 + 1 */
        { "83 01 01 A0", true },                    /* methods */
        { "83 01 4161 A0", true },
        { "83 01 60 A0", true },
        { "83 01 62C328 A0", true },
        { "83 01 6161 80", true }, /* parameters */
        { "83 01 6161 F6", true },
        { "83 01 6161 00", true },
        { "83 01 6161 A1 6162 61FF", true },
        { "83 01 6161 A0 00", true }, /* something behind */
    };
    struct rdv_rpc_request rq;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        T_ERR(rdv_rpc_get_request(&rq, t_hex(bad[i].message)), RDV_ERR_FORMAT);
        T_UINT(rq.has_id, bad[i].has_id);
    }
    T_OK(rdv_rpc_get_request(&rq, t_hex("83 1B0020000000000000 6161 A0")));
}

static void a_method_has_at_most_64_bytes(void)
{
    static const char name[] = "0123456789012345678901234567890123456789012345678901234567890123x";

    for (size_t n = 64; n <= 65; n++) {
        struct rdv_buf out = RDV_BUF(128);
        struct rdv_rpc_request rq;

        T_OK(rdv_rpc_put_request(&out, 1, &name[65 - n]));
        T_OK(rdv_cbor_put_map(&out, 0));
        T_ERR(rdv_rpc_get_request(&rq, rdv_buf_view(&out)), n == 64 ? RDV_OK : RDV_ERR_FORMAT);
        rdv_buf_free(&out);
    }
}

static void the_id_is_known_before_the_request_is_whole(void)
{
    const struct rdv_span whole = t_hex("83 1903E8 63676574");
    uint64_t id;

    for (size_t n = 0; n < whole.n; n++)
        T_UINT(rdv_rpc_peek_id(&id, (struct rdv_span){ whole.p, n }), n >= 4);
    T_TRUE(rdv_rpc_peek_id(&id, whole));
    T_UINT(id, 1000);
    T_TRUE(!rdv_rpc_peek_id(&id, t_hex("82 01 02")));
    T_TRUE(!rdv_rpc_peek_id(&id, t_hex("83 6131 02")));
}

static void reads_an_answer_and_writes_it_again(void)
{
    static const char *const answers[] = { "83 07 00 A0", "83 07 0A A1 6161 01", "83 F6 05 A0" };
    struct rdv_rpc_answer answer;
    struct rdv_buf out = RDV_BUF(64);

    for (size_t i = 0; i < 3; i++) {
        rdv_buf_clear(&out);
        T_OK(rdv_rpc_get_answer(&answer, t_hex(answers[i])));
        T_OK(rdv_rpc_put_answer(&out, answer.has_id ? &answer.id : NULL, answer.code));
        T_OK(rdv_put_bytes(&out, answer.body));
        T_SPAN(rdv_buf_view(&out), t_hex(answers[i]));
    }
    rdv_buf_free(&out);
}

static void an_answer_that_is_none_is_refused(void)
{
    static const char *const bad[] = { "83 F6 00 A0", "83 07 F6 A0", "83 07 00 80",   "82 07 00",
                                       "83 07 20 A0", "83 60 00 A0", "83 07 00 A0 00" };
    struct rdv_rpc_answer answer;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        T_ERR(rdv_rpc_get_answer(&answer, t_hex(bad[i])), RDV_ERR_FORMAT);
}

static void read_it(struct rdv_span in)
{
    struct rdv_rpc_request rq;
    struct rdv_rpc_answer answer;
    size_t taken;

    (void)!rdv_rpc_get_request(&rq, in);
    (void)!rdv_rpc_get_answer(&answer, in);
    (void)!frame(in, 30, false, &taken);
}

static void broken_messages_are_refused_or_read_and_never_crash(void)
{
    const struct rdv_span request = t_hex("83 01 63676574 A1 667265636F7264 0A");

    t_every_prefix(request, read_it);
    t_every_bit_flip(request, read_it);
    t_every_bit_flip(t_hex("83 07 0A A1 6161 01"), read_it);
}

static CU_TestInfo tests[] = {
    T_CASE(finds_the_messages_however_they_are_cut),
    T_CASE(what_is_no_item_of_definite_length_ends_it),
    T_CASE(is_as_deep_as_it_may_be_and_no_deeper),
    T_CASE(a_length_that_cannot_fit_is_known_from_its_head),
    T_CASE(behind_a_message_that_is_too_long_the_next_one_is_found),
    T_CASE(one_byte_too_long_may_be_known_only_at_the_end),
    T_CASE(reads_a_request_and_writes_it_again),
    T_CASE(a_request_that_is_none_is_refused_with_its_id_if_it_has_one),
    T_CASE(a_method_has_at_most_64_bytes),
    T_CASE(the_id_is_known_before_the_request_is_whole),
    T_CASE(reads_an_answer_and_writes_it_again),
    T_CASE(an_answer_that_is_none_is_refused),
    T_CASE(broken_messages_are_refused_or_read_and_never_crash),
    T_END,
};

T_SUITE(wire_rpc, tests);
