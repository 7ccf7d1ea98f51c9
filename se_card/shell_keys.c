/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS-SE commands of keys. The digits behind the letter are a mode (8 binary, 4 pipe), a class and
 * a slot; which classes a letter knows stands in one table. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "se_card/handlers.h"
#include "se_card/key_use.h"
#include "se_card/key_wrap.h"
#include "se_card/shell.h"

#define INPUT_MAX RDV_LINE_MAX /* bytes of a payload, hex or not */
/* What fits in one TLS record beside the line end. */
#define OUTPUT_MAX (RDV_TLS_PLAIN_MAX - 2)

/* --- which key -------------------------------------------------------------------------------- */

/* How a letter reads its class digit. */
enum digits {
    ANY_KEY, /* 0 and 1 curves, 2 RSA, 3 secrets and seeds */
    CURVE,   /* 0 curves alone: the results of b and k */
    SECRET,  /* 0 or 3: secrets */
    TEXT,    /* 0 or 3: secrets and seeds; older clients write t00 for t30 */
    RSA,     /* 0 or 2: RSA */
};

static const struct {
    char letter;
    enum digits digits;
    uint8_t modes; /* that it takes */
} letters[] = {
    { 'c', ANY_KEY, 0 },
    { 'C', ANY_KEY, 0 },
    { 'g', ANY_KEY, 0 },
    { 'G', ANY_KEY, 0 },
    { 'p', ANY_KEY, SE_MODE_BINARY },
    { 'P', ANY_KEY, SE_MODE_BINARY },
    { 'r', ANY_KEY, SE_MODE_BINARY },
    { 'R', ANY_KEY, SE_MODE_BINARY },
    { 'X', ANY_KEY, SE_MODE_BINARY },
    { 's', ANY_KEY, SE_MODE_BINARY | SE_MODE_PIPE },
    { 't', TEXT, SE_MODE_BINARY },
    { 'T', TEXT, SE_MODE_BINARY },
    { 'v', TEXT, SE_MODE_BINARY },
    { 'b', CURVE, SE_MODE_BINARY },
    { 'k', CURVE, SE_MODE_BINARY },
    { 'h', SECRET, SE_MODE_BINARY | SE_MODE_PIPE },
    { 'H', SECRET, SE_MODE_BINARY | SE_MODE_PIPE },
    { 'm', SECRET, SE_MODE_BINARY },
    { 'A', SECRET, SE_MODE_BINARY | SE_MODE_PIPE },
    { 'a', SECRET, SE_MODE_BINARY | SE_MODE_PIPE },
    { 'E', RSA, SE_MODE_BINARY | SE_MODE_PIPE },
    { 'd', RSA, SE_MODE_BINARY | SE_MODE_PIPE },
};

static enum rdv_err find_slot(struct se_request *rq, enum digits digits, uint8_t class, uint8_t y)
{
    switch (digits) {
    case ANY_KEY:
        rq->slot = (uint8_t)((class == 1 ? 0 : class << 4) | y);
        rq->curve = class == 1 ? SE_ONLY_P256 : SE_ANY_CURVE;
        return RDV_OK;
    case CURVE:
        rq->slot = y;
        return class == 0 ? RDV_OK : RDV_ERR_RANGE;
    case SECRET:
        rq->slot = (uint8_t)(0x30 | y);
        return (class == 0 || class == 3) && y < 8 ? RDV_OK : RDV_ERR_RANGE;
    case TEXT:
        rq->slot = (uint8_t)(0x30 | y);
        return class == 0 || class == 3 ? RDV_OK : RDV_ERR_RANGE;
    case RSA:
        rq->slot = (uint8_t)(0x20 | y);
        return class == 0 || class == 2 ? RDV_OK : RDV_ERR_RANGE;
    }
    return RDV_ERR_RANGE;
}

/* ?32 ?33 ?34: the payload begins with what a blob begins with. */
static enum rdv_err find_in_payload(struct se_request *rq, uint8_t command)
{
    struct rdv_buf bytes = RDV_BUF(INPUT_MAX);
    struct se_wrap_header header;
    enum rdv_err err;

