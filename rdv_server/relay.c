/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rdv_server/relay.h"

#include <string.h>

#include "base/log.h"
#include "schema/wire/client_hello.h"

/* Records of a ClientHello, with room for their headers when it comes in many. */
#define FROM_CLIENT_MAX (2 * RDV_TLS_RECORD_MAX + 65536)
#define FROM_CARD_MAX (RDV_LINK_FRAME_HEADER + RDV_LINK_RESPONSE_MAX + 65536)
#define IDLE_BYTES 512
#define SW_BYTES 2
/* Of an answer with at least as much data, the rest is worth asking for ahead. */
#define LONG_BYTES (RDV_LINK_RESPONSE_MAX / 2)

void rdv_relay_init(struct rdv_relay *r)
{
    *r = (struct rdv_relay){
        .reason = "",
        .from_client = RDV_BUF(FROM_CLIENT_MAX),
        .from_card = RDV_BUF(FROM_CARD_MAX),
    };
}

void rdv_relay_free(struct rdv_relay *r)
{
    rdv_buf_free(&r->from_client);
    rdv_buf_free(&r->from_card);
}

static void over(struct rdv_relay *r, const char *reason)
{
    if (r->phase == RDV_RELAY_OVER)
        return;
    r->phase = RDV_RELAY_OVER;
    r->reason = reason;
}

void rdv_relay_end(struct rdv_relay *r, struct rdv_buf *to_client, enum rdv_tls_alert alert,
                   const char *reason)
{
    if (r->phase == RDV_RELAY_OVER)
        return;
    if (r->bytes_out == 0 && rdv_tls_put_alert(to_client, alert) != RDV_OK)
        log_warn("no memory for an alert");
    over(r, reason);
}

/* --- from the client -------------------------------------------------------------------------- */

/* True when the bytes begin an HTTP request; *whole when its method is there to its end. */
static bool speaks_http(bool *whole, struct rdv_span in)
{
    static const char *const methods[] = {
        "GET ", "POST ", "HEAD ", "PUT ", "OPTIONS ", "DELETE "
    };

    *whole = false;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        const struct rdv_span method = rdv_span_of(methods[i]);
        const size_t n = in.n < method.n ? in.n : method.n;

        if (rdv_span_equal((struct rdv_span){ in.p, n }, (struct rdv_span){ method.p, n })) {
            *whole = n == method.n;
            return true;
        }
    }
    return false;
}

/* Not TLS. A browser pointed here is told so in its own language. */
static enum rdv_err refuse_stranger(struct rdv_relay *r, struct rdv_buf *to_client)
{
    bool whole;

    if (speaks_http(&whole, rdv_buf_view(&r->from_client))) {
        if (!whole)
            return RDV_OK; /* the next bytes will tell */
        over(r, "plain HTTP");
        return rdv_put_text(to_client, "HTTP/1.0 400 Bad Request\r\n"
                                       "Content-Type: text/plain\r\n"
                                       "Connection: close\r\n\r\n"
                                       "This port speaks TLS 1.3 with a pre-shared key.\n");
    }
    rdv_relay_end(r, to_client, RDV_ALERT_DECODE_ERROR, "not a TLS ClientHello");
    return RDV_OK;
}

/* Notes that an answer is owed to a command with so many bytes of a record. */
static void await_answer(struct rdv_relay *r, size_t n)
{
    RDV_INVARIANT(r->n_ahead < RDV_RELAY_AHEAD_MAX);
    r->ahead[(r->first_ahead + r->n_ahead++) % RDV_RELAY_AHEAD_MAX] = (uint16_t)n;
    r->ahead_bytes += n;
}

/* Sends a record (or what stands for one) to the card. */
static enum rdv_err pass_on(struct rdv_relay *r, struct rdv_buf *to_card, struct rdv_span record)
{
    enum rdv_err err;

    if ((err = rdv_link_put_record(to_card, record)) != RDV_OK)
        return err;
    await_answer(r, record.n);
    r->records_in++;
    return RDV_OK;
}

bool rdv_relay_wants_client(const struct rdv_relay *r)
{
    switch (r->phase) {
    case RDV_RELAY_HELLO:
        return true;
    case RDV_RELAY_WELCOME:
    case RDV_RELAY_HANDSHAKE:
    case RDV_RELAY_OPEN:
        return r->deaf || (r->n_ahead < RDV_RELAY_AHEAD_MAX &&
                           r->ahead_bytes < RDV_RELAY_AHEAD_BYTES && r->fetch == 0);
    default:
        return false;
    }
}

