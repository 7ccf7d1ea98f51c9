/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: rdv_session_next guest_text_is_whole guest_text_read rdv_value_items */
#include <rdv/session.h>

#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/support/tls_server.h"

#define REQUESTS_MAX 6

struct pair {
    struct rdv_session *s;
    struct t_server *server;
    struct rdv_buf to_client;
    bool broken;
};

static void to_server(struct pair *p)
{
    const uint8_t *bytes;
    const size_t n = rdv_session_to_send(p->s, &bytes);

    t_server_step(p->server, (struct rdv_span){ bytes, n }, &p->to_client);
    rdv_session_sent(p->s, n);
}

static void to_client(struct pair *p, uint32_t *seed)
{
    while (rdv_buf_len(&p->to_client) > 0 && !p->broken && rdv_session_room(p->s) > 0) {
        const struct rdv_span in = rdv_buf_view(&p->to_client);
        size_t n = fuzz_cut(seed, in.n);

        if (n > rdv_session_room(p->s))
            n = rdv_session_room(p->s);
        p->broken = rdv_session_receive(p->s, in.p, n) != RDV_OK;
        rdv_buf_consume(&p->to_client, n);
    }
}

static void open_pair(struct pair *p, enum rdv_language language, uint32_t *seed)
{
    struct t_server_options server = t_server_usual();
    const struct rdv_session_options options = { "key1.com", "root", server.psk.bytes, language,
                                                 NULL };

    server.alpn = "rdv/1";
    *p = (struct pair){ .to_client = RDV_BUF(1 << 22) };
    RDV_INVARIANT(rdv_session_new(&p->s, &options) == RDV_OK);
    p->server = t_server_new(&server);
    to_server(p);
    to_client(p, seed);
    to_server(p);
    RDV_INVARIANT(rdv_session_is_open(p->s));
}

static void ask(struct pair *p, enum rdv_language language, uint32_t kind)
{
    static const char *const lines[] = { "I00", "!info", "Z00x", "?02" };
    static const char *const methods[] = { "get", "put", "record list", "guest list" };

    if (language == RDV_LINES)
        RDV_INVARIANT(rdv_session_say(p->s, lines[kind % 4], strlen(lines[kind % 4]), NULL) ==
                      RDV_OK);
    else
        RDV_INVARIANT(rdv_session_call(p->s, methods[kind % 4], NULL, NULL) == RDV_OK);
}

/* Touches all of a value. */
static void walk(struct rdv_value v, unsigned depth)
{
    struct rdv_items items = rdv_value_items(v);
    struct rdv_value key, item;
    const uint8_t *bytes;
    char text[20];
    uint64_t number;
    size_t n;

    (void)rdv_value_number(v, &number);
    (void)rdv_value_text(v, text, sizeof(text));
    if (rdv_value_bytes(v, &bytes, &n))
        RDV_INVARIANT(bytes >= v.p && bytes + n <= v.p + v.n);
    while (depth > 0 && rdv_items_next(&items, &key, &item)) {
        walk(key, depth - 1);
        walk(item, depth - 1);
    }
}

/* Whatever a server says, in records cut anywhere: requests are answered in their order, each once
 * and no other, and then comes the end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rdv_reader rd = { { data, size } };
    uint32_t seed = fuzz_seed(&rd), last = 0;
    const enum rdv_language language = fuzz_random(&seed) % 2 == 0 ? RDV_LINES : RDV_REQUESTS;
    const uint32_t n_requests = fuzz_random(&seed) % (REQUESTS_MAX + 1);
    struct rdv_answer a;
    struct pair p;
    enum rdv_err err;

    open_pair(&p, language, &seed);
    for (uint32_t i = 0; i < n_requests; i++)
        ask(&p, language, fuzz_random(&seed));
    to_server(&p);
    while (rd.rest.n > 0) {
        struct rdv_span record;

        RDV_INVARIANT(rdv_get_bytes(&rd, &record, fuzz_cut(&seed, rd.rest.n)) == RDV_OK);
        t_server_write(p.server, record, &p.to_client);
    }
    if (fuzz_random(&seed) % 2 == 0)
        t_server_close(p.server, &p.to_client);
    for (bool ended = false; !ended;) {
        to_client(&p, &seed);
        while ((err = rdv_session_next(p.s, &a)) == RDV_OK) {
            RDV_INVARIANT(a.request == ++last && a.request <= n_requests);
            RDV_INVARIANT((a.err == RDV_OK) == (a.why[0] == '\0'));
            walk(a.result, 9);
            walk(a.refusal, 9);
        }
        ended = err != RDV_ERR_SHORT || rdv_buf_len(&p.to_client) == 0;
        if (ended && err == RDV_ERR_SHORT)
            rdv_session_break(p.s, RDV_ERR_CLOSED, "gone");
        ended = ended && err != RDV_ERR_SHORT;
    }
    RDV_INVARIANT(last == n_requests && rdv_session_unanswered(p.s) == 0);
    RDV_INVARIANT(!rdv_session_is_open(p.s) && rdv_session_why(p.s)[0] != '\0');
    rdv_session_free(p.s);
    t_server_free(p.server);
    rdv_buf_free(&p.to_client);
    return 0;
}
