/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: se_call_run se_call_wants_alone se_params_take_map, and every command in CBOR
 */
#include "se_card/call.h"

#include <string.h>

#include "schema/wire/rpc.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_element.h"

#define REQUESTS_MAX 20

/* Making an RSA key takes longer than all the rest together. */
static bool is_slow(struct rdv_span request)
{
    return memmem(request.p, request.n, "generate", 8) != NULL;
}

/* Every request gets one whole answer, with its id if it has one; a refusal changes nothing but the
 * audit. */
static void run_request(struct se_session *s, struct rdv_span request)
{
    struct rdv_buf before = RDV_BUF(FUZZ_DUMP_MAX), after = RDV_BUF(FUZZ_DUMP_MAX);
    struct rdv_buf answer = RDV_BUF(2 * RDV_RPC_MESSAGE_MAX);
    struct rdv_rpc_framer framer = { .most = RDV_RPC_MESSAGE_MAX };
    struct rdv_rpc_request asked;
    struct rdv_rpc_answer got;
    struct rdv_reader rd;
    struct rdv_span message;
    bool whole = false;

    fuzz_element_dump(&before);
    RDV_INVARIANT(se_call_run(s, &answer, request) == RDV_OK);
    if (s->wait_until_ms == 0) {
        rd.rest = rdv_buf_view(&answer);
        RDV_INVARIANT(rdv_rpc_frame(&framer, &rd, &message, &whole) == RDV_OK && whole &&
                      rd.rest.n == 0);
        RDV_INVARIANT(rdv_rpc_get_answer(&got, message) == RDV_OK);
        (void)!rdv_rpc_get_request(&asked, request);
        RDV_INVARIANT(got.has_id == asked.has_id && got.id == asked.id);
        if (got.code != 0) {
            fuzz_element_dump(&after);
            RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&before), rdv_buf_view(&after)));
        }
    }
    rdv_buf_free(&before);
    rdv_buf_free(&after);
    rdv_buf_free(&answer);
}

/* Root or a guest asks what the input holds, as far as it can be told apart. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_reader rd = { { data, size } };
    struct se_session s;
    unsigned n = 0;
    uint8_t choice;

    if (rdv_get_u8(&rd, &choice) != RDV_OK || size > 8000)
        return 0;
    (void)fuzz_element_begin(&s, choice);
    while (rd.rest.n > 0 && n++ < REQUESTS_MAX) {
        struct rdv_rpc_framer framer = { .most = RDV_RPC_MESSAGE_MAX };
        struct rdv_span request;
        bool whole;

        if (rdv_rpc_frame(&framer, &rd, &request, &whole) != RDV_OK || !whole)
            break;
        if (se_session_refresh(&s) == RDV_OK && !is_slow(request) && !se_call_wants_alone(request))
            run_request(&s, request);
        se_session_stop_waiting(&s);
    }
    fuzz_element_end();
    return 0;
}
