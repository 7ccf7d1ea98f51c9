/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/message.h"

#include <stdio.h>
#include <string.h>

const char *bridge_message_type(const struct bridge_message *m)
{
    return m->topic.kind == RDV_TOPIC_STATUS ? BRIDGE_TYPE_STATUS : BRIDGE_TYPE_SIGNED;
}

uint32_t bridge_message_expiry(const struct bridge_message *m, int64_t now)
{
    uint64_t left;

    if (m->expires == 0)
        return 0;
    if (now < 0 || m->expires <= (uint64_t)now)
        return 1;
    left = m->expires - (uint64_t)now;
    return left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
}

static size_t text_bytes(const char *text)
{
    return 2 + strlen(text);
}

static size_t number_bytes(uint64_t number)
{
    char text[24];
    const int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);

    return 2 + (size_t)n;
}

/* Of a length, seven bits a byte (section 1.5.5). */
static size_t length_bytes(size_t n)
{
    return n < 128 ? 1 : n < 16384 ? 2 : n < 2097152 ? 3 : 4;
}

size_t bridge_message_packet(const struct bridge_message *m)
{
    char topic[RDV_TOPIC_MAX + 1];
    size_t properties = 1 + text_bytes(bridge_message_type(m));
    size_t rest;

    if (m->expires != 0)
        properties += 1 + 4;
    if (m->seq != 0)
        properties += 1 + text_bytes(BRIDGE_PROPERTY_SEQ) + number_bytes(m->seq) + 1 +
                      text_bytes(BRIDGE_PROPERTY_N) + number_bytes(m->n);
    rdv_topic_print(topic, &m->topic);
    rest = text_bytes(topic) + 2 + length_bytes(properties) + properties + m->payload.n;
    return 1 + length_bytes(rest) + rest;
}
