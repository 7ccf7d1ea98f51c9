/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_apdu_decode rdv_apdu_encode rdv_apdu_response */
#include "schema/wire/apdu.h"
#include "tests/fuzz/fuzz.h"

/* What decodes is written back as the same bytes, and reads the same again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rdv_span in = { data, size };
    struct rdv_buf out = RDV_BUF(4 + 3 + RDV_APDU_DATA_MAX + 2);
    struct rdv_apdu first, again;
    struct rdv_span answer;
    uint16_t sw;

    if (rdv_apdu_decode(&first, in) == RDV_OK) {
        RDV_INVARIANT(rdv_apdu_encode(&out, &first) == RDV_OK);
        RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&out), in));
        RDV_INVARIANT(rdv_apdu_decode(&again, rdv_buf_view(&out)) == RDV_OK);
        RDV_INVARIANT(rdv_span_equal(first.data, again.data) && first.le == again.le);
    }
    if (rdv_apdu_response(&answer, &sw, in) == RDV_OK)
        RDV_INVARIANT(answer.n + 2 == size);
    rdv_buf_free(&out);
    return 0;
}
