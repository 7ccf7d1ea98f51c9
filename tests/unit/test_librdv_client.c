/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <rdv/client.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "tests/support/tls_server.h"

#define KEY "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"
#define WHERE "shellS://key1.com:" KEY "(root)@HOST:PORT/"

/* A server behind a transport of the caller's. It answers each line with "<line>". */
struct far_end {
    struct t_server *server;
    struct rdv_buf to_client, heard;
    size_t step; /* most bytes moved at once; 0: all */
    unsigned closed;
    bool mute;     /* it answers nothing */
    size_t breaks; /* after so many bytes to the client; 0: never */
    size_t given;
};

static void reply(struct far_end *f)
{
    for (;;) {
        const struct rdv_span in = rdv_buf_view(&f->heard);
        const uint8_t *lf = in.n == 0 ? NULL : memchr(in.p, '\n', in.n);
        char line[100];
        int n;

        if (lf == NULL)
            return;
        n = snprintf(line, sizeof(line), "<%.*s>\r\n", (int)(lf - in.p - 1), (const char *)in.p);
        if (!f->mute)
            t_server_write(f->server, (struct rdv_span){ (uint8_t *)line, (size_t)n },
                           &f->to_client);
        rdv_buf_consume(&f->heard, (size_t)(lf - in.p) + 1);
    }
}

static size_t least(size_t a, size_t b)
{
    return b == 0 || a < b ? a : b;
}

static enum rdv_err exchange(void *user, struct rdv_exchange *x)
{
    struct far_end *f = user;

    x->sent = least(x->n_out, f->step);
    t_server_step(f->server, (struct rdv_span){ x->out, x->sent }, &f->to_client);
    if (t_server_is_open(f->server)) {
        t_server_read(f->server, &f->heard);
        reply(f);
    }
    x->received = least(least(x->n_in, f->step), rdv_buf_len(&f->to_client));
    if (rdv_buf_len(&f->to_client) == 0)
        x->received = 0;
    if (x->received > 0)
        memcpy(x->in, rdv_buf_view(&f->to_client).p, x->received);
    rdv_buf_consume(&f->to_client, x->received);
    f->given += x->received;
    if (f->breaks > 0 && f->given >= f->breaks)
        return RDV_ERR_CLOSED;
    return x->sent > 0 || x->received > 0 ? RDV_OK : RDV_ERR_TIMEOUT;
}

static void on_close(void *user)
{
    ((struct far_end *)user)->closed++;
}

static struct far_end a_far_end(void)
{
    const struct t_server_options options = t_server_usual();

    return (struct far_end){ .server = t_server_new(&options),
                             .to_client = RDV_BUF(1 << 20),
                             .heard = RDV_BUF(1 << 20) };
}

static void leave(struct far_end *f)
{
    t_server_free(f->server);
    rdv_buf_free(&f->to_client);
    rdv_buf_free(&f->heard);
}

static enum rdv_err open_with(struct rdv_client **c, struct far_end *f, const char *text,
                              struct rdv_client_options *options, struct rdv_why *why)
{
    const struct rdv_transport transport = { f, exchange, on_close };
    struct rdv_uri where;
    enum rdv_err err;

    T_MUST_OK(rdv_uri_parse(&where, text, NULL));
    options->transport = &transport;
    err = rdv_client_open(c, &where, options, why);
    rdv_uri_wipe(&where);
    return err;
}

static struct rdv_client *opened(struct far_end *f)
{
    struct rdv_client_options options = { .language = RDV_LINES };
    struct rdv_client *c;

    T_MUST_OK(open_with(&c, f, WHERE, &options, NULL));
    return c;
}

static void expect_say(struct rdv_client *c, const char *line, const char *want)
{
    struct rdv_answer a;

    T_OK(rdv_client_say(c, line, strlen(line), &a));
    T_TEXT(((struct rdv_span){ a.bytes, a.n }), want);
}

static void a_caller_may_move_the_bytes(void)
{
    struct far_end f = a_far_end();
    struct rdv_client *c = opened(&f);

    expect_say(c, "I00", "<I00>");
    expect_say(c, "I01", "<I01>");
    rdv_client_close(c);
    T_UINT(f.closed, 1);
    leave(&f);
}

static void bytes_may_trickle(void)
{
    struct far_end f = a_far_end();
    struct rdv_client *c;

    f.step = 1;
    c = opened(&f);
    expect_say(c, "I00", "<I00>");
    rdv_client_close(c);
    leave(&f);
}

