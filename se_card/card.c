/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/card.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/apdu.h"
#include "schema/wire/tls_record.h"
#include "se_card/accounts.h"
#include "se_card/language.h"
#include "se_card/records.h"

/* Responses due at once: as many commands as the front may send ahead. */
#define DUE_MAX 64
/* Most bytes of requests kept: one of the longest, and behind it what the front sends ahead, of
 * which one byte of text can make six here. */
#define REQUESTS_MAX (RDV_RPC_MESSAGE_MAX + 1024 * 1024)
/* Answers made in one turn; the rest of the requests wait until these are fetched. */
#define ANSWERS_ENOUGH (64 * 1024)
#define ANSWERS_MAX (ANSWERS_ENOUGH + RDV_RPC_MESSAGE_MAX)
/* Answers wait in clear: only what the next response takes is encrypted ahead of it. Its last
 * record ends with it, so that the client need not wait for the rest to open it. */
#define OUTPUT_ENOUGH (65536 - RDV_TLS_RECORD_MAX)
#define SHORT_MOST 240
/* Memory a session keeps per buffer while it is idle. */
#define IDLE_BYTES 512

static const uint8_t applet_aid[] = { 1, 2, 3, 4, 5, 0 };

/* A response that is due: either fixed, or what the TLS session has to say. */
struct due {
    uint16_t fixed_sw; /* 0: from the session */
    bool extended;
    bool fetch; /* asked for by GET RESPONSE */
    uint32_t le;
};

struct se_card {
    struct se_element *el;
    struct se_tls *tls; /* NULL until the first record */
    char address[RDV_LINK_ADDRESS_MAX + 1];
    char *reached; /* NULL: not known */
    struct se_login login;
    bool login_waits; /* for its first turn, with what it writes */
    bool has_session;
    struct se_session session;
    struct se_input input;
    struct rdv_buf fragments; /* a record arriving in several APDUs */
    struct rdv_buf requests;  /* as requests.h lays them out */
    /* Of requests that were run, until they are sent. Text: length(4) answer, which is a record of
     * its own. Programs: answers as they are, which share records. */
    struct rdv_buf answers;
    size_t answer_left; /* text: bytes of the first answer, its length taken off already */
    size_t run;         /* bytes of requests that were run */
    struct se_session_state state_before;
    bool client_closed;
    bool just_opened;  /* 9001 is still to be said */
    bool in_flight;    /* the server's flight is being fetched record by record */
    bool extended;     /* the last command was in extended length: alerts may be sent */
    bool has_answered; /* a question */
    bool ended;        /* an end has been said: the next command meets a reset engine */
    struct due due[DUE_MAX];
    size_t first_due, n_due;
    size_t handed_out; /* bytes of TLS output in the caller's hands */
    void *owner;
    uint64_t marked;              /* the session is to be ended: by the command of this number */
    struct se_card *next, **prev; /* of the element's open sessions */
};

enum rdv_err se_card_new(struct se_card **out, struct se_element *el, struct rdv_span address)
{
    struct se_card *card;

    *out = NULL;
    if ((card = calloc(1, sizeof(*card))) == NULL)
        return RDV_ERR_NOMEM;
    card->el = el;
    if (rdv_span_to_text(card->address, sizeof(card->address), address) != RDV_OK)
        card->address[0] = '\0'; /* only the log misses it */
    card->fragments = RDV_BUF(RDV_TLS_RECORD_MAX);
    card->requests = RDV_BUF(REQUESTS_MAX);
    card->answers = RDV_BUF(ANSWERS_MAX);
    se_input_init(&card->input, false);
    *out = card;
    return RDV_OK;
}

static void enter(struct se_card *card)
{
    struct se_element *el = card->el;

    card->has_session = true;
    card->next = el->sessions;
    card->prev = &el->sessions;
    if (card->next != NULL)
        card->next->prev = &card->next;
    el->sessions = card;
    el->n_sessions++;
}

static void leave(struct se_card *card)
{
    if (!card->has_session)
        return;
    card->has_session = false;
    se_session_stop_waiting(&card->session);
    *card->prev = card->next;
    if (card->next != NULL)
        card->next->prev = card->prev;
    card->el->n_sessions--;
}

