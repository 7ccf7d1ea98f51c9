/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/card.h"

#include <string.h>

#include "schema/wire/apdu.h"
#include "se_card/turn.h"
#include "tests/support/card_rig.h"
#include "tests/support/test.h"

/* Sends one command APDU and returns its status word; *data is valid until the next call. */
static uint16_t apdu(struct se_card *card, struct rdv_span command, struct rdv_span *data)
{
    uint16_t sw = 0;

    T_MUST_OK(se_card_feed(card, command));
    T_MUST(!se_card_wants_turn(card));
    T_MUST(se_card_response(card, data, &sw));
    return sw;
}

static uint16_t apdu_hex(struct se_card *card, const char *command)
{
    struct rdv_span data;

    return apdu(card, t_hex(command), &data);
}

static void refuses_what_the_applet_does_not_know(void)
{
    struct t_element e = t_element_new(true);
    struct se_card *card;

    T_MUST_OK(se_card_new(&card, e.el, RDV_LIT("")));
    T_UINT(apdu_hex(card, "00"), RDV_SW_WRONG_LENGTH);
    T_UINT(apdu_hex(card, "00D8000305AABB"), RDV_SW_WRONG_LENGTH);
    T_UINT(apdu_hex(card, "00200001083030303030303030"), RDV_SW_UNKNOWN_INS);
    T_UINT(apdu_hex(card, "00A4040006010203040501"), RDV_SW_NOT_FOUND);
    T_UINT(apdu_hex(card, "00A4000006010203040500"), RDV_SW_WRONG_P1P2);
    T_UINT(apdu_hex(card, "00D80003031603030000"), RDV_SW_WRONG_LENGTH);
    T_UINT(apdu_hex(card, "00D8000305160303000A"), RDV_SW_WRITE);
    T_UINT(apdu_hex(card, "00D8010306140303000101"), RDV_SW_WRONG_P1P2);
    T_UINT(apdu_hex(card, "00D8000706140303000101"), RDV_SW_WRONG_P1P2);
    T_UINT(apdu_hex(card, "00C0000100"), RDV_SW_WRONG_P1P2);
    se_card_free(card);
    t_element_free(&e);
}

/* Deterministic handshakes exist to compare with published bytes, and must not exist in a product.
 */
static void has_no_test_mode(void)
{
    struct t_element e = t_element_new(true);
    struct se_card *card;

    T_MUST_OK(se_card_new(&card, e.el, RDV_LIT("")));
    T_UINT(apdu_hex(card,
                    "00DA0001206400FFBEDDCC892726FE239EA1A114BA4F35E713197FDA3708518EECA42679F8"),
           RDV_SW_UNKNOWN_INS);
    se_card_free(card);
    t_element_free(&e);
}

static void selects_and_resets(void)
{
    struct t_element e = t_element_new(true);
    struct se_card *card;

    T_MUST_OK(se_card_new(&card, e.el, RDV_LIT("")));
    T_UINT(apdu_hex(card, "00A4040006010203040500"), RDV_SW_OK);
    T_UINT(apdu_hex(card, "00D8000000"), RDV_SW_OK);
    T_UINT(apdu_hex(card, "00C0000000"), RDV_SW_OK);
    se_card_free(card);
    t_element_free(&e);
}

static void too_long_a_record_is_refused_in_pieces_too(void)
{
    struct t_element e = t_element_new(true);
    struct se_card *card;
    uint8_t piece[5 + 240] = { 0, 0xD8, 0, 1, 240 };
    struct rdv_span data;
    unsigned i;

    T_MUST_OK(se_card_new(&card, e.el, RDV_LIT("")));
    for (i = 0; i < 100; i++) {
        if (apdu(card, (struct rdv_span){ piece, sizeof(piece) }, &data) != RDV_SW_OK)
            break;
        piece[3] = 0;
    }
    T_UINT(i, RDV_TLS_RECORD_MAX / 240);
    se_card_free(card);
    t_element_free(&e);
}