static void several_lines_may_be_under_way(void)
{
    struct far_end f = a_far_end();
    struct rdv_client *c = opened(&f);
    struct rdv_answer a;

    for (int i = 0; i < 200; i++)
        T_OK(rdv_session_say(rdv_client_session(c), "I00", 3, NULL));
    for (int i = 0; i < 200; i++) {
        T_OK(rdv_client_wait(c, &a));
        T_OK(a.err);
    }
    T_ERR(rdv_client_wait(c, &a), RDV_ERR_STATE); /* nothing to wait for */
    expect_say(c, "I01", "<I01>");
    rdv_client_close(c);
    leave(&f);
}

static void the_end_is_seen_without_asking(void)
{
    struct far_end f = a_far_end();
    struct rdv_client *c = opened(&f);

    T_TRUE(rdv_client_is_open(c));
    expect_say(c, "I00", "<I00>");
    T_TRUE(rdv_client_is_open(c));
    t_server_close(f.server, &f.to_client);
    T_TRUE(!rdv_client_is_open(c));
    T_TRUE(!rdv_client_is_open(c));
    rdv_client_close(c);
    leave(&f);
    f = a_far_end();
    c = opened(&f);
    f.breaks = 1;
    T_TRUE(!rdv_client_is_open(c));
    rdv_client_close(c);
    leave(&f);
}

static void an_answer_that_does_not_come_breaks_the_session(void)
{
    struct far_end f = a_far_end();
    struct rdv_client *c = opened(&f);
    struct rdv_answer a;

    f.mute = true;
    T_ERR(rdv_client_say(c, "Z00x", 4, &a), RDV_ERR_OUTCOME);
    T_TEXT(rdv_span_of(a.why), "the server did not answer in time");
    T_ERR(rdv_client_wait(c, &a), RDV_ERR_TIMEOUT);
    T_ERR(rdv_client_say(c, "Z00x", 4, &a), RDV_ERR_STATE);
    rdv_client_close(c);
    leave(&f);
}

/* Wherever the connection breaks, there is an error and no more. */
static void a_connection_may_break_at_every_byte(void)
{
    for (size_t breaks = 1;; breaks++) {
        struct far_end f = a_far_end();
        struct rdv_client_options options = { .language = RDV_LINES };
        struct rdv_why why = { "" };
        struct rdv_client *c = NULL;
        struct rdv_answer a;
        enum rdv_err err;

        f.breaks = breaks;
        f.step = 1;
        if ((err = open_with(&c, &f, WHERE, &options, &why)) == RDV_OK)
            err = rdv_client_say(c, "I00", 3, &a);
        else
            T_TRUE(why.text[0] != '\0' && c == NULL);
        rdv_client_close(c);
        leave(&f);
        T_UINT(f.closed, 1);
        if (err == RDV_OK)
            break;
        T_TRUE(err == RDV_ERR_CLOSED || err == RDV_ERR_OUTCOME);
        T_MUST(breaks < 1000);
    }
}

static enum rdv_err give_key(void *user, const struct rdv_uri *where, uint8_t psk[RDV_PSK_BYTES])
{
    T_TEXT(rdv_span_of(where->sen), "key1.com");
    memcpy(psk, t_hex(KEY).p, RDV_PSK_BYTES);
    return *(enum rdv_err *)user;
}

static const char *key_file(const char *text)
{
    static char path[128];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/psk", t_temp_dir());
    T_MUST((file = fopen(path, "wx")) != NULL);
    (void)fputs(text, file);
    (void)fclose(file);
    T_MUST(chmod(path, 0600) == 0);
    return path;
}

static void the_key_may_come_from_a_file_or_a_function(void)
{
    static const char where[] = "shellS://key1.com(root)@HOST:PORT/";
    struct rdv_client_options options = { .psk_file = key_file(KEY "\n") };
    struct rdv_why why = { "" };
    struct far_end f = a_far_end();
    enum rdv_err err = RDV_OK;
    struct rdv_client *c;

    T_OK(open_with(&c, &f, where, &options, &why));
    rdv_client_close(c);
    leave(&f);
    f = a_far_end();
    options = (struct rdv_client_options){ .psk = give_key, .user = &err };
    T_OK(open_with(&c, &f, where, &options, &why));
    rdv_client_close(c);
    err = RDV_ERR_DENIED;
    T_ERR(open_with(&c, &f, where, &options, &why), RDV_ERR_DENIED);
    options = (struct rdv_client_options){ .psk_file = "/nowhere" };
    T_ERR(open_with(&c, &f, where, &options, &why), RDV_ERR_ABSENT);
    T_TRUE(strstr(why.text, "/nowhere") != NULL);
    options = (struct rdv_client_options){ 0 };
    T_ERR(open_with(&c, &f, where, &options, &why), RDV_ERR_USAGE);
    T_TRUE(c == NULL);
    leave(&f);
}