/* Back to READY: as after power-up, but for the responses that are due. */
static void reset_engine(struct se_card *card)
{
    leave(card);
    se_tls_free(card->tls);
    card->tls = NULL;
    card->login = (struct se_login){ 0 };
    card->marked = 0;
    card->login_waits = false;
    card->client_closed = card->just_opened = card->in_flight = card->ended = false;
    card->has_answered = false;
    card->run = 0;
    card->handed_out = 0;
    card->answer_left = 0;
    se_input_free(&card->input);
    se_input_init(&card->input, false);
    rdv_buf_free(&card->fragments);
    rdv_buf_free(&card->requests);
    rdv_buf_free(&card->answers);
}

void se_card_free(struct se_card *card)
{
    if (card == NULL)
        return;
    reset_engine(card);
    free(card->reached);
    free(card);
}

enum rdv_err se_card_set_reached(struct se_card *card, struct rdv_span reached)
{
    if (!rdv_reached_is_valid(reached))
        return RDV_OK;
    free(card->reached);
    if ((card->reached = malloc(reached.n + 1)) == NULL)
        return RDV_ERR_NOMEM;
    return rdv_span_to_text(card->reached, reached.n + 1, reached);
}

struct se_element *se_card_element(const struct se_card *card)
{
    return card->el;
}

/* --- TLS records in --------------------------------------------------------------------------- */

static void find_key(void *user, struct rdv_key *out, const struct rdv_client_hello *hello)
{
    struct se_card *card = user;

    se_accounts_login(card->el, out, &card->login, hello, rdv_span_of(card->address));
}

static enum rdv_err open_session(struct se_card *card)
{
    enum rdv_err err;

    if (card->login.account == 0) /* a handshake with a random key cannot have succeeded */
        return RDV_ERR_TLS;
    err = se_session_init(&card->session, card->el, card->login.account);
    if (err != RDV_OK)
        return err == RDV_ERR_ABSENT ? RDV_ERR_TLS : err;
    card->session.reached = card->reached;
    card->session.tls = card->tls;
    card->session.card = card;
    se_input_init(&card->input, se_tls_is_of_programs(card->tls));
    enter(card);
    card->session.state.login_due = card->login.used_next && !card->el->read_only;
    if (card->login.new_address && !card->el->read_only)
        se_arrivals_add(&card->el->arrivals, card->login.account, rdv_span_of(card->address));
    card->login_waits = card->session.state.login_due;
    card->just_opened = true;
    return RDV_OK;
}

uint64_t se_card_delay(struct se_card *card)
{
    const uint64_t ms = card->login.delay_ms;

    card->login.delay_ms = 0;
    return ms;
}

/* True when another request stands behind the one that is run next. */
static bool has_another(const struct se_card *card)
{
    struct rdv_reader rd = { rdv_buf_view(&card->requests) };
    enum se_request_kind kind;
    struct rdv_span bytes;

    RDV_INVARIANT(rdv_get_bytes(&rd, &bytes, card->run) == RDV_OK);
    return se_requests_next(&rd, &kind, &bytes) && rd.rest.n > 0;
}

/* The request that is first waits, and nothing has happened yet. */
static bool is_asleep(const struct se_card *card)
{
    return se_session_is_asleep(&card->session) &&
           (!card->session.log_wait.yields || !has_another(card));
}

/* When nothing more will be answered, says goodbye: the published card, in short APDUs, does not.
 */
static void end_if_done(struct se_card *card)
{
    if (card->client_closed &&
        (rdv_buf_len(&card->requests) == 0 || is_asleep(card))) /* nobody waits for it */
        card->session.state.ending = true;
    if (card->session.state.ending && card->extended && rdv_buf_len(&card->answers) == 0)
        se_tls_close(card->tls);
}

/* All the application data that has arrived, as requests. */
static enum rdv_err read_requests(struct se_card *card)
{
    struct rdv_buf *text = &card->el->scratch;
    enum rdv_err err;

