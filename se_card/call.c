/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/call.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/rpc.h"
#include "se_card/params.h"

/* --- refusals --------------------------------------------------------------------------------- */

/* Appends [id or null, code, refusal]. */
static enum rdv_err put_refusal(struct rdv_buf *out, const uint64_t *id, enum rdv_err code,
                                const char *why, const struct se_refusal *rule)
{
    struct se_answer said;
    enum rdv_err err;

    if ((err = rdv_rpc_put_answer(out, id, (uint64_t)code)) != RDV_OK)
        return err;
    se_answer_for_programs(&said, out);
    se_answer_name(&said, "code", rdv_err_name(code));
    se_answer_name(&said, "error", why[0] == '\0' ? rdv_err_text(code) : why);
    if (rule->right != NULL)
        se_answer_name(&said, "right", rule->right);
    if (rule->scope != NULL)
        se_answer_slot(&said, rule->scope, rule->slot);
    if (rule->limit != NULL)
        se_answer_name(&said, "limit", rule->limit);
    if (rule->has_max)
        se_answer_number(&said, "max", rule->max);
    return se_answer_end(&said);
}

static enum rdv_err refuse_start(struct rdv_buf *answer, struct rdv_span start, enum rdv_err code,
                                 const char *why, const struct se_refusal *rule)
{
    uint64_t id;
    const bool has_id = rdv_rpc_peek_id(&id, start);

    return put_refusal(answer, has_id ? &id : NULL, code, why, rule);
}

enum rdv_err se_call_fail(struct rdv_buf *answer, struct rdv_span request, enum rdv_err err,
                          const char *why)
{
    return refuse_start(answer, request, err, why, &(struct se_refusal){ 0 });
}

enum rdv_err se_call_refuse_long(struct rdv_buf *answer, struct rdv_span start)
{
    const struct se_refusal rule = { .limit = "request",
                                     .has_max = true,
                                     .max = RDV_RPC_MESSAGE_MAX };

    return refuse_start(answer, start, RDV_ERR_LIMIT, "the request is too long", &rule);
}

/* --- running ---------------------------------------------------------------------------------- */

/* The command of this name, if it is one of words. */
static const struct se_command *find_method(struct rdv_span method)
{
    const struct se_command *c = se_command_named(method);

    return c != NULL && se_command_is_word(c) ? c : NULL;
}

static enum rdv_err run_request(struct se_session *s, struct rdv_buf *answer, struct rdv_buf *text,
                                const struct rdv_rpc_request *request)
{
    const struct se_command *command = find_method(request->method);
    struct se_request rq = { 0 };
    struct rdv_words words;
    struct se_answer said;
    enum rdv_err err;

    if (command == NULL)
        return se_fault(s->el, RDV_ERR_UNKNOWN, "no method \"%.60s\": help lists them",
                        rdv_quote(request->method).text);
    if ((err = se_params_take_map(s, command, &rq, &words, text, request->params)) != RDV_OK ||
        (err = rdv_rpc_put_answer(answer, &request->id, 0)) != RDV_OK)
        return err;
    se_answer_for_programs(&said, answer);
    return se_command_run(command, s, &said, &rq);
}

enum rdv_err se_call_run(struct se_session *s, struct rdv_buf *answer, struct rdv_span request)
{
    const size_t before = rdv_buf_len(answer);
    struct rdv_buf text = RDV_BUF(SE_PARAMS_TEXT_MAX);
    struct rdv_rpc_request rq;
    enum rdv_err err;

    se_fault_clear(s->el);
    if ((err = rdv_rpc_get_request(&rq, request)) == RDV_OK)
        err = run_request(s, answer, &text, &rq);
    else
        err = se_fault(s->el, err, "not a request: [id, method, {parameters}]");
    rdv_buf_free(&text); /* it may have held a key */
    if (err == RDV_OK || err == RDV_ERR_LOST)
        return err;
    log_debug("%s: account %lld: %.60s: %s: %s", s->el->sen, (long long)s->account,
              rdv_quote(rq.method).text, rdv_err_text(err), s->el->fault);
    rdv_buf_truncate(answer, before);
    return put_refusal(answer, rq.has_id ? &rq.id : NULL, err, s->el->fault, &s->el->refusal);
}

bool se_call_wants_alone(struct rdv_span request)
{
    const struct se_command *command;
    struct rdv_rpc_request rq;

    if (rdv_rpc_get_request(&rq, request) != RDV_OK)
        return false;
    command = find_method(rq.method);
    return command != NULL && (command->flags & SE_ALONE) != 0;
}
