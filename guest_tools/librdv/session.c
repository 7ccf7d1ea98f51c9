/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/session.h>

#include <stdlib.h>
#include <string.h>

#include "base/why.h"
#include "guest_tools/librdv/params.h"
#include "guest_tools/librdv/text.h"
#include "guest_tools/librdv/tls.h"
#include "schema/wire/command.h"
#include "schema/wire/rpc.h"
#include "schema/wire/tls_record.h"

/* The longest answer of all, and a TLS record that holds its end and others. */
#define HEARD_MAX ((size_t)2 * 1024 * 1024)

struct request {
    uint32_t number;
    enum guest_text_kind kind; /* of a line */
    bool only_reads;           /* whatever becomes of it, nothing has changed */
    uint64_t end;              /* of it in all that is ever sent */
};

struct rdv_session {
    struct guest_tls *tls;
    enum rdv_language language;
    struct request requests[RDV_REQUESTS_MAX]; /* a ring */
    size_t first, n;
    uint32_t last_number;
    uint64_t sent;
    struct rdv_buf heard;         /* what the server has said and the caller not taken */
    size_t handed_out;            /* bytes of it that are with the caller */
    struct rdv_rpc_framer framer; /* of what follows them */
    size_t framed;                /* bytes it has seen */
    bool closing;
    enum rdv_err broken;
    struct rdv_why why; /* of what is broken */
    char refusal[300];  /* the card's words */
};

enum rdv_err rdv_session_new(struct rdv_session **out, const struct rdv_session_options *options)
{
    struct guest_tls_options tls = { .sen = options->sen,
                                     .identity = options->identity,
                                     .suite = options->suite,
                                     .alpn = options->language == RDV_REQUESTS ? RDV_RPC_PROTOCOL
                                                                               : NULL };
    struct rdv_key psk = { 0 };
    struct rdv_session *s;
    enum rdv_err err;

    *out = NULL;
    if ((s = calloc(1, sizeof(*s))) == NULL)
        return RDV_ERR_NOMEM;
    s->language = options->language;
    s->heard = RDV_BUF(HEARD_MAX);
    s->framer.most = RDV_RPC_MESSAGE_MAX;
    memcpy(psk.bytes, options->psk, sizeof(psk.bytes));
    tls.psk = &psk;
    if ((err = guest_tls_new(&s->tls, &tls)) != RDV_OK) {
        rdv_session_free(s);
        s = NULL;
    }
    rdv_key_wipe(&psk);
    *out = s;
    return err;
}

void rdv_session_free(struct rdv_session *s)
{
    if (s == NULL)
        return;
    guest_tls_free(s->tls);
    rdv_buf_free(&s->heard);
    free(s);
}

/* --- the connection's side -------------------------------------------------------------------- */

size_t rdv_session_to_send(const struct rdv_session *s, const uint8_t **bytes)
{
    const struct rdv_span out = rdv_buf_view(guest_tls_output(s->tls));

    *bytes = out.p;
    return out.n;
}

void rdv_session_sent(struct rdv_session *s, size_t n)
{
    rdv_buf_consume(guest_tls_output(s->tls), n);
    s->sent += n;
}

size_t rdv_session_room(const struct rdv_session *s)
{
    return guest_tls_room(s->tls);
}

/* The first reason counts: later ones follow from it. */
static enum rdv_err broke(struct rdv_session *s, enum rdv_err err, const char *why)
{
    if (s->broken == RDV_OK) {
        s->broken = err;
        (void)rdv_why_say(&s->why, err, "%s", why[0] == '\0' ? rdv_err_text(err) : why);
    }
    return s->broken;
}

enum rdv_err rdv_session_receive(struct rdv_session *s, const uint8_t *bytes, size_t n)
{
    struct rdv_why why = { "" };
    enum rdv_err err;

    if (s->broken != RDV_OK)
        return s->broken;
    err = guest_tls_feed(s->tls, (struct rdv_span){ bytes, n }, &why);
    return err == RDV_OK ? RDV_OK : broke(s, err, why.text);
}

void rdv_session_break(struct rdv_session *s, enum rdv_err err, const char *why)
{
    (void)broke(s, err, why);
}

void rdv_session_close(struct rdv_session *s)
{
    s->closing = true;
    if (s->broken == RDV_OK)
        guest_tls_close(s->tls);
}

/* --- requests --------------------------------------------------------------------------------- */

bool rdv_session_is_open(const struct rdv_session *s)
{
    return guest_tls_state(s->tls) == GUEST_TLS_OPEN && s->broken == RDV_OK && !s->closing;
}

size_t rdv_session_unanswered(const struct rdv_session *s)
{
    return s->n;
}

const char *rdv_session_why(const struct rdv_session *s)
{
    return s->why.text;
}

enum rdv_err rdv_session_export(const struct rdv_session *s, uint8_t out[32])
{
    return guest_tls_export(s->tls, out);
}

