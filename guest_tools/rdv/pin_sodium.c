/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/random.h"
#include "base/secret.h"
#include "guest_tools/rdv/pin.h"

#define CHALLENGE_BYTES 32
#define SIGNATURE_MAX 72

/* What the card signs: SHA-256(value of this session, challenge). */
static enum rdv_err digest_of(uint8_t out[32], struct rdv_client *c,
                              const uint8_t challenge[CHALLENGE_BYTES])
{
    uint8_t both[32 + CHALLENGE_BYTES];
    enum rdv_err err;

    if ((err = rdv_session_export(rdv_client_session(c), both)) != RDV_OK)
        return err;
    memcpy(both + 32, challenge, CHALLENGE_BYTES);
    (void)crypto_hash_sha256(out, both, sizeof(both));
    rdv_wipe(both, sizeof(both));
    return RDV_OK;
}

static enum rdv_err ask_by_line(struct rdv_client *c, struct rdv_buf *signature,
                                const uint8_t challenge[CHALLENGE_BYTES])
{
    char line[4 + 2 * CHALLENGE_BYTES] = "?0C";
    struct rdv_answer a;
    enum rdv_err err;

    rdv_hex_encode(line + 3, (struct rdv_span){ challenge, CHALLENGE_BYTES });
    if ((err = rdv_client_say(c, line, 3 + 2 * CHALLENGE_BYTES, &a)) != RDV_OK)
        return err;
    return rdv_hex_get(signature, (struct rdv_span){ a.bytes, a.n });
}

static enum rdv_err ask_by_request(struct rdv_client *c, struct rdv_buf *signature,
                                   const uint8_t challenge[CHALLENGE_BYTES])
{
    const struct rdv_param params[] = { RDV_BYTES("challenge", challenge, CHALLENGE_BYTES),
                                        RDV_END };
    struct rdv_answer a;
    const uint8_t *bytes;
    size_t n;
    enum rdv_err err;

    if ((err = rdv_client_call(c, "identity prove", params, &a)) != RDV_OK)
        return err;
    if (!rdv_value_bytes(rdv_value_in(a.result, "signature"), &bytes, &n))
        return RDV_ERR_FORMAT;
    return rdv_put_bytes(signature, (struct rdv_span){ bytes, n });
}

enum rdv_err tool_pin_check(struct tool *t, struct rdv_client *c, enum rdv_language language,
                            const char *digits)
{
    struct rdv_buf signature = RDV_BUF(SIGNATURE_MAX);
    uint8_t key[TOOL_CARD_KEY_BYTES], challenge[CHALLENGE_BYTES], digest[32];
    enum rdv_err err;

    if (tool_pin_read(key, digits) != RDV_OK)
        return tool_why(t, RDV_ERR_CONFIG, "card-key: a card's key is 130 hex digits of ?0A");
    rdv_random(challenge, sizeof(challenge));
    if ((err = digest_of(digest, c, challenge)) != RDV_OK)
        return err;
    err = language == RDV_LINES ? ask_by_line(c, &signature, challenge)
                                : ask_by_request(c, &signature, challenge);
    if (err == RDV_ERR_REFUSED || err == RDV_ERR_DENIED)
        (void)tool_why(t, err,
                       "card-key: this account may not ask the card for a proof (right "
                       "echo)");
    else if (err == RDV_ERR_FORMAT || err == RDV_ERR_LIMIT)
        err = tool_why(t, RDV_ERR_AUTH, "card-key: the card's proof is not one");
    else if (err != RDV_OK)
        (void)tool_why(t, err, "card-key: no proof: %s", rdv_client_why(c));
    else if ((err = tool_pin_verify(key, digest, rdv_buf_view(&signature))) != RDV_OK)
        (void)tool_why(t, err,
                       "this is not the card that the profile knows: it has another key "
                       "than card-key");
    rdv_buf_free(&signature);
    return err;
}
