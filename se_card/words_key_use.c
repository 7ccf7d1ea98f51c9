/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `!key`: what is done with a key, and blobs. */
#include "base/log.h"
#include "se_card/handlers.h"
#include "se_card/key_use.h"
#include "se_card/key_wrap.h"
#include "se_card/words_arg.h"

#define DATA_MAX 8192 /* bytes, of input and of output */

/* Runs data=HEX through the key; with pipe=yes in blocks. */
static enum rdv_err run(struct se_session *s, struct se_answer *answer, const struct se_request *rq,
                        enum se_key_op op, const char *said_as)
{
    const struct rdv_span data = *rdv_words_arg(rq->words, "data");
    struct rdv_buf out = RDV_BUF(DATA_MAX);
    struct se_key_use use = { .op = op, .slot = rq->slot };
    enum rdv_err err;

    if (data.n > DATA_MAX)
        return se_fault(s->el, RDV_ERR_LIMIT, "data: at most %d bytes", DATA_MAX);
    if ((err = se_words_flag(s, &use.pipe, rq, "pipe")) != RDV_OK)
        return err;
    use.prefixed = use.pipe;
    if ((err = se_keys_use(s->el, &out, &use, data)) == RDV_OK) {
        se_answer_bytes(answer, said_as, rdv_buf_view(&out));
        se_answer_row_end(answer);
    }
    rdv_buf_free(&out);
    return err;
}

SE_HANDLER(se_words_key_sign)
{
    return run(s, answer, rq, SE_OP_SIGN, "signature");
}

/* One of two words behind a key; the first when it is not given. */
static enum rdv_err take_choice(struct se_session *s, bool *second, const struct se_request *rq,
                                const char *key, const char *a, const char *b)
{
    const struct rdv_span *value = rdv_words_arg(rq->words, key);

    *second = value != NULL && rdv_span_is(*value, b);
    if (value == NULL || *second || rdv_span_is(*value, a))
        return RDV_OK;
    return se_fault(s->el, RDV_ERR_FORMAT, "%s=%.60s: %s or %s", key, rdv_quote(*value).text, a, b);
}

SE_HANDLER(se_words_key_hmac)
{
    bool wide;
    enum rdv_err err;

    if ((err = take_choice(s, &wide, rq, "hash", "sha256", "sha512")) != RDV_OK)
        return err;
    return run(s, answer, rq, wide ? SE_OP_HMAC_SHA512 : SE_OP_HMAC_SHA256, "hmac");
}

SE_HANDLER(se_words_key_encrypt)
{
    return run(s, answer, rq, SE_OP_AES_ENCRYPT, "data");
}

SE_HANDLER(se_words_key_decrypt)
{
    return run(s, answer, rq, SE_OP_AES_DECRYPT, "data");
}

SE_HANDLER(se_words_key_rsa)
{
    bool public;
    enum rdv_err err;

    if ((err = take_choice(s, &public, rq, "exponent", "private", "public")) != RDV_OK)
        return err;
    return run(s, answer, rq, public ? SE_OP_RSA_PUBLIC : SE_OP_RSA_PRIVATE, "data");
}

/* --- blobs ------------------------------------------------------------------------------------ */

SE_HANDLER(se_words_key_wrap)
{
    const struct rdv_span header = *rdv_words_arg(rq->words, "header");
    struct rdv_buf blob = RDV_BUF(SE_WRAP_OVERHEAD_MAX + SE_WRAP_PART_MAX);
    enum rdv_err err;

    if ((err = se_key_wrap(s->el, &blob, header, rq->slot, false)) == RDV_OK) {
        se_answer_bytes(answer, "blob", rdv_buf_view(&blob));
        se_answer_row_end(answer);
    }
    rdv_buf_free(&blob);
    return err;
}

SE_HANDLER(se_words_key_unwrap)
{
    (void)answer;
    return se_key_unwrap(s->el, *rdv_words_arg(rq->words, "blob"), rq->slot);
}