    if ((err = rdv_hex_get(&bytes, rq->payload)) == RDV_OK &&
        (err = command == 0x34 ? se_wrap_peek(&header, rdv_buf_view(&bytes))
                               : se_wrap_header_get(&header, rdv_buf_view(&bytes))) == RDV_OK)
        se_key_index(&rq->slot, &rq->curve, header.index);
    rdv_buf_free(&bytes);
    return err;
}

enum rdv_err se_shell_find_key(struct se_session *s, struct se_request *rq,
                               const struct rdv_command *command)
{
    const uint8_t mode = command->index >> 4 & (SE_MODE_BINARY | SE_MODE_PIPE);
    const uint8_t class = command->index >> 4 & 3;
    enum rdv_err err = RDV_ERR_RANGE;

    if (command->letter == '?')
        err = find_in_payload(rq, command->index);
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        if (letters[i].letter == command->letter && (mode & ~letters[i].modes) == 0)
            err = find_slot(rq, letters[i].digits, class, command->index & 0x0F);
    }
    if (err != RDV_OK)
        return se_fault(s->el, err, "no such key or mode");
    rq->mode = mode;
    (void)snprintf(rq->target, sizeof(rq->target), "key %02X", (unsigned)rq->slot);
    return RDV_OK;
}

/* --- bytes in and out ------------------------------------------------------------------------- */

/* Appends the payload's bytes. */
static enum rdv_err take_input(struct rdv_buf *out, const struct se_request *rq,
                               struct rdv_span payload)
{
    return (rq->mode & SE_MODE_BINARY) != 0 ? rdv_put_bytes(out, payload)
                                            : rdv_hex_get(out, payload);
}

static enum rdv_err put_output(struct se_answer *answer, const struct se_request *rq,
                               struct rdv_span bytes)
{
    return (rq->mode & SE_MODE_BINARY) != 0 ? se_shell_text(answer, bytes)
                                            : se_shell_hex(answer, bytes);
}

/* Bytes that an answer may stand for. */
static size_t output_max(const struct se_request *rq)
{
    return (rq->mode & SE_MODE_BINARY) != 0 ? OUTPUT_MAX : OUTPUT_MAX / 2;
}

/* RSA keys come in parts, numbered by two digits (in binary mode too) before the bytes; `last` is
 * the greatest number. Others have one. */
static enum rdv_err take_part(uint8_t *part, struct rdv_span *payload, const struct se_request *rq,
                              uint8_t last)
{
    struct rdv_reader rd = { *payload };
    struct rdv_span digits;
    enum rdv_err err;

    *part = 0;
    if (se_keys_class(rq->slot) != SE_CLASS_RSA)
        return RDV_OK;
    if ((err = rdv_get_bytes(&rd, &digits, 2)) != RDV_OK ||
        (err = rdv_hex_decode(part, 1, digits)) != RDV_OK)
        return err;
    *payload = rd.rest;
    return *part <= last ? RDV_OK : RDV_ERR_RANGE;
}

/* --- making ----------------------------------------------------------------------------------- */

static enum rdv_err answer_ok(struct se_answer *answer, enum rdv_err err)
{
    return err == RDV_OK ? se_shell_ok(answer) : err;
}

SE_HANDLER(se_shell_clear)
{
    if (rq->payload.n != 0)
        return RDV_ERR_TRAILING;
    return answer_ok(answer, se_keys_clear(s->el, rq->slot, rq->curve));
}

SE_HANDLER(se_shell_clear_p256)
{
    rq->curve = SE_ONLY_P256;
    return se_shell_clear(s, answer, rq);
}

SE_HANDLER(se_shell_generate)
{
    if (rq->payload.n != 0)
        return RDV_ERR_TRAILING;
    return answer_ok(answer, se_keys_generate(s->el, rq->slot, rq->curve, false));
}

SE_HANDLER(se_shell_generate_p256)
{
    rq->curve = SE_ONLY_P256;
    return se_shell_generate(s, answer, rq);
}

/* Sets a part whose number, as blobs count them, begins at `first`. */
static enum rdv_err set_part(struct se_session *s, struct se_answer *answer, struct se_request *rq,
                             enum se_key_part first, uint8_t last)
{
    struct rdv_buf bytes = RDV_BUF(SE_RSA_BYTES + 1);
    struct rdv_span payload = rq->payload;
    uint8_t part;
    enum rdv_err err;

