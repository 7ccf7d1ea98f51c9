/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `!key`: looking at keys, making them and letting them go. Using them: words_key_use.c. */
#include <stdio.h>

#include "base/hex.h"
#include "base/log.h"
#include "se_card/attest.h"
#include "se_card/handlers.h"
#include "se_card/keys.h"
#include "se_card/words_arg.h"

#define STATEMENT_MAX 2048

/* --- looking ---------------------------------------------------------------------------------- */

static void say_key(struct se_answer *answer, const struct se_key_info *info)
{
    se_answer_slot(answer, "slot", info->slot); /* no line begins with a k: words.h */
    se_answer_name(answer, "kind", se_keys_kind_name(info->kind));
    se_answer_name(answer, "origin", se_keys_origin_name(info->origin));
    if (info->origin != SE_KEY_EMPTY) {
        se_answer_flag(answer, "private", info->has_secret);
        se_answer_flag(answer, "exportable", info->exportable);
        se_answer_moment(answer, "created", info->created, "");
        se_answer_number(answer, "uses", info->uses);
    }
}

SE_HANDLER(se_words_key_list)
{
    struct se_key_info info;
    enum rdv_err err;

    (void)rq;
    se_answer_list_begin(answer, "list");
    for (unsigned slot = 0; (err = se_store_key_from(s->el->store, &info, slot)) == RDV_OK;
         slot = info.slot + 1U) {
        if (!s->me.root && !se_scope_has(&s->me.keys, info.slot))
            continue;
        say_key(answer, &info);
        se_answer_row_end(answer);
    }
    se_answer_list_end(answer);
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

/* Adds a public part to the row; what is not there is left out. */
static enum rdv_err say_public(struct se_session *s, struct se_answer *answer, const char *key,
                               uint8_t slot, uint8_t part)
{
    struct rdv_buf bytes = RDV_BUF(SE_RSA_BYTES);
    enum rdv_err err;

    if ((err = se_keys_get_part(s->el, &bytes, slot, SE_ANY_CURVE, part)) == RDV_OK)
        se_answer_bytes(answer, key, rdv_buf_view(&bytes));
    rdv_buf_free(&bytes);
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

static enum rdv_err show(struct se_session *s, struct se_answer *answer, uint8_t slot)
{
    struct se_key_info info;
    enum rdv_err err;

    if ((err = se_keys_info(s->el, &info, slot)) != RDV_OK)
        return err;
    say_key(answer, &info);
    if (info.kind != SE_KEY_SECRET &&
        (err = say_public(s, answer, "public", slot, SE_PART_PUBLIC)) != RDV_OK)
        return err;
    if (info.kind == SE_KEY_RSA &&
        (err = say_public(s, answer, "exponent", slot, SE_PART_EXPONENT)) != RDV_OK)
        return err;
    se_answer_row_end(answer);
    return RDV_OK;
}

SE_HANDLER(se_words_key_show)
{
    return show(s, answer, rq->slot);
}

SE_HANDLER(se_words_key_attest)
{
    struct rdv_buf statement = RDV_BUF(STATEMENT_MAX);
    enum rdv_err err;

    if ((err = se_attest(s->el, &statement, rq->slot)) == RDV_OK) {
        se_answer_bytes(answer, "statement", rdv_buf_view(&statement));
        se_answer_row_end(answer);
    }
    rdv_buf_free(&statement);
    return err;
}

/* --- making ----------------------------------------------------------------------------------- */

/* type=secp256k1 or p256 of a curve's slot; another slot has the type of its number. */
static enum rdv_err take_curve(struct se_session *s, enum se_key_curve *out,
                               const struct se_request *rq)
{
    const struct rdv_span *type = rdv_words_arg(rq->words, "type");

    *out = SE_ANY_CURVE;
    if (type == NULL)
        return RDV_OK;
    if (rdv_span_is(*type, "secp256k1"))
        *out = SE_ONLY_K1;
    else if (rdv_span_is(*type, "p256"))
        *out = SE_ONLY_P256;
    if (*out != SE_ANY_CURVE && se_keys_class(rq->slot) == SE_CLASS_EC)
        return RDV_OK;
    return se_fault(s->el, RDV_ERR_FORMAT,
                    "type=%.60s: secp256k1 or p256, and that only for the keys 00 to 0F",
                    rdv_quote(*type).text);
}

SE_HANDLER(se_words_key_generate)
{
    enum se_key_curve curve;
    bool exportable = false;
    enum rdv_err err;

    if ((err = take_curve(s, &curve, rq)) != RDV_OK ||
        (err = se_words_flag(s, &exportable, rq, "exportable")) != RDV_OK ||
        (err = se_keys_generate(s->el, rq->slot, curve, exportable)) != RDV_OK)
        return err;
    (void)snprintf(rq->detail, sizeof(rq->detail), "exportable=%s", exportable ? "yes" : "no");
    return show(s, answer, rq->slot);
}

static bool is_curve(enum se_key_class class)
{
    return class == SE_CLASS_EC;
}

static bool is_rsa(enum se_key_class class)
{
    return class == SE_CLASS_RSA;
}

static bool is_secret(enum se_key_class class)
{
    return class == SE_CLASS_SECRET || class == SE_CLASS_SEED;
}

/* The parts a line may give or ask for, by their names. */
static const struct {
    const char *name;
    uint8_t part;
    bool (*fits)(enum se_key_class class);
} parts[] = {
    { "public", SE_PART_PUBLIC, is_curve },   { "private", SE_PART_PRIVATE, is_curve },
    { "secret", SE_PART_PUBLIC, is_secret },  { "modulus", SE_PART_PUBLIC, is_rsa },
    { "exponent", SE_PART_EXPONENT, is_rsa }, { "p", SE_PART_PRIVATE, is_rsa },
    { "q", SE_PART_PRIVATE + 1, is_rsa },     { "dp", SE_PART_PRIVATE + 2, is_rsa },
    { "dq", SE_PART_PRIVATE + 3, is_rsa },    { "qinv", SE_PART_PRIVATE + 4, is_rsa },
};

#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static enum rdv_err import_part(struct se_session *s, const struct se_request *rq,
                                enum se_key_curve curve, size_t i, struct rdv_span bytes)
{
    enum rdv_err err;

    if (!parts[i].fits(se_keys_class(rq->slot)))
        return se_fault(s->el, RDV_ERR_FORMAT, "%s: not a part of key %02X", parts[i].name,
                        (unsigned)rq->slot);
    err = se_keys_put_part(s->el, rq->slot, curve, parts[i].part, bytes);
    if (err != RDV_OK && s->el->fault[0] == '\0')
        return se_fault(s->el, err, "%s: not such a key", parts[i].name);
    return err;
}

SE_HANDLER(se_words_key_import)
{
    enum se_key_curve curve;
    size_t given = 0;
    enum rdv_err err;

    if ((err = take_curve(s, &curve, rq)) != RDV_OK)
        return err;
    for (size_t i = 0; i < N_PARTS; i++) {
        const struct rdv_span *bytes = rdv_words_arg(rq->words, parts[i].name);

        if (bytes == NULL)
            continue;
        given++;
        if ((err = import_part(s, rq, curve, i, *bytes)) != RDV_OK)
            return err;
    }
    if (given == 0)
        return se_fault(s->el, RDV_ERR_FORMAT, "nothing to import: see !help");
    return show(s, answer, rq->slot);
}

SE_HANDLER(se_words_key_derive)
{
    const struct rdv_span path = *rdv_words_arg(rq->words, "path");
    uint8_t seed;
    enum rdv_err err;

    if (rdv_hex_decode(&seed, 1, *rdv_words_arg(rq->words, "seed")) != RDV_OK)
        return se_fault(s->el, RDV_ERR_FORMAT, "seed: a key, 30 to 3F");
    if (!s->me.root && !se_scope_has(&s->me.keys, seed))
        return se_refuse(s->el, RDV_ERR_DENIED,
                         (struct se_refusal){ .right = "secret", .scope = "key", .slot = seed });
    if ((err = se_keys_derive(s->el, rq->slot, seed, path)) != RDV_OK)
        return err;
    return show(s, answer, rq->slot);
}

SE_HANDLER(se_words_key_hold)
{
    enum rdv_err err;

    if ((err = se_keys_hold(s->el, rq->slot)) != RDV_OK)
        return err;
    return show(s, answer, rq->slot);
}

SE_HANDLER(se_words_key_clear)
{
    (void)answer;
    return se_keys_clear(s->el, rq->slot, SE_ANY_CURVE);
}

/* --- letting go ------------------------------------------------------------------------------- */

/* part=NAME; the private key or secret when it is not given. */
static enum rdv_err take_part(struct se_session *s, uint8_t *out, const struct se_request *rq)
{
    const struct rdv_span *name = rdv_words_arg(rq->words, "part");
    const enum se_key_class class = se_keys_class(rq->slot);

    *out = is_secret(class) ? SE_PART_PUBLIC : SE_PART_PRIVATE;
    if (name == NULL && class != SE_CLASS_RSA)
        return RDV_OK;
    for (size_t i = 0; name != NULL && i < N_PARTS; i++) {
        if (rdv_span_is(*name, parts[i].name) && parts[i].fits(class)) {
            *out = parts[i].part;
            return RDV_OK;
        }
    }
    return se_fault(s->el, RDV_ERR_FORMAT,
                    "part: public, private; modulus, exponent, p, q, dp, dq, qinv; secret");
}

SE_HANDLER(se_words_key_export)
{
    struct rdv_buf bytes = RDV_BUF(SE_RSA_BYTES);
    uint8_t part;
    enum rdv_err err;

    if ((err = take_part(s, &part, rq)) == RDV_OK &&
        (err = se_keys_get_part(s->el, &bytes, rq->slot, SE_ANY_CURVE, part)) == RDV_OK) {
        se_answer_bytes(answer, "part", rdv_buf_view(&bytes));
        se_answer_row_end(answer);
        (void)snprintf(rq->detail, sizeof(rq->detail), "part %02X", (unsigned)part);
    }
    rdv_buf_free(&bytes);
    return err;
}
