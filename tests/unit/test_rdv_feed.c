/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/feed.h"

#include <string.h>

#include "schema/wire/envelope.h"
#include "tests/support/test.h"

static struct tool_feed feed;

static void give(const void *bytes, size_t n)
{
    uint8_t *room;
    size_t most;

    T_MUST_OK(tool_feed_room(&feed, &room, &most));
    T_MUST(n <= most);
    memcpy(room, bytes, n);
    tool_feed_grew(&feed, n);
}

static void says(const char *text)
{
    give(text, strlen(text));
}

static void expect(const char *topic, const char *message)
{
    T_ERR(tool_feed_next(&feed, false), RDV_OK);
    T_TEXT(rdv_span_of(feed.topic), topic);
    T_TEXT(rdv_buf_view(&feed.message), message);
}

static void a_line_is_a_topic_and_a_message(void)
{
    tool_feed_init(&feed);
    says("rdv/key1.com/record/0A 68656C6c6f\nother/topic 78\r\nempty \na b 7879\n");
    expect("rdv/key1.com/record/0A", "hello");
    expect("other/topic", "x");
    expect("empty", "");
    expect("a b", "xy");
    T_ERR(tool_feed_next(&feed, false), RDV_ERR_SHORT);
    T_ERR(tool_feed_next(&feed, true), RDV_ERR_SHORT);
    tool_feed_free(&feed);
}

static void a_line_may_come_in_pieces(void)
{
    const char line[] = "topic 68656C6C6F\n";

    tool_feed_init(&feed);
    for (size_t i = 0; i < sizeof(line) - 1; i++) {
        T_ERR(tool_feed_next(&feed, false), RDV_ERR_SHORT);
        give(&line[i], 1);
    }
    expect("topic", "hello");
    tool_feed_free(&feed);
}

static void the_last_line_needs_no_end(void)
{
    tool_feed_init(&feed);
    says("topic 78");
    T_ERR(tool_feed_next(&feed, false), RDV_ERR_SHORT);
    T_ERR(tool_feed_next(&feed, true), RDV_OK);
    T_TEXT(rdv_buf_view(&feed.message), "x");
    T_ERR(tool_feed_next(&feed, true), RDV_ERR_SHORT);
    tool_feed_free(&feed);
}

static void what_is_no_message_is_told_and_passed_over(void)
{
    char long_topic[TOOL_FEED_TOPIC_MAX + 8];

    memset(long_topic, 'a', sizeof(long_topic));
    memcpy(&long_topic[TOOL_FEED_TOPIC_MAX + 1], " 78\n", 5);
    tool_feed_init(&feed);
    says("\nword\ntopic 7\ntopic 7g\n");
    says(long_topic);
    give("to\0pic 78\n", 10);
    says("topic 78\n");
    T_ERR(tool_feed_next(&feed, false), RDV_ERR_FORMAT);
    T_ERR(tool_feed_next(&feed, false), RDV_ERR_FORMAT);
    T_TEXT(rdv_span_of(feed.topic), "");
    T_ERR(tool_feed_next(&feed, false), RDV_ERR_FORMAT);
    T_TEXT(rdv_span_of(feed.topic), "topic");
    T_ERR(tool_feed_next(&feed, false), RDV_ERR_FORMAT);
    T_ERR(tool_feed_next(&feed, false), RDV_ERR_FORMAT);
    T_ERR(tool_feed_next(&feed, false), RDV_ERR_FORMAT);
    expect("topic", "x");
    tool_feed_free(&feed);
}

/* Gives `n` digits of a message, and takes what comes of it. */
static enum rdv_err digits(size_t n)
{
    static const char block[] = "00000000000000000000000000000000"
                                "00000000000000000000000000000000";
    enum rdv_err told = RDV_ERR_SHORT, err;

    says("topic ");
    for (; n > 0; n -= n < 64 ? n : 64) {
        give(block, n < 64 ? n : 64);
        if ((err = tool_feed_next(&feed, false)) != RDV_ERR_SHORT) {
            T_ERR(told, RDV_ERR_SHORT);
            T_TEXT(rdv_span_of(feed.topic), "topic");
            told = err;
        }
    }
    says("\n");
    if ((err = tool_feed_next(&feed, false)) == RDV_ERR_SHORT)
        return told;
    T_ERR(told, RDV_ERR_SHORT);
    T_TEXT(rdv_span_of(feed.topic), "topic");
    return err;
}

static void a_line_longer_than_any_message_is_told_once(void)
{
    tool_feed_init(&feed);
    T_ERR(digits(2 * RDV_ENVELOPE_MAX), RDV_OK);
    T_UINT(rdv_buf_len(&feed.message), RDV_ENVELOPE_MAX);
    T_ERR(digits(2 * RDV_ENVELOPE_MAX + 4), RDV_ERR_LIMIT);
    T_ERR(digits(2 * RDV_ENVELOPE_MAX + 5000), RDV_ERR_LIMIT);
    T_ERR(digits(5 * RDV_ENVELOPE_MAX), RDV_ERR_LIMIT);
    says("topic 78\n");
    expect("topic", "x");
    tool_feed_free(&feed);
}

static CU_TestInfo tests[] = {
    T_CASE(a_line_is_a_topic_and_a_message),
    T_CASE(a_line_may_come_in_pieces),
    T_CASE(the_last_line_needs_no_end),
    T_CASE(what_is_no_message_is_told_and_passed_over),
    T_CASE(a_line_longer_than_any_message_is_told_once),
    T_END,
};

T_SUITE(rdv_feed, tests);