    for (;;) {
        rdv_buf_clear(text);
        if ((err = se_tls_read(card->tls, text)) != RDV_OK)
            break;
        if ((err = se_input_feed(&card->input, &card->requests, rdv_buf_view(text))) != RDV_OK)
            break;
    }
    rdv_buf_clear(text);
    if (err == RDV_ERR_ABSENT)
        err = RDV_OK;
    if (err == RDV_OK && se_tls_state(card->tls) == SE_TLS_CLOSED && !card->client_closed) {
        card->client_closed = true;
        err = se_input_end(&card->input, &card->requests);
        end_if_done(card);
    }
    return err;
}

static enum rdv_err feed_record(struct se_card *card, struct rdv_span record)
{
    enum rdv_err err;

    if (card->has_session && card->session.state.ending)
        return RDV_OK; /* nothing is read any more */
    if (card->tls == NULL &&
        (err = se_tls_new(&card->tls, card->el->tls, find_key, card)) != RDV_OK)
        return err;
    if ((err = se_tls_feed(card->tls, record)) == RDV_OK &&
        se_tls_state(card->tls) == SE_TLS_OPEN && !card->has_session)
        err = open_session(card);
    if (err == RDV_OK && card->has_session)
        err = read_requests(card);
    if (err == RDV_ERR_TLS) {
        log_info("%s: %s: TLS: %s", card->el->sen, card->address, se_tls_reason(card->tls));
        err = RDV_OK; /* the response says it */
    }
    if (err == RDV_OK && !card->has_session)
        card->in_flight = rdv_buf_len(se_tls_output(card->tls)) > 0;
    return err;
}

/* --- APDUs in --------------------------------------------------------------------------------- */

static enum rdv_err add_due(struct se_card *card, const struct rdv_apdu *apdu, uint16_t fixed_sw)
{
    struct due *due;

    if (card->n_due == DUE_MAX)
        return RDV_ERR_LIMIT;
    due = &card->due[(card->first_due + card->n_due++) % DUE_MAX];
    *due = (struct due){ fixed_sw, apdu->extended, apdu->ins == RDV_INS_GET_RESPONSE, apdu->le };
    return RDV_OK;
}

/* True for a whole record, and for the bare header of one that is longer than allowed: TLS then
 * gives the alert for it. */
static bool is_record(struct rdv_span bytes)
{
    struct rdv_span whole;
    const enum rdv_err err = rdv_tls_record_peek(&whole, bytes);

    if (err == RDV_ERR_LIMIT)
        return bytes.n == RDV_TLS_HEADER;
    return err == RDV_OK && whole.n == bytes.n && whole.n > 0;
}

static enum rdv_err send_fragment(struct se_card *card, const struct rdv_apdu *apdu)
{
    const bool first = (apdu->p2 & RDV_SEND_FIRST) != 0, last = (apdu->p2 & RDV_SEND_LAST) != 0;
    struct rdv_span record = apdu->data;
    enum rdv_err err;

    if (apdu->p1 != 0 || (apdu->p2 & ~(RDV_SEND_FIRST | RDV_SEND_LAST)) != 0)
        return add_due(card, apdu, RDV_SW_WRONG_P1P2);
    if (apdu->data.n == 0 && apdu->p2 == 0) {
        reset_engine(card);
        return add_due(card, apdu, RDV_SW_OK);
    }
    if (!first || !last) {
        if (first)
            rdv_buf_free(&card->fragments);
        if ((err = rdv_put_bytes(&card->fragments, apdu->data)) == RDV_ERR_LIMIT)
            return add_due(card, apdu, RDV_SW_WRITE);
        if (err != RDV_OK)
            return err;
        if (!last)
            return add_due(card, apdu, RDV_SW_OK);
        record = rdv_buf_view(&card->fragments);
    }
    if (!is_record(record))
        err = add_due(card, apdu, RDV_SW_WRITE);
    else if ((err = feed_record(card, record)) == RDV_OK)
        err = add_due(card, apdu, 0);
    rdv_buf_reset(&card->fragments, IDLE_BYTES);
    return err;
}