    if (se_keys_class(rq->slot) != SE_CLASS_EC && se_keys_class(rq->slot) != SE_CLASS_RSA)
        return RDV_ERR_RANGE; /* secrets have commands of their own */
    if ((err = take_part(&part, &payload, rq, last)) == RDV_OK &&
        (err = take_input(&bytes, rq, payload)) == RDV_OK)
        err = answer_ok(answer, se_keys_put_part(s->el, rq->slot, rq->curve,
                                                 (uint8_t)(first + part), rdv_buf_view(&bytes)));
    rdv_buf_free(&bytes);
    return err;
}

SE_HANDLER(se_shell_set_public)
{
    return set_part(s, answer, rq, SE_PART_PUBLIC, 1);
}

SE_HANDLER(se_shell_set_private)
{
    return set_part(s, answer, rq, SE_PART_PRIVATE, 4);
}

SE_HANDLER(se_shell_set_secret)
{
    struct rdv_buf bytes = RDV_BUF(SE_SEED_MAX);
    enum rdv_err err;

    if (rq->payload.n == 0)
        return answer_ok(answer, se_keys_generate(s->el, rq->slot, SE_ANY_CURVE, false));
    if ((err = take_input(&bytes, rq, rq->payload)) == RDV_OK)
        err = answer_ok(answer, se_keys_set_secret(s->el, rq->slot, rdv_buf_view(&bytes)));
    rdv_buf_free(&bytes);
    return err;
}

/* From the seed of the same number; older clients have set secret 30+y instead of seed 38+y. */
static enum rdv_err find_seed(struct se_session *s, uint8_t *seed, const struct se_request *rq)
{
    struct se_key_info info;
    enum rdv_err err;

    if (rq->slot >= 8)
        return RDV_ERR_RANGE;
    *seed = (uint8_t)(SE_CLASS_SEED + rq->slot);
    if ((err = se_keys_info(s->el, &info, *seed)) != RDV_OK)
        return err;
    if (info.origin == SE_KEY_EMPTY)
        *seed = (uint8_t)(SE_CLASS_SECRET + rq->slot);
    if (s->me.root || se_scope_has(&s->me.keys, *seed))
        return RDV_OK;
    return se_refuse(s->el, RDV_ERR_DENIED,
                     (struct se_refusal){ .right = "secret", .scope = "key", .slot = *seed });
}

SE_HANDLER(se_shell_derive_key)
{
    struct rdv_buf path = RDV_BUF(INPUT_MAX);
    uint8_t seed;
    enum rdv_err err;

    if ((err = find_seed(s, &seed, rq)) == RDV_OK &&
        (err = take_input(&path, rq, rq->payload)) == RDV_OK)
        err = answer_ok(answer, se_keys_derive(s->el, rq->slot, seed, rdv_buf_view(&path)));
    rdv_buf_free(&path);
    return err;
}

/* --- reading ---------------------------------------------------------------------------------- */

static enum rdv_err get_part(struct se_session *s, struct se_answer *answer,
                             const struct se_request *rq, uint8_t part)
{
    struct rdv_buf bytes = RDV_BUF(SE_RSA_BYTES);
    enum rdv_err err;

    if ((err = se_keys_get_part(s->el, &bytes, rq->slot, rq->curve, part)) == RDV_OK)
        err = put_output(answer, rq, rdv_buf_view(&bytes));
    rdv_buf_free(&bytes);
    return err;
}

SE_HANDLER(se_shell_public)
{
    const enum se_key_class class = se_keys_class(rq->slot);
    struct rdv_span payload = rq->payload;
    uint8_t part = 0;
    enum rdv_err err;

    if (class != SE_CLASS_EC && class != SE_CLASS_RSA)
        return RDV_ERR_RANGE;
    if (payload.n != 0 && (err = take_part(&part, &payload, rq, 1)) != RDV_OK)
        return err;
    return payload.n != 0 ? RDV_ERR_TRAILING : get_part(s, answer, rq, part);
}

