/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_link_get_hello rdv_link_get_welcome rdv_link_get_frame rdv_sen_is_valid
 * rdv_reached_is_valid */
#include "schema/wire/link.h"

#include <ctype.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define FRAME_MAX 256

static struct rdv_span prefix(struct rdv_span in, uint32_t *seed, size_t less_than)
{
    return (struct rdv_span){ in.p, fuzz_random(seed) % less_than };
}

/* No shell and no URI reads more into it than the characters say. */
static bool is_harmless(struct rdv_span reached)
{
    for (size_t i = 0; i < reached.n; i++) {
        if (!isalnum(reached.p[i]) && strchr(".-:[]", reached.p[i]) == NULL)
            return false;
    }
    return memchr(reached.p, '\0', reached.n) == NULL;
}

/* What is whole is written back as the same bytes; without its last ones it is not whole. */
static void check_hello(uint32_t seed, struct rdv_span in)
{
    struct rdv_buf out = RDV_BUF(RDV_LINK_HELLO_MAX);
    struct rdv_link_hello hello;
    size_t used;

    if (rdv_link_get_hello(&hello, &used, in) != RDV_OK || used == 0)
        return;
    RDV_INVARIANT(used <= in.n && used <= RDV_LINK_HELLO_MAX);
    in.n = used;
    if (hello.major != RDV_LINK_MAJOR) {
        RDV_INVARIANT(used == 6 && hello.sen.n + hello.address.n + hello.reached.n == 0);
    } else if (hello.minor == RDV_LINK_MINOR) {
        RDV_INVARIANT(rdv_link_put_hello(&out, hello.sen, hello.address, hello.reached) == RDV_OK);
        RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&out), in));
    }
    RDV_INVARIANT(!rdv_sen_is_valid(hello.sen) || (hello.sen.n > 0 && hello.sen.p[0] != '.'));
    RDV_INVARIANT(!rdv_reached_is_valid(hello.reached) || is_harmless(hello.reached));
    RDV_INVARIANT(rdv_link_get_hello(&hello, &used, prefix(in, &seed, in.n)) == RDV_OK);
    RDV_INVARIANT(used == 0);
    rdv_buf_free(&out);
}

static void check_welcome(uint32_t seed, struct rdv_span in)
{
    struct rdv_buf out = RDV_BUF(16);
    struct rdv_link_welcome welcome;
    size_t used;

    if (rdv_link_get_welcome(&welcome, &used, in) != RDV_OK || used == 0)
        return;
    RDV_INVARIANT(used <= in.n);
    in.n = used;
    if (welcome.major == RDV_LINK_MAJOR && welcome.minor == RDV_LINK_MINOR) {
        RDV_INVARIANT(rdv_link_put_welcome(&out, (enum rdv_link_status)welcome.status,
                                           welcome.flags) == RDV_OK);
        RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&out), in));
    }
    RDV_INVARIANT(rdv_link_get_welcome(&welcome, &used, prefix(in, &seed, in.n)) == RDV_OK);
    RDV_INVARIANT(used == 0);
    rdv_buf_free(&out);
}

/* Frames follow each other without a gap. One that holds a response is written back the same. */
static void check_frames(uint32_t seed, struct rdv_span in)
{
    struct rdv_span body, data;
    size_t used, n;
    uint16_t sw;

    while (rdv_link_get_frame(&body, &used, in, FRAME_MAX) == RDV_OK && used > 0) {
        const struct rdv_span frame = { in.p, used };
        struct rdv_buf out = RDV_BUF(2 * FRAME_MAX);

        RDV_INVARIANT(body.n <= FRAME_MAX && used == RDV_LINK_FRAME_HEADER + body.n);
        RDV_INVARIANT(used <= in.n);
        if (rdv_apdu_response(&data, &sw, body) == RDV_OK) {
            RDV_INVARIANT(rdv_link_put_response(&out, data, sw) == RDV_OK);
            RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&out), frame));
        }
        RDV_INVARIANT(rdv_link_get_frame(&body, &n, prefix(frame, &seed, used), FRAME_MAX) ==
                      RDV_OK);
        RDV_INVARIANT(n == 0);
        in.p += used;
        in.n -= used;
        rdv_buf_free(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_reader rd = { { data, size } };
    const uint32_t seed = fuzz_seed(&rd);

    check_hello(seed, rd.rest);
    check_welcome(seed, rd.rest);
    check_frames(seed, rd.rest);
    return 0;
}