static enum rdv_err select_applet(struct se_card *card, const struct rdv_apdu *apdu)
{
    const struct rdv_span aid = { applet_aid, sizeof(applet_aid) };

    if (apdu->p1 != 4 || apdu->p2 != 0)
        return add_due(card, apdu, RDV_SW_WRONG_P1P2);
    if (!rdv_span_equal(apdu->data, aid))
        return add_due(card, apdu, RDV_SW_NOT_FOUND);
    reset_engine(card);
    return add_due(card, apdu, RDV_SW_OK);
}

enum rdv_err se_card_feed(struct se_card *card, struct rdv_span command)
{
    struct rdv_apdu apdu;

    if (card->ended)
        reset_engine(card);
    if (rdv_apdu_decode(&apdu, command) != RDV_OK)
        return add_due(card, &apdu, RDV_SW_WRONG_LENGTH);
    card->extended = apdu.extended;
    switch (apdu.ins) {
    case RDV_INS_SELECT:
        return select_applet(card, &apdu);
    case RDV_INS_SEND:
        return send_fragment(card, &apdu);
    case RDV_INS_GET_RESPONSE:
        if (apdu.p1 != 0 || apdu.p2 != 0)
            return add_due(card, &apdu, RDV_SW_WRONG_P1P2);
        return add_due(card, &apdu, card->tls == NULL ? RDV_SW_OK : 0);
    default:
        return add_due(card, &apdu, RDV_SW_UNKNOWN_INS);
    }
}

bool se_card_end(struct se_card *card)
{
    const struct rdv_apdu unasked = { .extended = true, .le = 65536 };

    if (!card->has_session || card->ended || !card->extended)
        return false;
    card->session.state.ending = true;
    rdv_buf_free(&card->answers); /* what is not on its way yet */
    card->answer_left = 0;
    end_if_done(card);
    return add_due(card, &unasked, 0) == RDV_OK;
}

/* More will be answered, though nothing more is sent to the card. */
static bool has_more(const struct se_card *card)
{
    return se_card_wants_turn(card) || rdv_buf_len(&card->answers) > 0 ||
           (card->has_session && !card->session.state.ending && is_asleep(card));
}

/* --- a turn ----------------------------------------------------------------------------------- */

bool se_card_wants_turn(const struct se_card *card)
{
    /* The first use of a new key ends the old one even if nothing is said; the rest of what a login
     * writes can wait for the first command. */
    if (card->login_waits)
        return true;
    return card->has_session && !card->session.state.ending && rdv_buf_len(&card->requests) > 0 &&
           !is_asleep(card) && rdv_buf_len(&card->answers) == 0 &&
           rdv_buf_len(se_tls_output(card->tls)) == card->handed_out;
}

/* An answer is about to be appended, then it has been. */
static void begin_answer(struct se_card *card)
{
    if (!card->input.of_programs)
        RDV_INVARIANT(rdv_put_u32(&card->answers, 0) == RDV_OK);
}

static void end_answer(struct se_card *card, size_t before)
{
    const size_t n = rdv_buf_len(&card->answers) - before - 4;
    const uint8_t length[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                               (uint8_t)n };

    if (!card->input.of_programs)
        rdv_buf_patch(&card->answers, before, (struct rdv_span){ length, sizeof(length) });
}

/* Runs one request; its answer is appended, unless it must wait. */
static enum rdv_err run_request(struct se_card *card, enum se_request_kind kind,
                                struct rdv_span bytes)
{
    struct se_session *s = &card->session;
    struct rdv_buf *answers = &card->answers;
    const size_t before = rdv_buf_len(answers);
    enum rdv_err err;

    begin_answer(card);
    se_session_stop_waiting(s);
    s->hurried = has_another(card);
    if ((err = se_session_refresh(s)) == RDV_ERR_DENIED) {
        s->state.ending = true; /* without a word: the account is not its any more */
        err = RDV_OK;
    } else if (err != RDV_OK) {
        err = se_language_fail(answers, kind, bytes, err, "");
    } else {
        err = se_language_run(s, answers, kind, bytes);
    }
    if (err != RDV_OK)
        return err;
    if (s->wait_until_ms != 0) {
        rdv_buf_truncate(answers, before);
        return RDV_OK;
    }
    s->log_wait = (struct se_log_wait){ 0 };
    s->commands++;
    end_answer(card, before);
    return RDV_OK;
}