static void a_uri_without_identity_is_the_published_one(void)
{
    struct rdv_client_options options = { 0 };
    struct t_server_options server = t_server_usual();
    struct far_end f = a_far_end();
    struct rdv_client *c;

    t_server_free(f.server);
    server.identity = RDV_IDENTITY_DEFAULT;
    f.server = t_server_new(&server);
    T_OK(open_with(&c, &f, "shellS://key1.com:" KEY "@HOST:PORT/", &options, NULL));
    rdv_client_close(c);
    leave(&f);
}

/* Answers whatever comes with these bytes, and is silent then. */
static enum rdv_err say_once(void *user, struct rdv_exchange *x)
{
    struct rdv_span *bytes = user;

    x->sent = x->n_out;
    x->received = bytes->n;
    memcpy(x->in, bytes->p, bytes->n);
    bytes->n = 0;
    return x->sent > 0 || x->received > 0 ? RDV_OK : RDV_ERR_TIMEOUT;
}

static void a_login_may_be_refused_in_many_ways(void)
{
    static const struct {
        const char *bytes;
        enum rdv_err err;
    } cases[] = {
        { "15030300020270", RDV_ERR_ABSENT }, { "15030300020233", RDV_ERR_AUTH },
        { "15030300020250", RDV_ERR_BUSY },   { "15030300020228", RDV_ERR_TLS },
        { "485454502F", RDV_ERR_FORMAT },     { "", RDV_ERR_TIMEOUT },
        { "1503030002", RDV_ERR_TIMEOUT },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rdv_span bytes = t_hex(cases[i].bytes);
        const struct rdv_transport transport = { &bytes, say_once, NULL };
        const struct rdv_client_options options = { .transport = &transport };
        struct rdv_why why = { "" };
        struct rdv_client *c;
        struct rdv_uri where;

        T_MUST_OK(rdv_uri_parse(&where, WHERE, NULL));
        T_ERR(rdv_client_open(&c, &where, &options, &why), cases[i].err);
        T_TRUE(c == NULL && why.text[0] != '\0');
    }
}

/* --- a server that is none, over both transports ---------------------------------------------- */

/* What it says once it was asked: bytes of an answer, or of no TLS at all; and then it goes. */
struct saying {
    const char *hex;
    bool bare;             /* not in a TLS record */
    enum rdv_err get, put; /* what becomes of these requests */
    const char *why;
};

static const struct saying sayings[] = {
    { "FF", false, RDV_ERR_FORMAT, RDV_ERR_OUTCOME, "not an answer" },
    { "485454502F312E3120343030", false, RDV_ERR_FORMAT, RDV_ERR_OUTCOME, "not an answer" },
    { "9F0100A0FF", false, RDV_ERR_FORMAT, RDV_ERR_OUTCOME, "not an answer" },
    { "830100BFFF", false, RDV_ERR_FORMAT, RDV_ERR_OUTCOME, "not an answer" },
    { "830100818181818181818181", false, RDV_ERR_FORMAT, RDV_ERR_OUTCOME, "not an answer" },
    { "830200A0", false, RDV_ERR_FORMAT, RDV_ERR_OUTCOME, "another request" },
    { "83F605A0", false, RDV_ERR_REFUSED, RDV_ERR_OUTCOME, "refused" },
    { "830100A167636F6E", false, RDV_ERR_CLOSED, RDV_ERR_OUTCOME, "closed the connection" },
    { "830100A167636F6E74656E745A7FFFFFFF", false, RDV_ERR_FORMAT, RDV_ERR_OUTCOME,
      "not an answer" },
    { "", false, RDV_ERR_CLOSED, RDV_ERR_OUTCOME, "closed the connection" },
    { "485454502F312E3120343030", true, RDV_ERR_TLS, RDV_ERR_OUTCOME, "" },
    { "17030300", true, RDV_ERR_CLOSED, RDV_ERR_OUTCOME, "closed the connection" },
    { "170303001100112233445566778899AABBCCDDEEFF00", true, RDV_ERR_TLS, RDV_ERR_OUTCOME, "" },
    { "15030300020228", true, RDV_ERR_TLS, RDV_ERR_OUTCOME, "" },
};