/* Once the records before it are answered; before the card has said anything, at once. */
static void end_if_garbled(struct rdv_relay *r)
{
    if (r->garbled && (r->bytes_out == 0 || (r->n_ahead == 0 && r->fetch == 0)))
        over(r, "not a TLS record");
}

/* The whole records that have arrived, as far as the window allows. */
static enum rdv_err pass_records(struct rdv_relay *r, struct rdv_buf *to_card)
{
    struct rdv_span record;
    enum rdv_err err = RDV_OK;

    while (!r->deaf && rdv_relay_wants_client(r)) {
        const struct rdv_span in = rdv_buf_view(&r->from_client);

        err = rdv_tls_record_peek(&record, in);
        if (err == RDV_ERR_LIMIT) {
            /* Too long: the card sees the header alone, and gives the alert for it. */
            record = (struct rdv_span){ in.p, RDV_TLS_HEADER };
            r->deaf = true;
        } else if (err != RDV_OK) {
            r->deaf = r->garbled = true;
            end_if_garbled(r);
            break;
        }
        if (record.n == 0)
            break;
        if ((err = pass_on(r, to_card, record)) != RDV_OK)
            return err;
        rdv_buf_consume(&r->from_client, record.n);
    }
    if (r->deaf || rdv_buf_len(&r->from_client) == 0)
        rdv_buf_reset(&r->from_client, IDLE_BYTES);
    return RDV_OK;
}

/* The name the client asks for, as a SEN; empty when it is not one. */
static struct rdv_span choose_sen(const struct rdv_client_hello *hello, const char *default_sen)
{
    const struct rdv_span sen =
            hello->has_server_name ? hello->server_name : rdv_span_of(default_sen);

    return rdv_sen_is_valid(sen) ? sen : RDV_LIT("");
}

static void refuse_length(struct rdv_relay *r, struct rdv_buf *to_client)
{
    rdv_relay_end(r, to_client, RDV_ALERT_RECORD_OVERFLOW,
                  "ClientHello too long, or in too many records");
}

static enum rdv_err read_hello(struct rdv_relay *r, struct rdv_buf *to_card,
                               struct rdv_buf *to_client, const struct rdv_relay_intro *intro)
{
    struct rdv_buf message = RDV_BUF(RDV_CLIENT_HELLO_MAX);
    struct rdv_client_hello hello;
    struct rdv_span sen;
    size_t whole;
    enum rdv_err err;

    err = rdv_client_hello_collect(&hello, &whole, &message, rdv_buf_view(&r->from_client));
    if (err == RDV_ERR_FORMAT) {
        err = refuse_stranger(r, to_client);
        goto out;
    }
    if (err == RDV_ERR_LIMIT) {
        refuse_length(r, to_client);
        err = RDV_OK;
        goto out;
    }
    if (err != RDV_OK || whole == 0)
        goto out;
    sen = choose_sen(&hello, intro->default_sen);
    if (sen.n == 0) {
        rdv_relay_end(r, to_client, RDV_ALERT_UNRECOGNIZED_NAME, "no valid server name");
        goto out;
    }
    if ((err = rdv_span_to_text(r->sen, sizeof(r->sen), sen)) == RDV_OK &&
        (err = rdv_link_put_hello(to_card, sen, rdv_span_of(intro->address),
                                  rdv_span_of(intro->reached))) == RDV_OK) {
        /* The card need not be asked first whether it takes us: it says so in passing. */
        r->phase = RDV_RELAY_WELCOME;
        err = pass_records(r, to_card);
    }
out:
    rdv_buf_free(&message);
    return err;
}

enum rdv_err rdv_relay_from_client(struct rdv_relay *r, struct rdv_buf *to_card,
                                   struct rdv_buf *to_client, struct rdv_span bytes,
                                   const struct rdv_relay_intro *intro)
{
    enum rdv_err err;

    r->bytes_in += bytes.n;
    if (r->phase == RDV_RELAY_OVER || r->deaf)
        return RDV_OK;
    if ((err = rdv_put_bytes(&r->from_client, bytes)) != RDV_OK) {
        if (err != RDV_ERR_LIMIT || r->phase != RDV_RELAY_HELLO)
            return err;
        refuse_length(r, to_client);
        return RDV_OK;
    }
    if (r->phase == RDV_RELAY_HELLO)
        return read_hello(r, to_card, to_client, intro);
    return pass_records(r, to_card);
}

/* --- from the card ---------------------------------------------------------------------------- */