/* Cuts a record into short APDUs of at most 240 bytes; returns the last one's status word. */
static uint16_t send_short(struct se_card *card, struct rdv_span record, struct rdv_span *data)
{
    uint16_t sw = 0;

    for (size_t at = 0; at < record.n;) {
        uint8_t command[5 + 240] = { 0, 0xD8, 0, 0, 0 };
        const size_t n = record.n - at < 240 ? record.n - at : 240;

        command[3] = (uint8_t)((at == 0 ? 1 : 0) | (at + n == record.n ? 2 : 0));
        command[4] = (uint8_t)n;
        memcpy(command + 5, record.p + at, n);
        at += n;
        T_MUST_OK(se_card_feed(card, (struct rdv_span){ command, 5 + n }));
        if (se_card_wants_turn(card))
            return 0;
        T_MUST(se_card_response(card, data, &sw));
        if (at < record.n)
            T_UINT(sw, RDV_SW_OK);
    }
    return sw;
}

static uint16_t fetch(struct se_card *card, uint8_t le, struct rdv_span *data)
{
    const uint8_t command[] = { 0, 0xC0, 0, 0, le };

    return apdu(card, (struct rdv_span){ command, sizeof(command) }, data);
}

/* The published dialogue, status word by status word (draft-urien-tls-se). */
static void speaks_short_apdus_as_the_published_card_does(void)
{
    struct t_element e = t_element_new(true);
    const struct t_client_options options = t_client_published();
    struct t_client *client = t_client_new(&options);
    struct rdv_buf out = RDV_BUF(1 << 20), text = RDV_BUF(1 << 16);
    struct rdv_span data, record;
    struct se_card *card;
    size_t flight = 0;
    uint16_t sw;

    T_MUST_OK(se_card_new(&card, e.el, RDV_LIT("")));
    t_client_step(client, RDV_LIT(""), &out);
    T_UINT(send_short(card, rdv_buf_view(&out), &data), RDV_SW_MORE | 0x1C);
    T_UINT(data.n, 166);
    rdv_buf_clear(&out);
    t_client_step(client, data, &out);
    flight += data.n;
    T_UINT(fetch(card, 0x10, &data), RDV_SW_WRONG_LE | 0x1C);
    T_UINT(data.n, 0);
    T_UINT(fetch(card, 0x1C, &data), RDV_SW_MORE | 0x3A);
    t_client_step(client, data, &out);
    flight += data.n;
    T_UINT(fetch(card, 0x3A, &data), RDV_SW_OK);
    t_client_step(client, data, &out);
    flight += data.n;
    T_UINT(flight, 252);
    T_MUST(t_client_is_open(client));
    while (rdv_buf_len(&out) > 0) { /* ChangeCipherSpec, then Finished */
        T_MUST_OK(rdv_tls_record_peek(&record, rdv_buf_view(&out)));
        sw = send_short(card, record, &data);
        rdv_buf_consume(&out, record.n);
        T_UINT(sw, rdv_buf_len(&out) > 0 ? RDV_SW_OK : RDV_SW_OPEN);
        T_UINT(data.n, 0);
    }
    T_UINT(fetch(card, 0, &data), RDV_SW_OK);
    T_UINT(data.n, 0);
    t_client_write(client, RDV_LIT("?02\r\n"), &out);
    T_UINT(send_short(card, rdv_buf_view(&out), &data), 0);
    se_turn_run(e.el, &card, 1);
    T_MUST(se_card_response(card, &data, &sw));
    T_UINT(sw, RDV_SW_CLOSED);
    T_UINT(data.n, 0);
    t_client_free(client);
    se_card_free(card);
    rdv_buf_free(&out);
    rdv_buf_free(&text);
    t_element_free(&e);
}

static void each_answer_is_one_record(void)
{
    struct t_element e = t_element_new(true);
    const struct t_client_options options = t_client_published();
    struct t_rig rig;
    unsigned before;

    t_rig_open(&rig, e.el, &options);
    T_MUST(t_client_is_open(rig.client));
    T_UINT(rig.sw, RDV_SW_OPEN);
    before = t_client_records(rig.client);
    T_TEXT(t_rig_say(&rig, "?01a\r\n\n?01b\n"), "a\r\nERROR\r\nb\r\n");
    T_UINT(t_client_records(rig.client) - before, 3);
    T_UINT(rig.sw, RDV_SW_OK);
    t_rig_close(&rig);
    t_element_free(&e);
}