/* Takes what the client sends; true when it has been asked, and the saying is on its way. */
static bool hear(struct far_end *f, const struct saying *say, struct rdv_span in)
{
    t_server_step(f->server, in, &f->to_client);
    if (!t_server_is_open(f->server))
        return false;
    t_server_read(f->server, &f->heard);
    if (rdv_buf_len(&f->heard) == 0)
        return false;
    if (say->bare)
        T_OK(rdv_put_bytes(&f->to_client, t_hex(say->hex)));
    else if (say->hex[0] != '\0')
        t_server_write(f->server, t_hex(say->hex), &f->to_client);
    return true;
}

struct stage {
    struct far_end far;
    const struct saying *say;
    bool said;
};

static enum rdv_err exchange_on_stage(void *user, struct rdv_exchange *x)
{
    struct stage *s = user;
    struct rdv_buf *out = &s->far.to_client;

    x->sent = x->n_out;
    if (!s->said)
        s->said = hear(&s->far, s->say, (struct rdv_span){ x->out, x->n_out });
    x->received = x->n_in < rdv_buf_len(out) ? x->n_in : rdv_buf_len(out);
    if (x->received > 0)
        memcpy(x->in, rdv_buf_view(out).p, x->received);
    rdv_buf_consume(out, x->received);
    if (x->sent > 0 || x->received > 0)
        return RDV_OK;
    return s->said ? RDV_ERR_CLOSED : RDV_ERR_TIMEOUT;
}

/* The same behind a real socket; in a process of its own, which ends with its saying. */
static void play_on_socket(struct stage *s, int listener)
{
    const int fd = accept(listener, NULL, NULL);
    uint8_t chunk[4096];
    ssize_t n;

    while (!s->said && (n = read(fd, chunk, sizeof(chunk))) > 0) {
        s->said = hear(&s->far, s->say, (struct rdv_span){ chunk, (size_t)n });
        while (rdv_buf_len(&s->far.to_client) > 0 &&
               (n = write(fd, rdv_buf_view(&s->far.to_client).p, rdv_buf_len(&s->far.to_client))) >
                       0)
            rdv_buf_consume(&s->far.to_client, (size_t)n);
    }
    /* All that was sent is read, or closing would be a reset that overtakes what was said. */
    (void)shutdown(fd, SHUT_WR);
    while (read(fd, chunk, sizeof(chunk)) > 0)
        ;
    _exit(0);
}

static struct stage a_stage(const struct saying *say)
{
    struct t_server_options options = t_server_usual();
    struct stage s = { .say = say };

    options.alpn = "rdv/1";
    s.far = (struct far_end){ .server = t_server_new(&options),
                              .to_client = RDV_BUF(1 << 20),
                              .heard = RDV_BUF(1 << 20) };
    return s;
}

/* The library reports it, whatever it is, and may be asked on and on. */
static void expect_reported(struct rdv_client *c, const struct saying *say, bool put)
{
    const struct rdv_param params[] = { RDV_NUMBER("record", 10), RDV_END };
    const enum rdv_err want = put ? say->put : say->get;
    struct rdv_answer a;

    if (!T_ERR(rdv_client_call(c, put ? "put" : "get", params, &a), want) ||
        strstr(rdv_client_why(c), say->why) == NULL)
        fprintf(stderr, "    of %s: \"%s\"\n", say->hex, rdv_client_why(c));
    T_TRUE(rdv_client_why(c)[0] != '\0' && strstr(rdv_client_why(c), say->why) != NULL);
    T_TRUE(!rdv_client_is_open(c));
    T_ERR(rdv_client_call(c, "get", params, &a), RDV_ERR_STATE);
    rdv_client_close(c);
}

static void a_server_may_say_anything_to_a_caller_who_moves_the_bytes(void)
{
    for (size_t i = 0; i < 2 * sizeof(sayings) / sizeof(sayings[0]); i++) {
        struct stage s = a_stage(&sayings[i / 2]);
        const struct rdv_transport transport = { &s, exchange_on_stage, NULL };
        const struct rdv_client_options options = { .language = RDV_REQUESTS,
                                                    .transport = &transport };
        struct rdv_client *c;
        struct rdv_uri where;

        T_MUST_OK(rdv_uri_parse(&where, WHERE, NULL));
        T_MUST_OK(rdv_client_open(&c, &where, &options, NULL));
        expect_reported(c, s.say, i % 2 == 1);
        leave(&s.far);
    }
}

/* --- sockets ---------------------------------------------------------------------------------- */

