/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_relay_from_client rdv_relay_from_card rdv_relay_client_is_empty */
#include "rdv_server/relay.h"

#include "base/log.h"
#include "tests/fuzz/fuzz.h"

#define READ_MAX 65536 /* most bytes the front hands over at once */
#define ALERT_BYTES 7

/* A ClientHello that names key1.com, in one record; a welcome. */
static const uint8_t hello[] = {
    0x16, 3,  1,  0,  64, 1,  0,  0,   60,  3,   3,    1,   2,   3,   4,   5,  6,  7,
    8,    9,  10, 11, 12, 13, 14, 15,  16,  17,  18,   19,  20,  21,  22,  23, 24, 25,
    26,   27, 28, 29, 30, 31, 32, 0,   0,   2,   0x13, 4,   1,   0,   0,   17, 0,  0,
    0,    13, 0,  11, 0,  0,  8,  'k', 'e', 'y', '1',  '.', 'c', 'o', 'm',
};
static const uint8_t welcome[] = { 'R', 'D', 'V', 'L', RDV_LINK_MAJOR, 0, 0, RDV_LINK_DEMO };

struct front {
    struct rdv_relay relay;
    struct rdv_buf to_card, to_client;
    bool introduced; /* the hello of the link has been sent */
    unsigned long n_commands;
};

static void say_nothing(enum rdv_log_level level, const char *line)
{
    (void)level;
    (void)line;
}

static void check_state(const struct front *f, enum rdv_relay_phase before)
{
    const struct rdv_relay *r = &f->relay;
    size_t bytes = 0, n_fetches = 0;

    RDV_INVARIANT(r->phase >= before);
    RDV_INVARIANT((r->phase == RDV_RELAY_OVER) == (r->reason[0] != '\0'));
    RDV_INVARIANT(r->n_ahead <= RDV_RELAY_AHEAD_MAX);
    for (size_t i = 0; i < r->n_ahead; i++) {
        const uint16_t n = r->ahead[(r->first_ahead + i) % RDV_RELAY_AHEAD_MAX];

        bytes += n;
        n_fetches += n == 0;
    }
    RDV_INVARIANT(bytes == r->ahead_bytes);
    RDV_INVARIANT(bytes < RDV_RELAY_AHEAD_BYTES + RDV_TLS_RECORD_MAX);
    RDV_INVARIANT(n_fetches == r->n_fetches);
    RDV_INVARIANT(r->fetch + n_fetches <= RDV_RELAY_FETCHES_MAX);
    RDV_INVARIANT(r->answer_n + r->answer_left <= RDV_LINK_RESPONSE_MAX);
    RDV_INVARIANT(r->answer_left == 0 || r->n_ahead > 0); /* nothing goes on unasked */
    RDV_INVARIANT(!rdv_relay_frees_link(r) || (r->phase == RDV_RELAY_OVER && bytes == 0));
    RDV_INVARIANT(rdv_buf_len(&r->from_client) <= r->from_client.limit);
    RDV_INVARIANT(rdv_buf_len(&r->from_card) <= r->from_card.limit);
    RDV_INVARIANT((r->phase == RDV_RELAY_HELLO) == (r->sen[0] == '\0') ||
                  r->phase == RDV_RELAY_OVER);
}

/* The card takes all: one hello, then frames that each hold one command, none half written. */
static void card_takes_all(struct front *f)
{
    struct rdv_link_hello intro;
    struct rdv_apdu apdu;
    struct rdv_span body;
    size_t used;

    if (!f->introduced && rdv_buf_len(&f->to_card) > 0) {
        RDV_INVARIANT(rdv_link_get_hello(&intro, &used, rdv_buf_view(&f->to_card)) == RDV_OK);
        RDV_INVARIANT(used > 0 && rdv_sen_is_valid(intro.sen));
        rdv_buf_consume(&f->to_card, used);
        f->introduced = true;
    }
    while (rdv_buf_len(&f->to_card) > 0) {
        RDV_INVARIANT(rdv_link_get_frame(&body, &used, rdv_buf_view(&f->to_card),
                                         RDV_LINK_COMMAND_MAX) == RDV_OK);
        RDV_INVARIANT(used > 0 && rdv_apdu_decode(&apdu, body) == RDV_OK);
        RDV_INVARIANT(apdu.ins == RDV_INS_GET_RESPONSE ||
                      (apdu.ins == RDV_INS_SEND && apdu.data.n >= RDV_TLS_HEADER));
        f->n_commands += apdu.ins == RDV_INS_SEND;
        rdv_buf_consume(&f->to_card, used);
    }
    RDV_INVARIANT(f->n_commands == f->relay.records_in);
}