/* r says what the request is; its number and its end are found here. */
static enum rdv_err ask(struct rdv_session *s, struct rdv_span message, struct request r,
                        uint32_t *number)
{
    enum rdv_err err;

    if (s->n == RDV_REQUESTS_MAX)
        return RDV_ERR_LIMIT;
    if ((err = guest_tls_write(s->tls, message)) != RDV_OK)
        return err == RDV_ERR_LIMIT ? err : broke(s, err, "");
    r.number = ++s->last_number;
    r.end = s->sent + rdv_buf_len(guest_tls_output(s->tls));
    s->requests[(s->first + s->n++) % RDV_REQUESTS_MAX] = r;
    if (number != NULL)
        *number = r.number;
    return RDV_OK;
}

enum rdv_err rdv_session_say(struct rdv_session *s, const char *line, size_t n, uint32_t *request)
{
    const struct rdv_span text = { (const uint8_t *)line, n };
    struct rdv_buf message = RDV_BUF(RDV_TLS_PLAIN_MAX); /* the line may hold a key */
    enum rdv_err err;

    if (!rdv_session_is_open(s) || s->language != RDV_LINES)
        return RDV_ERR_STATE;
    if (n == 0 || (memchr(line, '\n', n) != NULL && !rdv_command_is_binary(text)))
        return RDV_ERR_FORMAT;
    if ((err = rdv_put_bytes(&message, text)) == RDV_OK &&
        (err = rdv_put_text(&message, "\r\n")) == RDV_OK)
        err = ask(s, rdv_buf_view(&message), (struct request){ .kind = guest_text_kind_of(text) },
                  request);
    rdv_buf_free(&message);
    return err;
}

/* A test compares them with what the card says of its commands. */
static bool only_reads(const char *method)
{
    static const char *const readers[] = { "audit",
                                           "confirm list",
                                           "consumer list",
                                           "consumer show",
                                           "echo",
                                           "get",
                                           "guest list",
                                           "guest show",
                                           "handshake binder",
                                           "head",
                                           "help",
                                           "identity",
                                           "identity keys",
                                           "info",
                                           "key attest",
                                           "identity prove",
                                           "key list",
                                           "key show",
                                           "log",
                                           "receipt",
                                           "record list",
                                           "record show",
                                           "session list",
                                           "wait",
                                           "whoami" };

    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        if (strcmp(method, readers[i]) == 0)
            return true;
    }
    return false;
}

enum rdv_err rdv_session_call(struct rdv_session *s, const char *method,
                              const struct rdv_param *params, uint32_t *request)
{
    struct rdv_buf message = RDV_BUF(RDV_RPC_MESSAGE_MAX);
    enum rdv_err err;

    if (!rdv_session_is_open(s) || s->language != RDV_REQUESTS)
        return RDV_ERR_STATE;
    if (strlen(method) > RDV_RPC_METHOD_MAX)
        return RDV_ERR_RANGE;
    if ((err = rdv_rpc_put_request(&message, s->last_number + 1, method)) == RDV_OK &&
        (err = guest_put_params(&message, params)) == RDV_OK)
        err = ask(s, rdv_buf_view(&message), (struct request){ .only_reads = only_reads(method) },
                  request);
    rdv_buf_free(&message);
    return err;
}

/* --- answers ---------------------------------------------------------------------------------- */

static const struct request *take_first(struct rdv_session *s)
{
    const struct request *r = &s->requests[s->first];

    s->first = (s->first + 1) % RDV_REQUESTS_MAX;
    s->n--;
    return r;
}

/* What a request gets when the card's answer does not come. */
static enum rdv_err fail_first(struct rdv_session *s, struct rdv_answer *out)
{
    const struct request *r;

    if (s->n == 0)
        return s->broken;
    r = take_first(s);
    *out = (struct rdv_answer){ .request = r->number, .why = s->why.text };
    /* The card acts on whole requests only. */
    out->err = r->end <= s->sent && !r->only_reads ? RDV_ERR_OUTCOME : s->broken;
    return RDV_OK;
}

/* What a card says goes to terminals. */
static void keep_reason(struct rdv_session *s, struct rdv_span reason)
{
    const size_t most = sizeof(s->refusal) - 1;
    const size_t n = reason.n < most ? reason.n : most;

    for (size_t i = 0; i < n; i++)
        s->refusal[i] = (char)(reason.p[i] < 0x20 || reason.p[i] == 0x7f ? '?' : reason.p[i]);
    s->refusal[n] = '\0';
}

static void hand_out_text(struct rdv_session *s, struct rdv_answer *out)
{
    const struct request *r = take_first(s);
    struct guest_text text;

    guest_text_read(&text, r->kind, rdv_buf_view(&s->heard));
    *out = (struct rdv_answer){
        .request = r->number, .err = text.err, .bytes = text.body.p, .n = text.body.n, .why = ""
    };
    if (text.err != RDV_OK) {
        keep_reason(s, text.reason);
        out->why = s->refusal[0] == '\0' ? rdv_err_text(text.err) : s->refusal;
    }
    s->handed_out = rdv_buf_len(&s->heard);
}