static int listening(uint16_t *port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof(a);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    T_MUST(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 4) == 0 &&
           getsockname(fd, (struct sockaddr *)&a, &n) == 0);
    *port = ntohs(a.sin_port);
    return fd;
}

static enum rdv_err open_at(const char *host, uint16_t port, int timeout_ms, struct rdv_why *why)
{
    const struct rdv_client_options options = { .timeout_ms = timeout_ms };
    struct rdv_uri where;
    struct rdv_client *c;
    enum rdv_err err;

    T_MUST_OK(rdv_uri_parse(&where, "shellS://key1.com:" KEY "(root)@x", NULL));
    (void)snprintf(where.host, sizeof(where.host), "%s", host);
    where.port = port;
    err = rdv_client_open(&c, &where, &options, why);
    T_TRUE(c == NULL || err == RDV_OK);
    rdv_client_close(c);
    return err;
}

static void nobody_may_listen(void)
{
    struct rdv_why why = { "" };
    uint16_t port;
    const int fd = listening(&port);

    (void)close(fd);
    T_ERR(open_at("127.0.0.1", port, 5000, &why), RDV_ERR_CLOSED);
    T_TRUE(strstr(why.text, "127.0.0.1") != NULL && strstr(why.text, "refused") != NULL);
}

static void a_host_may_not_exist(void)
{
    struct rdv_why why = { "" };

    T_ERR(open_at("no-such-host.invalid", 1, 5000, &why), RDV_ERR_ABSENT);
    T_TRUE(strstr(why.text, "no-such-host.invalid") == why.text);
}

static void a_listener_may_say_nothing(void)
{
    struct rdv_why why = { "" };
    uint16_t port;
    const int fd = listening(&port);

    T_ERR(open_at("127.0.0.1", port, 1, &why), RDV_ERR_TIMEOUT);
    T_TRUE(why.text[0] != '\0');
    (void)close(fd);
}

/* Half an hour would be a failure of the test's own time. */
static void a_caller_may_end_the_waiting(void)
{
    struct rdv_client_options options = { .timeout_ms = 1800 * 1000 };
    struct rdv_why why = { "" };
    struct rdv_client *c;
    struct rdv_uri where;
    uint16_t port;
    const int fd = listening(&port);
    int ends[2];

    T_MUST(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
    T_MUST_OK(rdv_uri_parse(&where, "shellS://key1.com:" KEY "(root)@127.0.0.1", NULL));
    where.port = port;
    options.stop = &ends[0];
    T_ERR(rdv_client_open(&c, &where, &options, &why), RDV_ERR_CLOSED);
    T_TRUE(why.text[0] != '\0');
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)close(fd);
}

static void a_server_may_say_anything_over_a_socket(void)
{
    for (size_t i = 0; i < 2 * sizeof(sayings) / sizeof(sayings[0]); i++) {
        const struct rdv_client_options options = { .language = RDV_REQUESTS };
        struct stage s = a_stage(&sayings[i / 2]);
        struct rdv_client *c;
        struct rdv_uri where;
        uint16_t port;
        const int fd = listening(&port);
        const pid_t server = fork();

        T_MUST(server >= 0);
        if (server == 0)
            play_on_socket(&s, fd);
        (void)close(fd);
        T_MUST_OK(rdv_uri_parse(&where, "shellS://key1.com:" KEY "(root)@127.0.0.1", NULL));
        where.port = port;
        T_MUST_OK(rdv_client_open(&c, &where, &options, NULL));
        expect_reported(c, s.say, i % 2 == 1);
        T_MUST(waitpid(server, NULL, 0) == server);
        leave(&s.far);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(a_caller_may_move_the_bytes),
    T_CASE(bytes_may_trickle),
    T_CASE(several_lines_may_be_under_way),
    T_CASE(the_end_is_seen_without_asking),
    T_CASE(an_answer_that_does_not_come_breaks_the_session),
    T_CASE(a_connection_may_break_at_every_byte),
    T_CASE(the_key_may_come_from_a_file_or_a_function),
    T_CASE(a_uri_without_identity_is_the_published_one),
    T_CASE(a_login_may_be_refused_in_many_ways),
    T_CASE(a_server_may_say_anything_to_a_caller_who_moves_the_bytes),
    T_CASE(nobody_may_listen),
    T_CASE(a_host_may_not_exist),
    T_CASE(a_listener_may_say_nothing),
    T_CASE(a_caller_may_end_the_waiting),
    T_CASE(a_server_may_say_anything_over_a_socket),
    T_END,
};

T_SUITE(librdv_client, tests);
