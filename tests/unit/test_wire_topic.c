/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/topic.h"

#include "tests/support/test.h"

static const struct {
    const char *topic;
    struct rdv_topic means;
} names[] = {
    { "rdv/key1.com/record/0A", { RDV_TOPIC_RECORD, "key1.com", 0x0A } },
    { "rdv/abcdefghijklmno/head/FF", { RDV_TOPIC_HEAD, "abcdefghijklmno", 0xFF } },
    { "rdv/key1.com/card", { RDV_TOPIC_CARD, "key1.com", 0 } },
    { "rdv/key1.com/key", { RDV_TOPIC_KEY, "key1.com", 0 } },
    { "rdv/key1.com/status", { RDV_TOPIC_STATUS, "key1.com", 0 } },
};

static void a_topic_is_written_and_read(void)
{
    char text[RDV_TOPIC_MAX + 1];
    struct rdv_topic got;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        rdv_topic_print(text, &names[i].means);
        T_TEXT(rdv_span_of(text), names[i].topic);
        T_MUST_OK(rdv_topic_parse(&got, rdv_span_of(text)));
        T_UINT(got.kind, names[i].means.kind);
        T_TEXT(rdv_span_of(got.sen), names[i].means.sen);
        T_UINT(got.record, names[i].means.record);
    }
    T_UINT(rdv_span_of("rdv/abcdefghijklmno/record/FF").n, RDV_TOPIC_MAX);
}

static void a_subject_is_a_topic_without_its_beginning(void)
{
    char text[RDV_SUBJECT_MAX + 1];
    struct rdv_topic got;

    rdv_subject_print(text, &names[0].means);
    T_TEXT(rdv_span_of(text), "record/0A");
    T_MUST_OK(rdv_subject_parse(&got, RDV_LIT("key1.com"), RDV_LIT("head/1F")));
    T_UINT(got.kind, RDV_TOPIC_HEAD);
    T_UINT(got.record, 0x1F);
    T_TEXT(rdv_span_of(got.sen), "key1.com");
    T_ERR(rdv_subject_parse(&got, RDV_LIT(".com"), RDV_LIT("key")), RDV_ERR_FORMAT);
    T_ERR(rdv_subject_parse(&got, RDV_LIT("key1.com"), RDV_LIT("")), RDV_ERR_FORMAT);
}

static void other_names_are_refused(void)
{
    static const char *const others[] = {
        "",
        "rdv/",
        "rdv//key",
        "rdv/key1.com",
        "rdv/key1.com/",
        "RDV/key1.com/key",
        "x/key1.com/key",
        "rdv/key1.com/keys",
        "rdv/key1.com/ke",
        "rdv/key1.com/key/0A",
        "rdv/key1.com/card/",
        "rdv/key1.com/record",
        "rdv/key1.com/record/",
        "rdv/key1.com/record/0",
        "rdv/key1.com/record/0a",
        "rdv/key1.com/record/0G",
        "rdv/key1.com/record/0A0",
        "rdv/key1.com/record/0A/",
        "rdv/key1.com/record-0A",
        "rdv/+/record/0A",
        "rdv/key1.com/record/#",
        "rdv/abcdefghijklmnop/key",
        "rdv/a/b/key",
    };
    struct rdv_topic got;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        T_ERR(rdv_topic_parse(&got, rdv_span_of(others[i])), RDV_ERR_FORMAT);
    T_ERR(rdv_topic_parse(&got, RDV_LIT("rdv/key1\0com/key")), RDV_ERR_FORMAT);
}

static void decode(struct rdv_span in)
{
    char text[RDV_TOPIC_MAX + 1];
    struct rdv_topic got;

    if (rdv_topic_parse(&got, in) == RDV_OK) {
        rdv_topic_print(text, &got);
        T_TEXT(in, text);
    }
}

static void no_prefix_and_no_flipped_bit_leads_astray(void)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        t_every_prefix(rdv_span_of(names[i].topic), decode);
        t_every_bit_flip(rdv_span_of(names[i].topic), decode);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(a_topic_is_written_and_read),
    T_CASE(a_subject_is_a_topic_without_its_beginning),
    T_CASE(other_names_are_refused),
    T_CASE(no_prefix_and_no_flipped_bit_leads_astray),
    T_END,
};

T_SUITE(wire_topic, tests);