static void on_welcome(struct rdv_relay *r, struct rdv_buf *to_client,
                       const struct rdv_link_welcome *welcome)
{
    if (welcome->major != RDV_LINK_MAJOR || welcome->status == RDV_LINK_VERSION) {
        log_error("%s: the card speaks version %u of the link, this front %u", r->sen,
                  (unsigned)welcome->major, RDV_LINK_MAJOR);
        rdv_relay_end(r, to_client, RDV_ALERT_INTERNAL_ERROR,
                      "the card's link is of another version");
    } else if (welcome->status == RDV_LINK_UNKNOWN_SEN) {
        rdv_relay_end(r, to_client, RDV_ALERT_UNRECOGNIZED_NAME, "no such card");
    } else if (welcome->status != RDV_LINK_ACCEPTED) {
        rdv_relay_end(r, to_client, RDV_ALERT_INTERNAL_ERROR, "the card takes no more sessions");
    } else {
        r->phase = RDV_RELAY_HANDSHAKE;
        r->demo = (welcome->flags & RDV_LINK_DEMO) != 0;
    }
}

/* Asks for what is left, ahead when it is much: that nothing may be left then, and the last of the
 * questions be answered with nothing, does no harm. */
static void ask_for_more(struct rdv_relay *r)
{
    const size_t want = r->answer_n >= LONG_BYTES ? RDV_RELAY_FETCHES_MAX : 1;

    if (r->n_fetches + r->fetch < want)
        r->fetch = want - r->n_fetches;
}

static void on_status(struct rdv_relay *r, uint16_t sw)
{
    if ((sw & 0xff00) == RDV_SW_MORE) {
        ask_for_more(r);
        return;
    }
    switch (sw) {
    case RDV_SW_OK:
        break;
    case RDV_SW_OPEN:
        r->phase = RDV_RELAY_OPEN;
        break;
    case RDV_SW_CLOSED:
        over(r, "closed in good order");
        break;
    case RDV_SW_TLS: /* a real card in an open session answers ?02 with it */
        over(r, r->phase == RDV_RELAY_OPEN ? "ended by the card" : "handshake refused");
        break;
    default:
        log_warn("%s: status word %04X", r->sen, (unsigned)sw);
        over(r, "the card failed");
        break;
    }
}

static bool is_end(uint16_t sw)
{
    return sw == RDV_SW_CLOSED || sw == RDV_SW_TLS;
}

static enum rdv_err pass_back(struct rdv_relay *r, struct rdv_buf *to_client, struct rdv_span data)
{
    enum rdv_err err;

    if ((err = rdv_put_bytes(to_client, data)) != RDV_OK)
        return err;
    r->bytes_out += data.n;
    /* No handshake with a pre-shared key is as long: a client that asked without waiting is being
     * answered, and the card says that the session is open only with the last of it. */
    if (r->phase == RDV_RELAY_HANDSHAKE && r->bytes_out > RDV_TLS_RECORD_MAX)
        r->phase = RDV_RELAY_OPEN;
    return RDV_OK;
}

/* Only an end may come unasked. */
static enum rdv_err on_unasked(struct rdv_relay *r, struct rdv_buf *to_client, struct rdv_span body)
{
    struct rdv_span data;
    uint16_t sw;
    enum rdv_err err;

    if (rdv_apdu_response(&data, &sw, body) != RDV_OK) {
        over(r, "the card answered nonsense");
    } else if (sw != RDV_SW_CLOSED) {
        over(r, "the card answered unasked");
    } else {
        if ((err = pass_back(r, to_client, data)) != RDV_OK)
            return err;
        on_status(r, sw);
    }
    return RDV_OK;
}

/* The answer to the oldest command has gone to the client. */
static void on_answered(struct rdv_relay *r, uint16_t sw)
{
    const uint16_t asked_with = r->ahead[r->first_ahead];

    r->ahead_bytes -= asked_with;
    r->n_fetches -= asked_with == 0;
    r->first_ahead = (r->first_ahead + 1) % RDV_RELAY_AHEAD_MAX;
    r->n_ahead--;
    r->freed = is_end(sw);
    on_status(r, sw);
    end_if_garbled(r);
}

/* A frame begins. Out: *used, what was taken of `in`, or 0 when bytes are missing. */
static enum rdv_err take_frame(struct rdv_relay *r, struct rdv_buf *to_client, size_t *used,
                               struct rdv_span in)
{
    struct rdv_reader rd = { in };
    struct rdv_span body;
    uint32_t n;

