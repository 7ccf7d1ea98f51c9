/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/dry_run.h"

#include <stdio.h>
#include <string.h>

#include <rdv/client.h>

#include "base/log.h"
#include "base/why.h"

#define COUNT 256

/* Of an answer of "log". */
static bool print_entry(const char *sen, struct rdv_value said)
{
    struct bridge_message m = { .topic = { .kind = RDV_TOPIC_RECORD } };
    char topic[RDV_TOPIC_MAX + 1];
    uint64_t record;
    bool damaged = false;

    (void)snprintf(m.topic.sen, sizeof(m.topic.sen), "%s", sen);
    if (rdv_value_number(rdv_value_in(said, "record"), &record))
        m.topic.record = (uint8_t)record;
    else
        m.topic.kind = RDV_TOPIC_CARD;
    (void)rdv_value_bool(rdv_value_in(said, "damaged"), &damaged);
    if (!rdv_value_number(rdv_value_in(said, "seq"), &m.seq) ||
        !rdv_value_number(rdv_value_in(said, "n"), &m.n) ||
        (!rdv_value_bytes(rdv_value_in(said, "envelope"), &m.payload.p, &m.payload.n) && !damaged))
        return false;
    rdv_topic_print(topic, &m.topic);
    printf("%s seq=%llu n=%llu ", topic, (unsigned long long)m.seq, (unsigned long long)m.n);
    if (damaged)
        printf("damaged\n");
    else
        printf("bytes=%zu\n", m.payload.n);
    return true;
}

/* Without the right to publish, the rest would be about what the account may read. */
static enum rdv_err check_right(struct rdv_client *c, struct rdv_why *why)
{
    struct rdv_value none, said;
    struct rdv_answer answer;
    struct rdv_items items;
    char right[16];
    enum rdv_err err;

    if ((err = rdv_client_call(c, "whoami", NULL, &answer)) != RDV_OK)
        return rdv_why_say(why, err, "%s", rdv_client_why(c));
    items = rdv_value_items(rdv_value_in(answer.result, "rights"));
    while (rdv_items_next(&items, &none, &said)) {
        if (rdv_value_text(said, right, sizeof(right)) && strcmp(right, "publish") == 0)
            return RDV_OK;
    }
    return rdv_why_say(why, RDV_ERR_DENIED, "the account needs the right publish");
}

/* Where the bridge would go on: from the start, as long as there is no such consumer. */
static enum rdv_err find_start(struct rdv_client *c, const struct bridge_config *config,
                               uint64_t *from)
{
    const struct rdv_param params[] = { RDV_TEXT("consumer", config->from.identity), RDV_END };
    struct rdv_answer answer;
    uint64_t seq = 0;
    enum rdv_err err;

    if ((err = rdv_client_call(c, "consumer show", params, &answer)) == RDV_OK &&
        !rdv_value_number(rdv_value_in(answer.result, "seq"), &seq))
        err = RDV_ERR_FORMAT;
    *from = config->republish_from > 0 && config->republish_from <= seq ? config->republish_from
                                                                        : seq + 1;
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

static enum rdv_err print_from(struct rdv_client *c, const char *sen, uint64_t from)
{
    for (;;) {
        const struct rdv_param params[] = { RDV_NUMBER("from", from), RDV_NUMBER("count", COUNT),
                                            RDV_END };
        struct rdv_value none, said;
        struct rdv_answer answer;
        struct rdv_items items;
        bool some = false;
        enum rdv_err err;

        if ((err = rdv_client_call(c, "log", params, &answer)) != RDV_OK)
            return err;
        items = rdv_value_items(rdv_value_in(answer.result, "list"));
        for (; rdv_items_next(&items, &none, &said); some = true) {
            if (!print_entry(sen, said))
                return RDV_ERR_FORMAT;
        }
        if (!some)
            return RDV_OK;
        if (!rdv_value_number(rdv_value_in(answer.result, "next"), &from))
            return RDV_ERR_FORMAT;
    }
}

enum rdv_err bridge_dry_run(const struct bridge_config *config)
{
    const struct rdv_client_options options = { .language = RDV_REQUESTS,
                                                .psk_file = config->psk_file };
    struct rdv_client *c = NULL;
    struct rdv_why why = { "" };
    uint64_t from;
    enum rdv_err err;

    if ((err = rdv_client_open(&c, &config->from, &options, &why)) == RDV_OK &&
        (err = check_right(c, &why)) == RDV_OK &&
        ((err = find_start(c, config, &from)) != RDV_OK ||
         (err = print_from(c, config->from.sen, from)) != RDV_OK))
        (void)rdv_why_say(&why, err, "%s", rdv_client_why(c));
    if (err != RDV_OK)
        log_error("card %s: %s", config->from.sen, why.text);
    rdv_client_close(c);
    return err;
}
