/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/topic.h"

#include <stdio.h>
#include <string.h>

#define FIRST "rdv/"

static const struct name {
    const char *text;
    bool of_record;
} names[] = {
    [RDV_TOPIC_RECORD] = { "record", true },  [RDV_TOPIC_HEAD] = { "head", true },
    [RDV_TOPIC_CARD] = { "card", false },     [RDV_TOPIC_KEY] = { "key", false },
    [RDV_TOPIC_STATUS] = { "status", false },
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

void rdv_subject_print(char out[RDV_SUBJECT_MAX + 1], const struct rdv_topic *in)
{
    const struct name *name = &names[in->kind];

    if (name->of_record)
        (void)snprintf(out, RDV_SUBJECT_MAX + 1, "%s/%02X", name->text, (unsigned)in->record);
    else
        (void)snprintf(out, RDV_SUBJECT_MAX + 1, "%s", name->text);
}

void rdv_topic_print(char out[RDV_TOPIC_MAX + 1], const struct rdv_topic *in)
{
    char subject[RDV_SUBJECT_MAX + 1];

    rdv_subject_print(subject, in);
    (void)snprintf(out, RDV_TOPIC_MAX + 1, FIRST "%s/%s", in->sen, subject);
}

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The two digits behind "name/". */
static bool get_record(uint8_t *out, struct rdv_span digits)
{
    if (digits.n != 3 || digits.p[0] != '/' || digit(digits.p[1]) < 0 || digit(digits.p[2]) < 0)
        return false;
    *out = (uint8_t)(digit(digits.p[1]) << 4 | digit(digits.p[2]));
    return true;
}

enum rdv_err rdv_subject_parse(struct rdv_topic *out, struct rdv_span sen, struct rdv_span subject)
{
    *out = (struct rdv_topic){ 0 };
    if (!rdv_sen_is_valid(sen) || rdv_span_to_text(out->sen, sizeof(out->sen), sen) != RDV_OK)
        return RDV_ERR_FORMAT;
    for (size_t i = 0; i < N_NAMES; i++) {
        const struct rdv_span name = rdv_span_of(names[i].text);

        if (subject.n < name.n || memcmp(subject.p, name.p, name.n) != 0)
            continue;
        out->kind = (enum rdv_topic_kind)i;
        if (names[i].of_record ? get_record(&out->record, (struct rdv_span){ subject.p + name.n,
                                                                             subject.n - name.n })
                               : subject.n == name.n)
            return RDV_OK;
    }
    return RDV_ERR_FORMAT;
}

enum rdv_err rdv_topic_parse(struct rdv_topic *out, struct rdv_span topic)
{
    const struct rdv_span first = RDV_LIT(FIRST);
    struct rdv_span sen, subject;
    const uint8_t *slash;

    *out = (struct rdv_topic){ 0 };
    if (topic.n < first.n || memcmp(topic.p, first.p, first.n) != 0)
        return RDV_ERR_FORMAT;
    sen = (struct rdv_span){ topic.p + first.n, topic.n - first.n };
    if (sen.n == 0 || (slash = memchr(sen.p, '/', sen.n)) == NULL)
        return RDV_ERR_FORMAT;
    subject = (struct rdv_span){ slash + 1, sen.n - (size_t)(slash + 1 - sen.p) };
    sen.n = (size_t)(slash - sen.p);
    return rdv_subject_parse(out, sen, subject);
}