/* The next request to run, or false when there is none or enough has been answered. */
static bool next_request(const struct se_card *card, enum se_request_kind *kind,
                         struct rdv_span *bytes, size_t *used)
{
    struct rdv_reader rd = { rdv_buf_view(&card->requests) };
    struct rdv_span done;
    size_t left;

    if (card->session.state.ending || rdv_buf_len(&card->answers) >= ANSWERS_ENOUGH)
        return false;
    RDV_INVARIANT(rdv_get_bytes(&rd, &done, card->run) == RDV_OK);
    left = rd.rest.n;
    if (!se_requests_next(&rd, kind, bytes))
        return false;
    *used = left - rd.rest.n;
    return true;
}

bool se_card_wants_alone(const struct se_card *card)
{
    enum se_request_kind kind;
    struct rdv_span bytes;
    size_t used;

    return next_request(card, &kind, &bytes, &used) && se_language_wants_alone(kind, bytes);
}

static enum rdv_err write_login(struct se_card *card)
{
    enum rdv_err err;

    if (!card->session.state.login_due)
        return RDV_OK;
    if ((err = se_accounts_promote(card->el, card->session.account)) == RDV_OK)
        card->session.state.login_due = false;
    return err;
}

enum rdv_err se_card_run(struct se_card *card)
{
    enum se_request_kind kind;
    struct rdv_span bytes;
    size_t used;
    enum rdv_err err;

    card->state_before = card->session.state;
    if ((err = write_login(card)) != RDV_OK)
        return RDV_ERR_LOST;
    while (next_request(card, &kind, &bytes, &used) && !se_language_wants_alone(kind, bytes)) {
        if ((err = run_request(card, kind, bytes)) != RDV_OK)
            return err;
        if (card->session.wait_until_ms != 0)
            break; /* it stays first */
        card->run += used;
    }
    return RDV_OK;
}

void se_card_rewind(struct se_card *card)
{
    card->session.state = card->state_before;
    card->run = 0;
    rdv_buf_clear(&card->answers);
}

/* One request in a transaction of its own, or with none where it makes its own. */
static enum rdv_err run_in_transaction(struct se_card *card, enum se_request_kind kind,
                                       struct rdv_span bytes)
{
    enum rdv_err err;

    if (se_language_wants_alone(kind, bytes))
        return run_request(card, kind, bytes);
    if ((err = se_element_begin(card->el)) == RDV_OK &&
        (err = run_request(card, kind, bytes)) == RDV_OK)
        return se_element_commit(card->el);
    se_element_rollback(card->el);
    return err;
}

/* What was answered is taken back, and the effect undone; that a command asked to be the last one
 * stands. */
static void answer_error_instead(struct se_card *card, size_t answers_before,
                                 const struct se_session_state *before, enum se_request_kind kind,
                                 struct rdv_span bytes)
{
    const bool ending = card->session.state.ending;

    rdv_buf_truncate(&card->answers, answers_before);
    se_session_stop_waiting(&card->session);
    card->session.log_wait = (struct se_log_wait){ 0 };
    card->session.state = *before;
    card->session.state.ending |= ending;
    begin_answer(card);
    RDV_INVARIANT(se_language_fail(&card->answers, kind, bytes, RDV_ERR_FULL,
                                   "it could not be written to the disk") == RDV_OK);
    end_answer(card, answers_before);
}

/* When it fails it stays due: what needs no writing is answered all the same. */
static void write_login_alone(struct se_card *card)
{
    const struct se_session_state before = card->session.state;

    if (!before.login_due)
        return;
    if (se_element_begin(card->el) == RDV_OK && write_login(card) == RDV_OK) {
        if (se_element_commit(card->el) != RDV_OK)
            card->session.state = before;
        return;
    }
    se_element_rollback(card->el);
    card->session.state = before;
}

