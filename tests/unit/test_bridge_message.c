/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/message.h"

#include "tests/support/test.h"

static struct bridge_message entry(size_t n)
{
    return (struct bridge_message){
        .topic = { .kind = RDV_TOPIC_RECORD, .sen = "key1.com", .record = 10 },
        .payload = { NULL, n },
        .seq = 1234,
        .n = 7,
    };
}

static void what_is_signed_says_so(void)
{
    struct bridge_message m = entry(0);

    for (m.topic.kind = RDV_TOPIC_RECORD; m.topic.kind <= RDV_TOPIC_KEY; m.topic.kind++)
        T_TEXT(rdv_span_of(bridge_message_type(&m)), "application/cose; cose-type=\"cose-sign1\"");
    m.topic.kind = RDV_TOPIC_STATUS;
    T_TEXT(rdv_span_of(bridge_message_type(&m)), "text/plain");
}

static void it_expires_with_its_record(void)
{
    struct bridge_message m = entry(0);

    T_UINT(bridge_message_expiry(&m, 1000), 0); /* never */
    m.expires = 1600;
    T_UINT(bridge_message_expiry(&m, 1000), 600);
    T_UINT(bridge_message_expiry(&m, 1599), 1);
    T_UINT(bridge_message_expiry(&m, 1600), 1);
    T_UINT(bridge_message_expiry(&m, 99999), 1);
    T_UINT(bridge_message_expiry(&m, -1), 1);
    m.expires = UINT64_MAX;
    T_UINT(bridge_message_expiry(&m, 1000), UINT32_MAX);
}

/* Counted by hand, from section 3.3 of the standard. */
static void the_packet_has_the_bytes_that_mqtt_gives_it(void)
{
    struct bridge_message m = entry(0);
    const size_t topic = 2 + sizeof("rdv/key1.com/record/0A") - 1;
    const size_t type = 1 + 2 + sizeof("application/cose; cose-type=\"cose-sign1\"") - 1;
    const size_t seq = 1 + 2 + 3 + 2 + 4, n = 1 + 2 + 1 + 2 + 1;
    const size_t fixed = 1 + 1, id = 2, properties = 1;

    T_UINT(bridge_message_packet(&m), fixed + topic + id + properties + type + seq + n);
    m.expires = 1;
    T_UINT(bridge_message_packet(&m), fixed + topic + id + properties + type + seq + n + 1 + 4);
    m = (struct bridge_message){ .topic = { .kind = RDV_TOPIC_STATUS, .sen = "key1.com" },
                                 .payload = RDV_LIT("online") };
    T_UINT(bridge_message_packet(&m), fixed + 2 + 19 + id + properties + 1 + 2 + 10 + 6);
}

static void longer_packets_say_their_length_in_more_bytes(void)
{
    static const struct {
        size_t rest, bytes;
    } cases[] = {
        { 127, 1 }, { 128, 2 }, { 16383, 2 }, { 16384, 3 }, { 2097151, 3 }, { 2097152, 4 }
    };
    struct bridge_message m = entry(0);
    const size_t rest = bridge_message_packet(&m) - 2;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        m.payload.n = cases[i].rest - rest;
        T_UINT(bridge_message_packet(&m), 1 + cases[i].bytes + cases[i].rest);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(what_is_signed_says_so),
    T_CASE(it_expires_with_its_record),
    T_CASE(the_packet_has_the_bytes_that_mqtt_gives_it),
    T_CASE(longer_packets_say_their_length_in_more_bytes),
    T_END,
};

T_SUITE(bridge_message, tests);