    if (rdv_link_get_frame(&body, used, in, RDV_LINK_RESPONSE_MAX) != RDV_OK) {
        over(r, "not a card of ours");
        return RDV_OK;
    }
    if (r->n_ahead == 0)
        return *used > 0 ? on_unasked(r, to_client, body) : RDV_OK;
    if (rdv_get_u32(&rd, &n) != RDV_OK)
        return RDV_OK;
    if (n < SW_BYTES) {
        over(r, "the card answered nonsense");
        return RDV_OK;
    }
    *used = RDV_LINK_FRAME_HEADER;
    r->answer_n = 0;
    r->answer_left = n;
    return RDV_OK;
}

/* The same for an answer that has begun. */
static enum rdv_err take_answer(struct rdv_relay *r, struct rdv_buf *to_client, size_t *used,
                                struct rdv_span in)
{
    struct rdv_reader rd = { in };
    size_t n = r->answer_left - SW_BYTES;
    uint16_t sw;
    enum rdv_err err;

    *used = 0;
    if (n > in.n)
        n = in.n;
    if (n > 0) {
        if ((err = pass_back(r, to_client, (struct rdv_span){ in.p, n })) != RDV_OK)
            return err;
        *used = n;
        r->answer_n += n;
        r->answer_left -= n;
    } else if (rdv_get_u16(&rd, &sw) == RDV_OK) {
        *used = SW_BYTES;
        r->answer_left = 0;
        on_answered(r, sw);
    }
    return RDV_OK;
}

static void take_welcome(struct rdv_relay *r, struct rdv_buf *to_client, size_t *used,
                         struct rdv_span in)
{
    struct rdv_link_welcome welcome;

    if (rdv_link_get_welcome(&welcome, used, in) != RDV_OK)
        over(r, "not a card of ours");
    else if (*used > 0)
        on_welcome(r, to_client, &welcome);
}

/* Takes what can be taken of `in`, and moves it on to the rest. */
static enum rdv_err take_all(struct rdv_relay *r, struct rdv_buf *to_client, struct rdv_span *in)
{
    size_t used;
    enum rdv_err err = RDV_OK;

    while (r->phase != RDV_RELAY_OVER && in->n > 0) {
        if (r->phase == RDV_RELAY_WELCOME)
            take_welcome(r, to_client, &used, *in);
        else if (r->answer_left > 0)
            err = take_answer(r, to_client, &used, *in);
        else
            err = take_frame(r, to_client, &used, *in);
        if (err != RDV_OK || used == 0)
            break;
        in->p += used;
        in->n -= used;
    }
    return err;
}

enum rdv_err rdv_relay_from_card(struct rdv_relay *r, struct rdv_buf *to_client,
                                 struct rdv_span bytes)
{
    const size_t held = rdv_buf_len(&r->from_card);
    struct rdv_span in = bytes;
    enum rdv_err err;

    if (r->phase == RDV_RELAY_OVER)
        return RDV_OK;
    if (held > 0) { /* else nothing is copied but what is left over */
        if ((err = rdv_put_bytes(&r->from_card, bytes)) != RDV_OK)
            return err;
        in = rdv_buf_view(&r->from_card);
    }
    if ((err = take_all(r, to_client, &in)) != RDV_OK)
        return err;
    if (held == 0)
        err = rdv_put_bytes(&r->from_card, in);
    else
        rdv_buf_consume(&r->from_card, rdv_buf_len(&r->from_card) - in.n);
    if (rdv_buf_len(&r->from_card) == 0)
        rdv_buf_reset(&r->from_card, IDLE_BYTES);
    return err;
}

/* What went out behind the command that ended the session is answered too, with an end each. */
bool rdv_relay_frees_link(const struct rdv_relay *r)
{
    struct rdv_span in = rdv_buf_view(&r->from_card), body, data;
    size_t used, n = 0;
    uint16_t sw;

    if (!r->freed)
        return false;
    for (; in.n > 0; n++) {
        if (rdv_link_get_frame(&body, &used, in, RDV_LINK_RESPONSE_MAX) != RDV_OK || used == 0 ||
            rdv_apdu_response(&data, &sw, body) != RDV_OK || !is_end(sw))
            return false;
        in.p += used;
        in.n -= used;
    }
    return n == r->n_ahead;
}

enum rdv_err rdv_relay_client_is_empty(struct rdv_relay *r, struct rdv_buf *to_card)
{
    enum rdv_err err;

    if (r->phase != RDV_RELAY_HANDSHAKE && r->phase != RDV_RELAY_OPEN)
        return RDV_OK;
    for (; r->fetch > 0 && r->n_ahead < RDV_RELAY_AHEAD_MAX; r->fetch--) {
        if ((err = rdv_link_put_get_response(to_card)) != RDV_OK)
            return err;
        await_answer(r, 0);
        r->n_fetches++;
    }
    return pass_records(r, to_card);
}
