/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/moment.h"

#include <stdio.h>

#include "tests/support/test.h"

#define NOW 1700000000 /* 2023-11-14T22:13:20Z */

struct bad {
    const char *text;
    enum rdv_err err;
};

static void what_is_no_number_is_refused(void)
{
    static const struct bad bad[] = {
        { "", RDV_ERR_FORMAT },
        { "-1", RDV_ERR_FORMAT },
        { "+1", RDV_ERR_FORMAT },
        { " 1", RDV_ERR_FORMAT },
        { "1 ", RDV_ERR_FORMAT },
        { "0x10", RDV_ERR_FORMAT },
        { "1e3", RDV_ERR_FORMAT },
        { "1.5", RDV_ERR_FORMAT },
        { "ten", RDV_ERR_FORMAT },
        { "99999999999999999999999999x", RDV_ERR_FORMAT },
        { "101", RDV_ERR_RANGE },
        { "9223372036854775808", RDV_ERR_RANGE },  /* 2^63 */
        { "18446744073709551616", RDV_ERR_RANGE }, /* 2^64 */
        { "18446744073709551617", RDV_ERR_RANGE },
        { "99999999999999999999999999", RDV_ERR_RANGE },
    };
    int64_t n;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        n = 4711;
        if (!T_ERR(se_number_decode(&n, rdv_span_of(bad[i].text), 100), bad[i].err))
            T_TEXT(rdv_span_of(bad[i].text), "");
        T_TRUE(n == 0);
    }
}

static void numbers_end_exactly_where_they_are_told(void)
{
    static const int64_t most[] = { 0, 1, 5, 8, 9, 10, 11, 99, 100, 255, INT64_MAX - 1 };
    char text[32];
    int64_t n;

    for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
        (void)snprintf(text, sizeof(text), "%lld", (long long)most[i]);
        T_OK(se_number_decode(&n, rdv_span_of(text), most[i]));
        T_TRUE(n == most[i]);
        (void)snprintf(text, sizeof(text), "%lld", (long long)most[i] + 1);
        T_ERR(se_number_decode(&n, rdv_span_of(text), most[i]), RDV_ERR_RANGE);
    }
    T_OK(se_number_decode(&n, RDV_LIT("9223372036854775807"), INT64_MAX));
    T_TRUE(n == INT64_MAX);
    T_OK(se_number_decode(&n, RDV_LIT("0000000000000000000000007"), 7));
    T_TRUE(n == 7);
}

static void what_is_no_duration_is_refused(void)
{
    static const struct bad bad[] = {
        { "", RDV_ERR_FORMAT },
        { "s", RDV_ERR_FORMAT },
        { "30", RDV_ERR_FORMAT },
        { "30 s", RDV_ERR_FORMAT },
        { "30S", RDV_ERR_FORMAT },
        { "1w", RDV_ERR_FORMAT },
        { "1y", RDV_ERR_FORMAT },
        { "-1d", RDV_ERR_FORMAT },
        { "1h30m", RDV_ERR_FORMAT },
        { "1.5h", RDV_ERR_FORMAT },
        { "ss", RDV_ERR_FORMAT },
        { "0s", RDV_ERR_RANGE },
        { "0d", RDV_ERR_RANGE },
        { "36601d", RDV_ERR_RANGE },
        { "3162240001s", RDV_ERR_RANGE },
        { "99999999999999999999d", RDV_ERR_RANGE },
        { "106751991167301d", RDV_ERR_RANGE }, /* seconds past 2^63 */
    };
    int64_t seconds;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        seconds = 4711;
        if (!T_ERR(se_duration_decode(&seconds, rdv_span_of(bad[i].text)), bad[i].err))
            T_TEXT(rdv_span_of(bad[i].text), "");
        T_TRUE(seconds == 0);
    }
}

static void durations_have_four_units(void)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        { "1s", 1 },      { "30s", 30 },
        { "15m", 900 },   { "2h", 7200 },
        { "7d", 604800 }, { "36600d", SE_DURATION_MAX },
        { "007s", 7 },    { "3162240000s", SE_DURATION_MAX },
    };
    int64_t seconds;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        T_OK(se_duration_decode(&seconds, rdv_span_of(good[i].text)));
        T_TRUE(seconds == good[i].seconds);
    }
}