void se_card_run_alone(struct se_card *card)
{
    enum se_request_kind kind;
    struct rdv_span bytes;
    size_t used;

    write_login_alone(card);
    while (next_request(card, &kind, &bytes, &used)) {
        const struct se_session_state before = card->session.state;
        const size_t answers_before = rdv_buf_len(&card->answers);

        if (run_in_transaction(card, kind, bytes) != RDV_OK)
            answer_error_instead(card, answers_before, &before, kind, bytes);
        if (card->session.wait_until_ms != 0)
            return;
        card->run += used;
    }
}

/* --- the sessions of an element --------------------------------------------------------------- */

void se_card_set_owner(struct se_card *card, void *owner)
{
    card->owner = owner;
}

void *se_card_owner(const struct se_card *card)
{
    return card->owner;
}

struct se_card *se_card_next(const struct se_card *card)
{
    return card->next;
}

const struct se_session *se_card_session(const struct se_card *card)
{
    return &card->session;
}

const char *se_card_address(const struct se_card *card)
{
    return card->address;
}

void se_card_mark(struct se_card *card)
{
    card->marked = card->el->acts;
}

enum rdv_err se_card_confirm(struct se_card *card, uint64_t question)
{
    struct se_question *asked = &card->session.question;

    if (asked->id != question || asked->confirmed != 0)
        return RDV_ERR_ABSENT;
    asked->confirmed = card->el->acts;
    card->el->wakes++;
    return RDV_OK;
}

void se_card_unmark(struct se_card *card, uint64_t act)
{
    if (card->marked > act)
        card->marked = 0;
    if (card->session.question.confirmed > act)
        card->session.question.confirmed = 0;
}

bool se_card_must_end(struct se_card *card)
{
    return card->marked != 0 || se_session_refresh(&card->session) == RDV_ERR_DENIED;
}

/* --- the end of a turn ------------------------------------------------------------------------ */

/* The next of the answers that is to go into one record. */
static struct rdv_span next_piece(struct se_card *card)
{
    struct rdv_reader rd = { rdv_buf_view(&card->answers) };
    uint32_t n;

    if (!card->input.of_programs) {
        while (card->answer_left == 0 && rdv_get_u32(&rd, &n) == RDV_OK) {
            rdv_buf_consume(&card->answers, 4);
            card->answer_left = n;
        }
        rd.rest.n = card->answer_left;
    }
    if (rd.rest.n > RDV_TLS_PLAIN_MAX)
        rd.rest.n = RDV_TLS_PLAIN_MAX;
    return rd.rest;
}

/* Encrypts answers, as much as one response takes. */
static void send_answers(struct se_card *card)
{
    while (rdv_buf_len(&card->answers) > 0 && se_tls_state(card->tls) != SE_TLS_FAILED &&
           rdv_buf_len(se_tls_output(card->tls)) < OUTPUT_ENOUGH) {
        const struct rdv_span piece = next_piece(card);

        if (piece.n == 0)
            break;
        if (se_tls_write(card->tls, piece) != RDV_OK) {
            log_warn("%s: %s: TLS: %s", card->el->sen, card->address, se_tls_reason(card->tls));
            break;
        }
        rdv_buf_consume(&card->answers, piece.n);
        if (!card->input.of_programs)
            card->answer_left -= piece.n;
    }
    if (se_tls_state(card->tls) == SE_TLS_FAILED)
        rdv_buf_clear(&card->answers);
    if (rdv_buf_len(&card->answers) == 0) {
        rdv_buf_reset(&card->answers, IDLE_BYTES);
        card->answer_left = 0;
    }
    end_if_done(card);
}

void se_card_finish(struct se_card *card)
{
    rdv_buf_consume(&card->requests, card->run);
    card->has_answered |= card->run > 0;
    card->run = 0;
    card->login_waits = false;
    if (rdv_buf_len(&card->requests) == 0)
        rdv_buf_reset(&card->requests, IDLE_BYTES);
    send_answers(card);
}

/* --- responses out ---------------------------------------------------------------------------- */