static void client_sends(struct front *f, struct rdv_span bytes)
{
    static const struct rdv_relay_intro intro = { "", "192.0.2.7:1", "192.0.2.1:8443" };

    if (rdv_relay_wants_client(&f->relay))
        RDV_INVARIANT(rdv_relay_from_client(&f->relay, &f->to_card, &f->to_client, bytes, &intro) ==
                      RDV_OK);
}

/* There is a card only between the ClientHello and the end. */
static void card_sends(struct front *f, struct rdv_span bytes)
{
    const size_t before = rdv_buf_len(&f->to_client) + rdv_buf_len(&f->relay.from_card);

    if (f->relay.phase == RDV_RELAY_HELLO)
        return;
    RDV_INVARIANT(rdv_relay_from_card(&f->relay, &f->to_client, bytes) == RDV_OK);
    RDV_INVARIANT(rdv_buf_len(&f->to_client) <= before + bytes.n + ALERT_BYTES);
}

/* A record, or a response, of up to 65536 bytes from a short input: to fill windows and buffers. */
static void sends_long(struct front *f, uint8_t what, struct rdv_span bytes)
{
    static uint8_t block[READ_MAX];
    struct rdv_buf out = RDV_BUF(READ_MAX);
    const size_t n = bytes.n * (what == 9 ? 66 : 250) + 2;

    if (bytes.n == 0)
        return;
    if (what == 9)
        RDV_INVARIANT(rdv_put_u8(&out, bytes.p[0]) == RDV_OK &&
                      rdv_put_u16(&out, 0x0303) == RDV_OK &&
                      rdv_put_u16(&out, (uint16_t)n) == RDV_OK);
    else
        RDV_INVARIANT(rdv_put_u32(&out, (uint32_t)n) == RDV_OK);
    RDV_INVARIANT(rdv_put_bytes(&out, (struct rdv_span){ block, n - 2 }) == RDV_OK &&
                  rdv_put_u16(&out, bytes.p[0] % 2 == 0 ? RDV_SW_OK : RDV_SW_MORE) == RDV_OK);
    if (what == 9)
        client_sends(f, rdv_buf_view(&out));
    else
        card_sends(f, rdv_buf_view(&out));
    rdv_buf_free(&out);
}

static void step(struct front *f, uint8_t what, struct rdv_span bytes)
{
    const uint8_t frame[] = { 0, 0, 0, 3, 0x17, 0x90, (uint8_t)(bytes.n % 3) };
    const uint8_t more[] = { 0, 0, 0, 2, 0x9F, (uint8_t)bytes.n };
    const uint8_t record[] = { 0x17, 3, 3, 0, 1, 0xAA };

    switch (what % 11) {
    case 0:
    case 1:
        client_sends(f, bytes);
        break;
    case 2:
    case 3:
        card_sends(f, bytes);
        break;
    case 4:
        client_sends(f, (struct rdv_span){ hello, sizeof(hello) });
        break;
    case 5:
        card_sends(f, (struct rdv_span){ welcome, sizeof(welcome) });
        break;
    case 6:
        card_sends(f, (struct rdv_span){ frame, sizeof(frame) });
        break;
    case 7:
        card_sends(f, (struct rdv_span){ more, sizeof(more) });
        break;
    case 8:
        client_sends(f, (struct rdv_span){ record, sizeof(record) });
        break;
    default:
        sends_long(f, what % 11, bytes);
        break;
    }
}

/* Each step: what happens (1), how many bytes (1), the bytes. After each, as in the front, both
 * sides take what waits for them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct front f = { .to_card = RDV_BUF(RDV_RELAY_TO_CARD_MAX),
                       .to_client = RDV_BUF(RDV_RELAY_TO_CLIENT_MAX) };
    struct rdv_reader rd = { { data, size } };
    struct rdv_span bytes;
    uint8_t what;

    rdv_log_to(say_nothing);
    rdv_relay_init(&f.relay);
    while (rdv_get_u8(&rd, &what) == RDV_OK && rdv_get_vec8(&rd, &bytes) == RDV_OK) {
        const enum rdv_relay_phase before = f.relay.phase;

        step(&f, what, bytes);
        check_state(&f, before);
        card_takes_all(&f);
        if (what < 128) { /* or the client is slow */
            rdv_buf_clear(&f.to_client);
            RDV_INVARIANT(rdv_relay_client_is_empty(&f.relay, &f.to_card) == RDV_OK);
            card_takes_all(&f);
            check_state(&f, before);
        }
        if (rdv_buf_len(&f.to_client) > RDV_RELAY_TO_CLIENT_MAX / 2)
            rdv_buf_clear(&f.to_client);
    }
    rdv_relay_free(&f.relay);
    rdv_buf_free(&f.to_card);
    rdv_buf_free(&f.to_client);
    rdv_log_to(NULL);
    return 0;
}
