/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/client.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/private.h"
#include "base/secret.h"
#include "base/why.h"
#include "guest_tools/librdv/socket.h"

#define CHUNK 16384

struct rdv_client {
    struct rdv_session *session;
    struct rdv_transport transport;
    int timeout_ms;
    struct rdv_why why; /* of the last call */
    uint8_t chunk[CHUNK];
};

/* --- moving bytes ----------------------------------------------------------------------------- */

/* One exchange with the server. What fails breaks the session. */
static enum rdv_err exchange(struct rdv_client *c, uint64_t until)
{
    const uint64_t now = rdv_clock_mono_ms();
    struct rdv_exchange x = { .in = c->chunk, .n_in = rdv_session_room(c->session) };
    enum rdv_err err = RDV_ERR_TIMEOUT;

    x.n_out = rdv_session_to_send(c->session, &x.out);
    if (x.n_in > CHUNK)
        x.n_in = CHUNK;
    if (now < until) {
        x.timeout_ms = (int)(until - now);
        err = c->transport.exchange(c->transport.user, &x);
    }
    rdv_session_sent(c->session, x.sent);
    if (x.received > 0 && rdv_session_receive(c->session, x.in, x.received) != RDV_OK)
        return RDV_OK; /* the session knows */
    if (err != RDV_OK)
        rdv_session_break(c->session, err,
                          err == RDV_ERR_TIMEOUT  ? "the server did not answer in time"
                          : err == RDV_ERR_CLOSED ? "the server has closed the connection"
                                                  : "");
    return err;
}

static uint64_t deadline(const struct rdv_client *c)
{
    return rdv_clock_mono_ms() + (uint64_t)c->timeout_ms;
}

enum rdv_err rdv_client_wait(struct rdv_client *c, struct rdv_answer *out)
{
    const uint64_t until = deadline(c);
    enum rdv_err err;

    while ((err = rdv_session_next(c->session, out)) == RDV_ERR_SHORT) {
        if (rdv_session_unanswered(c->session) == 0)
            return RDV_ERR_STATE;
        (void)exchange(c, until); /* what fails is told by the session */
    }
    return err;
}

bool rdv_client_is_open(struct rdv_client *c)
{
    struct rdv_exchange x = { .in = c->chunk, .n_in = CHUNK };
    struct rdv_answer none;
    enum rdv_err err;

    if (!rdv_session_is_open(c->session) || rdv_session_room(c->session) < CHUNK)
        return rdv_session_is_open(c->session);
    err = c->transport.exchange(c->transport.user, &x);
    if (x.received > 0)
        err = rdv_session_receive(c->session, x.in, x.received);
    if (err != RDV_OK && err != RDV_ERR_TIMEOUT)
        rdv_session_break(c->session, err, "the server has closed the connection");
    /* A goodbye is read here; there is no answer to come. */
    return rdv_session_next(c->session, &none) == RDV_ERR_SHORT;
}

struct rdv_session *rdv_client_session(struct rdv_client *c)
{
    return c->session;
}

const char *rdv_client_why(const struct rdv_client *c)
{
    return c->why.text;
}

/* Waits for what was asked, if it could be. */
static enum rdv_err await(struct rdv_client *c, enum rdv_err asked, struct rdv_answer *out)
{
    enum rdv_err err = asked;

    c->why.text[0] = '\0';
    if (err == RDV_OK && (err = rdv_client_wait(c, out)) == RDV_OK)
        err = out->err;
    if (err == RDV_OK)
        return err;
    if (out->why[0] != '\0')
        return rdv_why_say(&c->why, err, "%s", out->why);
    return rdv_why_say(&c->why, err, "%s", err == RDV_ERR_STATE ? rdv_session_why(c->session) : "");
}

enum rdv_err rdv_client_say(struct rdv_client *c, const char *line, size_t n,
                            struct rdv_answer *out)
{
    *out = (struct rdv_answer){ .why = "" };
    return await(c, rdv_session_say(c->session, line, n, NULL), out);
}

enum rdv_err rdv_client_call(struct rdv_client *c, const char *method,
                             const struct rdv_param *params, struct rdv_answer *out)
{
    *out = (struct rdv_answer){ .why = "" };
    return await(c, rdv_session_call(c->session, method, params, NULL), out);
}