/* The status word once everything has been fetched. */
static uint16_t final_sw(struct se_card *card)
{
    uint16_t sw = card->just_opened ? RDV_SW_OPEN : RDV_SW_OK;

    if (se_tls_state(card->tls) == SE_TLS_FAILED)
        sw = RDV_SW_TLS;
    else if (card->has_session && card->session.state.ending)
        sw = RDV_SW_CLOSED;
    card->just_opened = card->in_flight = false;
    card->ended = sw == RDV_SW_TLS || sw == RDV_SW_CLOSED;
    return sw;
}

/* Bytes of `out` in one short response: a record of the flight, or as much as fits. */
static size_t short_chunk(const struct se_card *card, struct rdv_span out)
{
    struct rdv_span record;

    if (card->in_flight && rdv_tls_record_peek(&record, out) == RDV_OK && record.n > 0 &&
        record.n < SHORT_MOST)
        return record.n;
    return out.n < SHORT_MOST ? out.n : SHORT_MOST;
}

static uint16_t short_response(struct se_card *card, struct rdv_span *data, const struct due *due)
{
    struct rdv_span out = rdv_buf_view(se_tls_output(card->tls));
    const size_t chunk = short_chunk(card, out);

    if (se_tls_state(card->tls) == SE_TLS_FAILED) /* a status word alone: no alerts here */
        return final_sw(card);
    if (due->fetch && chunk > 0 && due->le != chunk)
        return (uint16_t)(RDV_SW_WRONG_LE | chunk);
    if (!due->fetch && !card->in_flight && chunk < out.n)
        return (uint16_t)(RDV_SW_MORE | chunk);
    *data = (struct rdv_span){ out.p, chunk };
    card->handed_out = chunk;
    if (chunk < out.n) {
        out.p += chunk;
        out.n -= chunk;
        return (uint16_t)(RDV_SW_MORE | short_chunk(card, out));
    }
    return has_more(card) ? (uint16_t)(RDV_SW_MORE | SHORT_MOST) : final_sw(card);
}

static uint16_t extended_response(struct se_card *card, struct rdv_span *data,
                                  const struct due *due)
{
    const struct rdv_span out = rdv_buf_view(se_tls_output(card->tls));

    *data = (struct rdv_span){ out.p, out.n < due->le ? out.n : due->le };
    card->handed_out = data->n;
    if (data->n < out.n || has_more(card))
        return RDV_SW_MORE;
    return final_sw(card);
}

bool se_card_has_answered(const struct se_card *card)
{
    return card->has_session && card->has_answered && !card->ended;
}

bool se_card_is_asked(const struct se_card *card)
{
    return card->n_due > 0;
}

bool se_card_has_ended(const struct se_card *card)
{
    return card->ended && card->n_due == 0;
}

/* The response waits for the turn, or for what the session waits for, once all else was sent. */
static bool holds_back(const struct se_card *card)
{
    return has_more(card) && rdv_buf_len(se_tls_output(card->tls)) == 0;
}

bool se_card_response(struct se_card *card, struct rdv_span *data, uint16_t *sw)
{
    const struct due *due = &card->due[card->first_due];

    *data = (struct rdv_span){ NULL, 0 };
    *sw = 0;
    if (card->tls != NULL && card->handed_out > 0) {
        rdv_buf_consume(se_tls_output(card->tls), card->handed_out);
        card->handed_out = 0;
        if (rdv_buf_len(&card->answers) > 0)
            send_answers(card);
        if (rdv_buf_len(se_tls_output(card->tls)) == 0)
            rdv_buf_reset(se_tls_output(card->tls), IDLE_BYTES);
    }
    if (card->n_due == 0 || (due->fixed_sw == 0 && holds_back(card)))
        return false;
    card->first_due = (card->first_due + 1) % DUE_MAX;
    card->n_due--;
    if (due->fixed_sw != 0)
        *sw = due->fixed_sw;
    else if (card->tls == NULL) /* reset since it was asked */
        *sw = RDV_SW_OK;
    else if (due->extended)
        *sw = extended_response(card, data, due);
    else
        *sw = short_response(card, data, due);
    return true;
}
