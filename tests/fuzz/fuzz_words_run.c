/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: se_words_run se_words_wants_alone, and every command in words behind them */
#include "se_card/words.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_element.h"

#define LINES_MAX 12

/* Lines of text; the last one is OK, or the only one is ERR; none is what s_client keeps. */
static bool check_form(struct rdv_span answer)
{
    const bool refused = answer.n > 4 && memcmp(answer.p, "ERR ", 4) == 0;
    size_t lines = 0, begin = 0, last = 0;

    for (size_t i = 0; i < answer.n; i++) {
        if (answer.p[i] == '\n') {
            RDV_INVARIANT(i > begin && answer.p[i - 1] == '\r');
            RDV_INVARIANT(memchr("QRCkK", answer.p[begin], 5) == NULL);
            lines++;
            last = begin;
            begin = i + 1;
        } else if (answer.p[i] != '\r') {
            RDV_INVARIANT(answer.p[i] >= 0x20 && answer.p[i] < 0x7f);
        }
    }
    RDV_INVARIANT(lines > 0 && begin == answer.n);
    RDV_INVARIANT(refused ? lines == 1
                          : answer.n - last == 4 && memcmp(answer.p + last, "OK\r\n", 4) == 0);
    return refused;
}

/* Making an RSA key takes longer than all the rest together. */
static bool is_slow(struct rdv_span line)
{
    return memmem(line.p, line.n, "generate", 8) != NULL;
}

/* A refused line changes nothing but the audit. `dump` is from before it, and then from after it.
 */
static void run_line(struct se_session *s, struct rdv_buf *dump, struct rdv_span line)
{
    struct rdv_buf after = RDV_BUF(FUZZ_DUMP_MAX), answer = RDV_BUF(1 << 18);
    const struct se_session_state state = s->state;

    RDV_INVARIANT(se_words_run(s, &answer, line) == RDV_OK);
    fuzz_element_dump(&after);
    if (check_form(rdv_buf_view(&answer))) {
        RDV_INVARIANT(rdv_span_equal(rdv_buf_view(dump), rdv_buf_view(&after)));
        RDV_INVARIANT(memcmp(&state, &s->state, sizeof(state)) == 0);
    }
    rdv_buf_free(dump);
    *dump = after;
    rdv_buf_free(&answer);
}

/* Root or a guest says the lines of the input, to a card that may be read-only. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_reader rd = { { data, size } };
    struct rdv_buf dump = RDV_BUF(FUZZ_DUMP_MAX);
    struct se_session s;
    unsigned n = 0;
    uint8_t choice;

    if (rdv_get_u8(&rd, &choice) != RDV_OK || size > 8000)
        return 0;
    (void)fuzz_element_begin(&s, choice);
    fuzz_element_dump(&dump);
    while (rd.rest.n > 0 && n++ < LINES_MAX) {
        const uint8_t *end = memchr(rd.rest.p, '\n', rd.rest.n);
        struct rdv_buf line = RDV_BUF(8001);
        struct rdv_span bytes;

        RDV_INVARIANT(rdv_get_bytes(&rd, &bytes,
                                    end == NULL ? rd.rest.n : (size_t)(end - rd.rest.p) + 1) ==
                      RDV_OK);
        if (end != NULL)
            bytes.n--;
        RDV_INVARIANT(rdv_put_u8(&line, SE_WORDS_MARK) == RDV_OK &&
                      rdv_put_bytes(&line, bytes) == RDV_OK);
        if (se_session_refresh(&s) == RDV_OK && !is_slow(bytes) &&
            !se_words_wants_alone(rdv_buf_view(&line)))
            run_line(&s, &dump, rdv_buf_view(&line));
        rdv_buf_free(&line);
    }
    fuzz_element_end();
    rdv_buf_free(&dump);
    return 0;
}
