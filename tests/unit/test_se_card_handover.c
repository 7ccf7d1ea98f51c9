/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/handover.h"

#include <string.h>

#include "tests/support/test.h"

#define HEX "0101010101010101010101010101010101010101010101010101010101010101"

static void expect(const char *identity, const char *address, const char *want)
{
    struct rdv_buf out = RDV_BUF(2048);
    struct se_handover h = { "key1.com", identity, address, NULL };
    struct rdv_key psk;

    memset(psk.bytes, 1, sizeof(psk.bytes));
    h.psk = &psk;
    T_OK(se_handover_put(&out, &h));
    T_TEXT(rdv_buf_view(&out), want);
    rdv_buf_free(&out);
}

static void a_plain_name_is_written_plainly(void)
{
    expect("sensor-1_a.b~c", "192.0.2.1:8443",
           "psk=" HEX "\r\n"
           "uri=shellS://key1.com:" HEX "(sensor-1_a.b~c)@192.0.2.1:8443/\r\n"
           "  openssl s_client -tls1_3 -connect '192.0.2.1:8443' -servername key1.com"
           " -groups P-256 -no_ticket -quiet -psk_identity 'sensor-1_a.b~c' -psk " HEX "\r\n");
}

/* tests/e2e evaluates such a line with a real shell. */
static void nothing_in_a_name_ends_what_it_stands_in(void)
{
    expect("it's \"$(x)\" \\ `y` & @/:%()", "[::1]:8443",
           "psk=" HEX "\r\n"
           "uri=shellS://key1.com:" HEX "(it%27s%20%22%24%28x%29%22%20%5C%20%60y%60%20%26%20%40%2F"
           "%3A%25%28%29)@[::1]:8443/\r\n"
           "  openssl s_client -tls1_3 -connect '[::1]:8443' -servername key1.com"
           " -groups P-256 -no_ticket -quiet -psk_identity"
           " 'it'\\''s \"$(x)\" \\ `y` & @/:%()' -psk " HEX "\r\n");
}

static void says_when_there_is_no_room(void)
{
    static const struct rdv_key psk;
    const struct se_handover h = { "a", "''", "b:1", &psk };
    struct rdv_buf out = RDV_BUF(2048);
    size_t whole;

    T_MUST_OK(se_handover_put(&out, &h));
    whole = rdv_buf_len(&out);
    rdv_buf_free(&out);
    for (size_t limit = 0; limit < whole; limit++) {
        out = RDV_BUF(limit);
        T_ERR(se_handover_put(&out, &h), RDV_ERR_LIMIT);
        rdv_buf_free(&out);
    }
    out = RDV_BUF(whole);
    T_OK(se_handover_put(&out, &h));
    rdv_buf_free(&out);
}

static CU_TestInfo tests[] = {
    T_CASE(a_plain_name_is_written_plainly),
    T_CASE(nothing_in_a_name_ends_what_it_stands_in),
    T_CASE(says_when_there_is_no_room),
    T_END,
};

T_SUITE(se_card_handover, tests);
