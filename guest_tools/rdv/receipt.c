/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/receipt.h"

#include <string.h>

#include <rdv/verify.h>

#include "base/hex.h"
#include "guest_tools/rdv/pin.h"
#include "schema/wire/envelope.h"

static bool says_what_was_posted(const struct rdv_envelope *said, uint64_t seq, uint8_t record,
                                 struct rdv_span content)
{
    return said->topic.kind == RDV_TOPIC_RECORD && said->topic.record == record &&
           said->entry.seq == seq && rdv_span_equal(said->entry.content, content);
}

static enum rdv_err check_signature(struct tool *t, struct rdv_span message)
{
    uint8_t key[TOOL_CARD_KEY_BYTES];
    const struct rdv_verifier_options options = { .key = key, .n_key = sizeof(key) };
    struct rdv_verified verified;
    struct rdv_verifier *v = NULL;
    enum rdv_err err;

    if (t->card_key[0] == '\0')
        return RDV_OK;
    if ((err = tool_pin_read(key, t->card_key)) != RDV_OK ||
        (err = rdv_verifier_new(&v, &options)) != RDV_OK)
        return err;
    err = rdv_verify(v, &verified, 0, NULL, message.p, message.n);
    rdv_verifier_free(v);
    if (err == RDV_OK && verified.verdict != RDV_VALID)
        err = tool_why(t, RDV_ERR_ALARM, "the receipt: %s", verified.why.text);
    return err;
}

enum rdv_err tool_receipt_take(struct tool *t, struct rdv_buf *out, struct rdv_client *c,
                               uint64_t seq, uint8_t record, struct rdv_span content)
{
    struct rdv_log_entry entry;
    struct rdv_envelope said;
    struct rdv_cose parts;
    struct rdv_span message;
    enum rdv_err err;

    if ((err = rdv_client_receipt(c, seq, &entry)) != RDV_OK)
        return tool_why(t, err, "the post is done, but no receipt: %s", rdv_client_why(c));
    message = (struct rdv_span){ entry.envelope, entry.n_envelope };
    if ((err = rdv_envelope_get(&said, &parts, message)) == RDV_ERR_NOMEM)
        return err;
    if (err != RDV_OK || !says_what_was_posted(&said, seq, record, content))
        return tool_why(t, RDV_ERR_ALARM, "the receipt is not about what was posted");
    if ((err = check_signature(t, message)) != RDV_OK)
        return err;
    return rdv_put_bytes(out, message);
}