/* --- life ------------------------------------------------------------------------------------- */

enum rdv_err rdv_psk_read(uint8_t psk[RDV_PSK_BYTES], const char *path, struct rdv_why *why)
{
    struct rdv_key key = { 0 };
    const enum rdv_err err = rdv_private_key(&key, path, why);

    memcpy(psk, key.bytes, RDV_PSK_BYTES);
    rdv_key_wipe(&key);
    return err;
}

static enum rdv_err find_psk(uint8_t psk[RDV_PSK_BYTES], const struct rdv_uri *where,
                             const struct rdv_client_options *o, struct rdv_why *why)
{
    if (where->has_psk) {
        memcpy(psk, where->psk, RDV_PSK_BYTES);
        return RDV_OK;
    }
    if (o->psk_file != NULL)
        return rdv_psk_read(psk, o->psk_file, why);
    if (o->psk != NULL)
        return o->psk(o->user, where, psk);
    return rdv_why_say(why, RDV_ERR_USAGE, "no key for %s", where->sen);
}

static enum rdv_err new_session(struct rdv_client *c, const struct rdv_uri *where,
                                const struct rdv_client_options *o, struct rdv_why *why)
{
    const char *identity = where->identity[0] == '\0' ? RDV_IDENTITY_DEFAULT : where->identity;
    uint8_t psk[RDV_PSK_BYTES] = { 0 };
    const struct rdv_session_options session = { where->sen, identity, psk, o->language, o->suite };
    enum rdv_err err;

    if ((err = find_psk(psk, where, o, why)) == RDV_OK &&
        (err = rdv_session_new(&c->session, &session)) != RDV_OK)
        (void)rdv_why_say(why, err, "no session could be made: %s", rdv_err_text(err));
    rdv_wipe(psk, sizeof(psk));
    return err;
}

static enum rdv_err connect_to(struct rdv_client *c, const struct rdv_uri *where,
                               const struct rdv_client_options *o, struct rdv_why *why)
{
    if (o->transport != NULL)
        return RDV_OK;
    if (where->host[0] == '\0')
        return rdv_why_say(why, RDV_ERR_USAGE, "the URI has HOST:PORT where an address should be");
    return guest_socket_open(&c->transport, where->host, where->port, c->timeout_ms, o->stop, why);
}

static enum rdv_err log_in(struct rdv_client *c, struct rdv_why *why)
{
    const uint64_t until = deadline(c);
    struct rdv_answer none;
    enum rdv_err err;

    while (!rdv_session_is_open(c->session)) {
        if ((err = rdv_session_next(c->session, &none)) != RDV_ERR_SHORT)
            return rdv_why_say(why, err, "%s", rdv_session_why(c->session));
        (void)exchange(c, until);
    }
    return RDV_OK;
}

enum rdv_err rdv_client_open(struct rdv_client **out, const struct rdv_uri *where,
                             const struct rdv_client_options *options, struct rdv_why *why)
{
    const struct rdv_client_options none = { .language = RDV_LINES };
    const struct rdv_client_options *o = options == NULL ? &none : options;
    struct rdv_client *c;
    enum rdv_err err;

    *out = NULL;
    if ((c = calloc(1, sizeof(*c))) == NULL)
        return RDV_ERR_NOMEM;
    c->timeout_ms = o->timeout_ms > 0 ? o->timeout_ms : RDV_TIMEOUT_DEFAULT;
    if (o->transport != NULL)
        c->transport = *o->transport;
    if ((err = new_session(c, where, o, why)) != RDV_OK ||
        (err = connect_to(c, where, o, why)) != RDV_OK || (err = log_in(c, why)) != RDV_OK) {
        rdv_client_close(c);
        c = NULL;
    }
    *out = c;
    return err;
}

void rdv_client_close(struct rdv_client *c)
{
    if (c == NULL)
        return;
    if (c->session != NULL && rdv_session_is_open(c->session)) {
        rdv_session_close(c->session);
        (void)exchange(c, rdv_clock_mono_ms() + 1); /* as far as it goes at once */
    }
    rdv_session_free(c->session);
    if (c->transport.close != NULL)
        c->transport.close(c->transport.user);
    rdv_wipe(c, sizeof(*c));
    free(c);
}