SE_HANDLER(se_shell_private)
{
    const enum se_key_class class = se_keys_class(rq->slot);
    struct rdv_span payload = rq->payload;
    uint8_t part;
    enum rdv_err err;

    if (class != SE_CLASS_EC && class != SE_CLASS_RSA)
        return RDV_ERR_RANGE;
    if ((err = take_part(&part, &payload, rq, 4)) != RDV_OK)
        return err;
    return payload.n != 0 ? RDV_ERR_TRAILING
                          : get_part(s, answer, rq, (uint8_t)(SE_PART_PRIVATE + part));
}

SE_HANDLER(se_shell_read_secret)
{
    return rq->payload.n != 0 ? RDV_ERR_TRAILING : get_part(s, answer, rq, SE_PART_PUBLIC);
}

/* --- using ------------------------------------------------------------------------------------ */

static enum rdv_err run_on(struct se_session *s, struct se_answer *answer,
                           const struct se_request *rq, enum se_key_op op, struct rdv_span in)
{
    const struct se_key_use use = { .op = op,
                                    .slot = rq->slot,
                                    .curve = rq->curve,
                                    .pipe = (rq->mode & SE_MODE_PIPE) != 0,
                                    .prefixed = rq->mode != 0 };
    struct rdv_buf out = RDV_BUF(output_max(rq));
    enum rdv_err err;

    if ((err = se_keys_use(s->el, &out, &use, in)) == RDV_OK)
        err = put_output(answer, rq, rdv_buf_view(&out));
    rdv_buf_free(&out);
    return err;
}

static enum rdv_err run(struct se_session *s, struct se_answer *answer, const struct se_request *rq,
                        enum se_key_op op)
{
    struct rdv_buf in = RDV_BUF(INPUT_MAX);
    enum rdv_err err;

    if ((err = take_input(&in, rq, rq->payload)) == RDV_OK)
        err = run_on(s, answer, rq, op, rdv_buf_view(&in));
    rdv_buf_free(&in);
    return err;
}

SE_HANDLER(se_shell_sign)
{
    return run(s, answer, rq, SE_OP_SIGN);
}

SE_HANDLER(se_shell_hmac256)
{
    return run(s, answer, rq, SE_OP_HMAC_SHA256);
}

SE_HANDLER(se_shell_hmac512)
{
    return run(s, answer, rq, SE_OP_HMAC_SHA512);
}

SE_HANDLER(se_shell_hmac_text)
{
    return run_on(s, answer, rq, SE_OP_HMAC_SHA256, rq->payload);
}

SE_HANDLER(se_shell_encrypt)
{
    return run(s, answer, rq, SE_OP_AES_ENCRYPT);
}

SE_HANDLER(se_shell_decrypt)
{
    return run(s, answer, rq, SE_OP_AES_DECRYPT);
}

SE_HANDLER(se_shell_rsa_private)
{
    return run(s, answer, rq, SE_OP_RSA_PRIVATE);
}

SE_HANDLER(se_shell_rsa_public)
{
    return run(s, answer, rq, SE_OP_RSA_PUBLIC);
}

/* --- blobs ------------------------------------------------------------------------------------ */

static enum rdv_err wrap(struct se_session *s, struct se_answer *answer,
                         const struct se_request *rq, bool older)
{
    struct rdv_buf header = RDV_BUF(INPUT_MAX);
    struct rdv_buf blob = RDV_BUF(SE_WRAP_OVERHEAD_MAX + SE_WRAP_PART_MAX);
    enum rdv_err err;

    if ((err = rdv_hex_get(&header, rq->payload)) == RDV_OK &&
        (err = se_key_wrap(s->el, &blob, rdv_buf_view(&header), rq->slot, older)) == RDV_OK)
        err = se_shell_hex(answer, rdv_buf_view(&blob));
    rdv_buf_free(&header);
    rdv_buf_free(&blob);
    return err;
}

SE_HANDLER(se_shell_wrap_older)
{
    return wrap(s, answer, rq, true);
}

SE_HANDLER(se_shell_wrap)
{
    return wrap(s, answer, rq, false);
}

SE_HANDLER(se_shell_unwrap)
{
    struct rdv_buf blob = RDV_BUF(INPUT_MAX);
    enum rdv_err err;

    if ((err = rdv_hex_get(&blob, rq->payload)) == RDV_OK)
        err = answer_ok(answer, se_key_unwrap(s->el, rdv_buf_view(&blob), rq->slot));
    rdv_buf_free(&blob);
    return err;
}