/* Another record has come, the last `n` bytes of what was heard. */
static enum rdv_err take_lines(struct rdv_session *s, struct rdv_answer *out, size_t n)
{
    if (n == 0)
        return RDV_ERR_SHORT;
    if (s->n == 0)
        return broke(s, RDV_ERR_FORMAT, "an answer that nobody asked for");
    if (!guest_text_is_whole(s->requests[s->first].kind, rdv_buf_view(&s->heard), n))
        return RDV_ERR_SHORT;
    hand_out_text(s, out);
    return RDV_OK;
}

/* What a refusal says, by its word. One that is not known here comes from a newer card. */
static enum rdv_err read_refusal(struct rdv_session *s, struct rdv_value refusal)
{
    const uint8_t *text, *code;
    size_t n, n_code;
    enum rdv_err err;

    (void)rdv_value_bytes(rdv_value_in(refusal, "error"), &text, &n);
    keep_reason(s, (struct rdv_span){ text, n });
    err = rdv_value_bytes(rdv_value_in(refusal, "code"), &code, &n_code) ? rdv_err_of(code, n_code)
                                                                         : RDV_OK;
    if (s->refusal[0] == '\0')
        keep_reason(s, rdv_span_of(rdv_err_text(err == RDV_OK ? RDV_ERR_REFUSED : err)));
    return err == RDV_OK ? RDV_ERR_REFUSED : err;
}

static enum rdv_err hand_out_result(struct rdv_session *s, struct rdv_answer *out,
                                    const struct rdv_rpc_answer *a)
{
    const struct rdv_value body = { a->body.p, a->body.n };
    const enum rdv_err err = a->code == 0 ? RDV_OK : read_refusal(s, body);

    if (!a->has_id)
        return broke(s, err, s->refusal);
    if (s->n == 0 || a->id != s->requests[s->first].number)
        return broke(s, RDV_ERR_FORMAT, "an answer to another request");
    *out = (struct rdv_answer){ .request = take_first(s)->number, .err = err, .why = "" };
    if (err == RDV_OK) {
        out->result = body;
    } else {
        out->refusal = body;
        out->why = s->refusal;
    }
    s->handed_out = s->framed;
    return RDV_OK;
}

/* Goes on through what was heard, up to the end of an answer. */
static enum rdv_err take_result(struct rdv_session *s, struct rdv_answer *out)
{
    const struct rdv_span heard = rdv_buf_view(&s->heard);
    struct rdv_rpc_answer a;
    struct rdv_reader rd;
    struct rdv_span piece;
    bool whole;

    if (heard.n == s->framed)
        return RDV_ERR_SHORT;
    rd = (struct rdv_reader){ { heard.p + s->framed, heard.n - s->framed } };
    if (rdv_rpc_frame(&s->framer, &rd, &piece, &whole) != RDV_OK)
        return broke(s, RDV_ERR_FORMAT, "what came is not an answer");
    s->framed += piece.n;
    if (!whole)
        return RDV_ERR_SHORT;
    if (rdv_rpc_get_answer(&a, (struct rdv_span){ heard.p, s->framed }) != RDV_OK)
        return broke(s, RDV_ERR_FORMAT, "what came is not an answer");
    return hand_out_result(s, out, &a);
}

/* The server has said goodbye. To ?02 that is the answer. */
static enum rdv_err on_close(struct rdv_session *s, struct rdv_answer *out)
{
    (void)broke(s, RDV_ERR_CLOSED, "the server has ended the session");
    if (s->n == 0 || s->requests[s->first].kind != GUEST_TEXT_GOODBYE || rdv_buf_len(&s->heard) > 0)
        return fail_first(s, out);
    hand_out_text(s, out);
    return RDV_OK;
}

/* What was handed out is with the caller no more. */
static void take_back(struct rdv_session *s)
{
    rdv_buf_consume(&s->heard, s->handed_out);
    s->framed -= s->handed_out < s->framed ? s->handed_out : s->framed;
    s->handed_out = 0;
}

enum rdv_err rdv_session_next(struct rdv_session *s, struct rdv_answer *out)
{
    struct rdv_why why = { "" };
    size_t n = 0; /* bytes that the last record brought */
    enum rdv_err err;

    *out = (struct rdv_answer){ .why = "" };
    take_back(s);
    while (s->broken == RDV_OK) {
        const size_t before = rdv_buf_len(&s->heard);

        err = s->language == RDV_LINES ? take_lines(s, out, n) : take_result(s, out);
        if (err != RDV_ERR_SHORT)
            return err == RDV_OK ? err : fail_first(s, out);
        err = guest_tls_read(s->tls, &s->heard, &why);
        n = rdv_buf_len(&s->heard) - before;
        if (err == RDV_ERR_ABSENT)
            return RDV_ERR_SHORT;
        if (err == RDV_ERR_CLOSED)
            return on_close(s, out);
        if (err != RDV_OK)
            (void)broke(s, err,
                        err == RDV_ERR_LIMIT ? "an answer longer than any may be" : why.text);
    }
    return fail_first(s, out);
}