static void what_is_no_moment_is_refused(void)
{
    static const struct bad bad[] = {
        { "", RDV_ERR_FORMAT },
        { "soon", RDV_ERR_FORMAT },
        { "2027-01-31", RDV_ERR_FORMAT },
        { "2027-01-31T00:00:00", RDV_ERR_FORMAT },
        { "2027-01-31 00:00:00Z", RDV_ERR_FORMAT },
        { "2027-01-31t00:00:00z", RDV_ERR_FORMAT },
        { "2027-01-31T00:00:00+", RDV_ERR_FORMAT },
        { "2027-01-31T00:00:00Z0", RDV_ERR_FORMAT },
        { "2027-1-31T00:00:000Z", RDV_ERR_FORMAT },
        { "2027-01-31T 0:00:00Z", RDV_ERR_FORMAT },
        { "2027-01-31T+0:00:00Z", RDV_ERR_FORMAT },
        { "-027-01-31T00:00:00Z", RDV_ERR_FORMAT },
        { "0000-01-01T00:00:00Z", RDV_ERR_FORMAT },
        { "2027-02-29T00:00:00Z", RDV_ERR_RANGE },
        { "2027-04-31T00:00:00Z", RDV_ERR_RANGE },
        { "2027-00-01T00:00:00Z", RDV_ERR_RANGE },
        { "2027-13-01T00:00:00Z", RDV_ERR_RANGE },
        { "2027-01-00T00:00:00Z", RDV_ERR_RANGE },
        { "2027-01-01T24:00:00Z", RDV_ERR_RANGE },
        { "2027-01-01T00:60:00Z", RDV_ERR_RANGE },
        { "2027-01-01T00:00:60Z", RDV_ERR_RANGE },
        { "9999-12-31T23:59:59Z", RDV_ERR_RANGE },
        { "0s", RDV_ERR_RANGE },
        { "99999999999d", RDV_ERR_RANGE },
    };
    int64_t moment;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        moment = 4711;
        if (!T_ERR(se_moment_decode(&moment, rdv_span_of(bad[i].text), NOW), bad[i].err))
            T_TEXT(rdv_span_of(bad[i].text), "");
        T_TRUE(moment == 0);
    }
}

static void a_moment_is_a_time_or_a_duration_from_now(void)
{
    int64_t moment;

    T_OK(se_moment_decode(&moment, RDV_LIT("2027-01-31T00:00:00Z"), NOW));
    T_TRUE(moment == 1801353600);
    T_OK(se_moment_decode(&moment, RDV_LIT("2028-02-29T23:59:59Z"), NOW));
    T_TRUE(moment == 1835481599);
    T_OK(se_moment_decode(&moment, RDV_LIT("1970-01-01T00:00:01Z"), NOW)); /* past: the caller's */
    T_TRUE(moment == 1);
    T_OK(se_moment_decode(&moment, RDV_LIT("7d"), NOW));
    T_TRUE(moment == NOW + 7 * 86400);
    T_OK(se_moment_decode(&moment, RDV_LIT("36600d"), NOW));
    T_TRUE(moment == NOW + SE_DURATION_MAX);
}

static void decode(struct rdv_span in)
{
    int64_t moment;

    (void)!se_moment_decode(&moment, in, NOW);
}

static void no_piece_of_a_moment_reads_past_its_end(void)
{
    t_every_prefix(RDV_LIT("2027-01-31T00:00:00Z"), decode);
    t_every_bit_flip(RDV_LIT("2027-01-31T00:00:00Z"), decode);
    t_every_bit_flip(RDV_LIT("36600d"), decode);
}

static void a_moment_is_read_back_from_its_text(void)
{
    uint32_t seed = 815;
    char text[SE_MOMENT_TEXT];
    int64_t moment;

    for (unsigned i = 0; i < 1000; i++) {
        const int64_t t = (int64_t)(t_random(&seed) % 2000000000);

        se_moment_text(text, t);
        T_OK(se_moment_decode(&moment, rdv_span_of(text), NOW));
        T_TRUE(moment == t);
    }
}

static void what_no_calendar_holds_is_written_as_the_last_second(void)
{
    char text[SE_MOMENT_TEXT];

    se_moment_text(text, 253402300799);
    T_TEXT(rdv_span_of(text), "9999-12-31T23:59:59Z");
    se_moment_text(text, 253402300800);
    T_TEXT(rdv_span_of(text), "9999-12-31T23:59:59Z");
    se_moment_text(text, INT64_MAX);
    T_TEXT(rdv_span_of(text), "9999-12-31T23:59:59Z");
}

static CU_TestInfo tests[] = {
    T_CASE(a_moment_is_a_time_or_a_duration_from_now),
    T_CASE(durations_have_four_units),
    T_CASE(what_is_no_number_is_refused),
    T_CASE(what_is_no_duration_is_refused),
    T_CASE(what_is_no_moment_is_refused),
    T_CASE(no_piece_of_a_moment_reads_past_its_end),
    T_CASE(numbers_end_exactly_where_they_are_told),
    T_CASE(a_moment_is_read_back_from_its_text),
    T_CASE(what_no_calendar_holds_is_written_as_the_last_second),
    T_END,
};

T_SUITE(se_card_moment, tests);
