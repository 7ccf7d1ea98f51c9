/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_envelope_get rdv_envelope_put_protected rdv_envelope_put_payload */
#include "schema/wire/envelope.h"

#include "tests/fuzz/fuzz.h"

/* Property: what is read is written back as the same bytes, and never with a topic that is not its
 * own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_buf protected = RDV_BUF(RDV_ENVELOPE_PROTECTED_MAX);
    struct rdv_buf payload = RDV_BUF(RDV_ENVELOPE_MAX), message = RDV_BUF(RDV_ENVELOPE_MAX);
    char topic[RDV_TOPIC_MAX + 1];
    struct rdv_topic again;
    struct rdv_envelope got;
    struct rdv_cose parts;

    if (rdv_envelope_get(&got, &parts, (struct rdv_span){ data, size }) == RDV_OK) {
        RDV_INVARIANT(rdv_envelope_put_protected(&protected, &got) == RDV_OK);
        RDV_INVARIANT(rdv_envelope_put_payload(&payload, &got) == RDV_OK);
        parts.protected = rdv_buf_view(&protected);
        parts.payload = rdv_buf_view(&payload);
        RDV_INVARIANT(rdv_cose_put(&message, &parts) == RDV_OK);
        RDV_INVARIANT(rdv_span_equal(rdv_buf_view(&message), (struct rdv_span){ data, size }));
        rdv_topic_print(topic, &got.topic);
        RDV_INVARIANT(rdv_topic_parse(&again, rdv_span_of(topic)) == RDV_OK &&
                      again.kind == got.topic.kind && again.record == got.topic.record);
    }
    rdv_buf_free(&protected);
    rdv_buf_free(&payload);
    rdv_buf_free(&message);
    return 0;
}