static void tells_whether_it_has_answered(void)
{
    struct t_element e = t_element_new(true);
    const struct t_client_options options = t_client_published();
    struct t_rig rig;

    t_rig_open(&rig, e.el, &options);
    T_TRUE(!se_card_has_answered(rig.card)); /* the handshake is none */
    T_TEXT(t_rig_say(&rig, "?01a"), "");
    T_TRUE(!se_card_has_answered(rig.card)); /* nor half a question */
    T_TEXT(t_rig_say(&rig, "\n"), "a\r\n");
    T_TRUE(se_card_has_answered(rig.card));
    T_TEXT(t_rig_say(&rig, "?02\n"), "");
    T_TRUE(!se_card_has_answered(rig.card)); /* it is over */
    t_rig_close(&rig);
    t_element_free(&e);
}

static void ends_with_close_notify(void)
{
    struct t_element e = t_element_new(true);
    const struct t_client_options options = t_client_published();
    struct t_rig rig;

    t_rig_open(&rig, e.el, &options);
    T_TEXT(t_rig_say(&rig, "?02\r\n?00\r\n"), "");
    T_TRUE(t_client_is_closed(rig.client));
    T_UINT(rig.sw, RDV_SW_CLOSED);
    t_rig_close(&rig);
    t_rig_open(&rig, e.el, &options);
    T_TEXT(t_rig_say(&rig, ".?01bye\r\n?00\r\n"), "bye\r\n");
    T_TRUE(t_client_is_closed(rig.client));
    t_rig_close(&rig);
    t_element_free(&e);
}

static void answers_a_client_that_has_closed_its_side(void)
{
    struct t_element e = t_element_new(true);
    const struct t_client_options options = t_client_published();
    struct rdv_buf records = RDV_BUF(1 << 16);
    struct rdv_span record;
    struct t_rig rig;

    t_rig_open(&rig, e.el, &options);
    T_TEXT(t_rig_say(&rig, "Z00half a li"), "");
    t_client_close(rig.client, &records);
    T_MUST_OK(rdv_tls_record_peek(&record, rdv_buf_view(&records)));
    t_rig_record(&rig, record);
    T_UINT(rig.sw, RDV_SW_CLOSED);
    t_client_read(rig.client, &rig.text);
    T_TEXT(rdv_buf_view(&rig.text), "ERROR\r\n");
    T_TRUE(t_client_is_closed(rig.client));
    t_rig_close(&rig);
    t_rig_open(&rig, e.el, &options);
    T_TEXT(t_rig_say(&rig, "I00\n"), "\r\n");
    t_rig_close(&rig);
    rdv_buf_free(&records);
    t_element_free(&e);
}

static void sixteen_megabytes_of_answers_come_in_bounded_pieces(void)
{
    struct t_element e = t_element_new(true);
    const struct t_client_options options = t_client_published();
    static char text[4 * 4096 + 1], line[3 + 4096 + 2];
    struct t_rig rig;
    struct rdv_span got;

    memset(line, 'v', sizeof(line) - 1);
    memcpy(line, "Z00", 3);
    line[3 + 4096] = '\n';
    t_rig_open(&rig, e.el, &options);
    T_TEXT(t_rig_say(&rig, line), "OK\r\n");
    for (size_t i = 0; i < 4096; i++)
        memcpy(text + 4 * i, "I00\n", 5);
    got = t_rig_say(&rig, text);
    T_UINT(got.n, 4096ULL * 4098);
    t_rig_close(&rig);
    t_element_free(&e);
}

static void a_broken_record_ends_the_session_with_its_alert(void)
{
    struct t_element e = t_element_new(true);
    const struct t_client_options options = t_client_published();
    struct rdv_buf records = RDV_BUF(1 << 16), copy = RDV_BUF(1 << 16);
    struct t_rig rig;

    t_rig_open(&rig, e.el, &options);
    t_client_write(rig.client, RDV_LIT("Z00x\n"), &records);
    T_OK(rdv_put_bytes(&copy, rdv_buf_view(&records)));
    copy.p[copy.start + 8] ^= 1;
    t_rig_record(&rig, rdv_buf_view(&copy));
    T_UINT(rig.sw, RDV_SW_TLS);
    t_client_read(rig.client, &rig.text);
    T_TRUE(t_client_alert(rig.client) == 20); /* bad_record_mac */
    t_rig_close(&rig);
    t_rig_open(&rig, e.el, &options);
    T_TEXT(t_rig_say(&rig, "I00\n"), "\r\n");
    t_rig_close(&rig);
    rdv_buf_free(&records);
    rdv_buf_free(&copy);
    t_element_free(&e);
}

