/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: se_shell_run, se_shell_find_key, and every command of TLS-SE behind them */
#include "se_card/shell.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_element.h"

#define LINES_MAX 20

/* Making an RSA key takes longer than all the rest together. */
static bool is_slow(struct rdv_span line)
{
    struct rdv_command command;

    return rdv_command_decode(&command, line) == RDV_OK &&
           (command.letter == 'g' || command.letter == 'G') && (command.index & 0x30) == 0x20;
}

/* ERROR changes nothing but the audit; any other answer ends its line and fits one record. */
static void run_line(struct se_session *s, struct rdv_span line)
{
    struct rdv_buf before = RDV_BUF(FUZZ_DUMP_MAX), after = RDV_BUF(FUZZ_DUMP_MAX);
    struct rdv_buf answer = RDV_BUF(1 << 18);
    const struct se_session_state state = s->state;
    struct rdv_span got;

    fuzz_element_dump(&before);
    RDV_INVARIANT(se_shell_run(s, &answer, line) == RDV_OK);
    got = rdv_buf_view(&answer);
    if (rdv_span_is(got, SE_ANSWER_ERROR)) {
        fuzz_element_dump(&after);
        RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&before), rdv_buf_view(&after)));
        RDV_INVARIANT(state.selected == s->state.selected &&
                      state.psk_serial == s->state.psk_serial);
    } else if (got.n > 0) {
        RDV_INVARIANT(got.n >= 2 && memcmp(got.p + got.n - 2, "\r\n", 2) == 0);
        RDV_INVARIANT(got.n <= RDV_TLS_PLAIN_MAX);
    } else {
        RDV_INVARIANT(s->state.ending || s->wait_until_ms != 0);
    }
    rdv_buf_free(&before);
    rdv_buf_free(&after);
    rdv_buf_free(&answer);
}

/* Root or a guest says the lines of the input, each with its length before it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_reader rd = { { data, size } };
    struct rdv_span line;
    struct se_session s;
    unsigned n = 0;
    uint8_t choice;

    if (rdv_get_u8(&rd, &choice) != RDV_OK || size > 8000)
        return 0;
    (void)fuzz_element_begin(&s, choice);
    while (n++ < LINES_MAX && rdv_get_vec16(&rd, &line) == RDV_OK) {
        if (se_session_refresh(&s) == RDV_OK && !is_slow(line))
            run_line(&s, line);
        se_session_stop_waiting(&s);
    }
    fuzz_element_end();
    return 0;
}
