/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: tool_feed_room tool_feed_next */
#include <string.h>

#include "guest_tools/rdv/feed.h"
#include "tests/fuzz/fuzz.h"

/* Takes all that is there; how many messages, and something of all that they say. */
static void take(struct tool_feed *f, bool end, uint64_t *sum)
{
    enum rdv_err err;

    while ((err = tool_feed_next(f, end)) != RDV_ERR_SHORT) {
        RDV_INVARIANT(err == RDV_OK || err == RDV_ERR_FORMAT || err == RDV_ERR_LIMIT);
        RDV_INVARIANT(strlen(f->topic) <= TOOL_FEED_TOPIC_MAX);
        *sum = *sum * 31 + (uint64_t)err + strlen(f->topic);
        for (size_t i = 0; err == RDV_OK && i < rdv_buf_len(&f->message); i++)
            *sum = *sum * 31 + rdv_buf_view(&f->message).p[i];
    }
}

static uint64_t read_all(const uint8_t *data, size_t size, uint32_t *seed)
{
    struct tool_feed f;
    uint64_t sum = 1;
    uint8_t *room;
    size_t n, most;

    tool_feed_init(&f);
    while (size > 0) {
        RDV_INVARIANT(tool_feed_room(&f, &room, &most) == RDV_OK);
        n = seed == NULL ? size : fuzz_cut(seed, size);
        n = n < most ? n : most;
        memcpy(room, data, n);
        tool_feed_grew(&f, n);
        data += n;
        size -= n;
        take(&f, false, &sum);
    }
    take(&f, true, &sum);
    tool_feed_free(&f);
    return sum;
}

/* However the bytes come, the messages are the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_reader rd = { { data, size } };
    uint32_t seed = fuzz_seed(&rd);

    RDV_INVARIANT(read_all(rd.rest.p, rd.rest.n, NULL) == read_all(rd.rest.p, rd.rest.n, &seed));
    return 0;
}