static void a_record_longer_than_allowed_gets_record_overflow(void)
{
    struct t_element e = t_element_new(true);
    const struct t_client_options options = t_client_published();
    struct t_rig rig;

    t_rig_open(&rig, e.el, &options);
    t_rig_record(&rig, t_hex("170303FFFF"));
    T_UINT(rig.sw, RDV_SW_TLS);
    t_client_read(rig.client, &rig.text);
    T_TRUE(t_client_alert(rig.client) == 22);
    t_rig_close(&rig);
    t_element_free(&e);
}

static void the_other_side_may_not_run_ahead_for_ever(void)
{
    struct t_element e = t_element_new(true);
    struct se_card *card;
    enum rdv_err err = RDV_OK;
    unsigned i;

    T_MUST_OK(se_card_new(&card, e.el, RDV_LIT("")));
    for (i = 0; i < 1000 && err == RDV_OK; i++)
        err = se_card_feed(card, t_hex("00D8000000"));
    T_ERR(err, RDV_ERR_LIMIT);
    se_card_free(card);
    t_element_free(&e);
}

static void our_side_can_end_a_session_in_good_order(void)
{
    struct t_element e = t_element_new(true);
    const struct t_client_options options = t_client_published();
    struct rdv_buf out = RDV_BUF(1 << 16);
    struct rdv_span data;
    struct t_rig rig;
    uint16_t sw;

    t_rig_open(&rig, e.el, &options);
    T_TRUE(se_card_end(rig.card));
    T_MUST(se_card_response(rig.card, &data, &sw));
    T_UINT(sw, RDV_SW_CLOSED);
    t_client_step(rig.client, data, &out);
    t_client_read(rig.client, &rig.text);
    T_TRUE(t_client_is_closed(rig.client));
    T_TRUE(!se_card_end(rig.card));
    t_rig_close(&rig);
    rdv_buf_free(&out);
    t_element_free(&e);
}

/* --- slowing down ----------------------------------------------------------------------------- */

static void a_wait_is_told_once(void)
{
    const struct t_client_options options = t_client_published();
    struct t_element e = t_element_new(true);
    struct t_rig rig;

    for (unsigned i = 0; i < 5; i++)
        se_guard_failed(e.el->guard, rdv_span_of(options.identity), RDV_LIT("elsewhere"),
                        e.el->now_ms);
    t_rig_open(&rig, e.el, &options);
    T_MUST(t_client_is_open(rig.client));
    T_UINT((unsigned)se_card_delay(rig.card), 4 * SE_GUARD_FIRST_MS);
    T_UINT((unsigned)se_card_delay(rig.card), 0);
    t_rig_close(&rig);
    t_element_free(&e);
}

static CU_TestInfo tests[] = {
    T_CASE(a_wait_is_told_once),
    T_CASE(refuses_what_the_applet_does_not_know),
    T_CASE(has_no_test_mode),
    T_CASE(selects_and_resets),
    T_CASE(too_long_a_record_is_refused_in_pieces_too),
    T_CASE(speaks_short_apdus_as_the_published_card_does),
    T_CASE(each_answer_is_one_record),
    T_CASE(tells_whether_it_has_answered),
    T_CASE(ends_with_close_notify),
    T_CASE(answers_a_client_that_has_closed_its_side),
    T_CASE(sixteen_megabytes_of_answers_come_in_bounded_pieces),
    T_CASE(a_broken_record_ends_the_session_with_its_alert),
    T_CASE(a_record_longer_than_allowed_gets_record_overflow),
    T_CASE(the_other_side_may_not_run_ahead_for_ever),
    T_CASE(our_side_can_end_a_session_in_good_order),
    T_END,
};

T_SUITE(se_card_card, tests);
