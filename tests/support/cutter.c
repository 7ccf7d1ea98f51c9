/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bad network between a client and a server: it loses the first answers.
 *
 *   cutter ADDRESS:PORT READY-FILE N [SKIP [RECORDS [HOW]]]
 *
 * Listens on any port of 127.0.0.1, says which in READY-FILE, and carries bytes to ADDRESS:PORT.
 * After SKIP connections it lets the handshake and the requests of the next N through, one at a
 * time, RECORDS records of answers too, and when the next answer comes, which is when the card has
 * acted, it closes both sides instead. HOW may be
 *
 *   end              there is no network afterwards
 *   answer=FILE      it keeps the answer, makes FILE, and leaves the closing to the server
 *   request=FILE     the same with the first request, which the server then never sees
 *
 * Ends with SIGTERM. Stopped with SIGSTOP it is a network that swallows everything, and later
 * brings what was on its way.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define APPLICATION_DATA 23
#define HANDSHAKE_RECORDS 2 /* protected ones of the server: extensions, Finished */
#define CLIENT_RECORDS 1    /* and of the client: Finished */

static void check(bool fine, const char *what)
{
    if (!fine) {
        perror(what);
        exit(1);
    }
}

/* Counts the protected records that pass: the first of a client is its Finished. */
struct records {
    uint8_t head[5];
    size_t n_head, left, protected;
};

static void count(struct records *r, const uint8_t *p, size_t n)
{
    while (n > 0) {
        const size_t skip = n < r->left ? n : r->left;

        p += skip;
        n -= skip;
        r->left -= skip;
        if (r->left > 0 || n == 0)
            continue;
        r->head[r->n_head++] = *p++;
        n--;
        if (r->n_head == sizeof(r->head)) {
            r->left = (size_t)r->head[3] << 8 | r->head[4];
            r->protected += r->head[0] == APPLICATION_DATA;
            r->n_head = 0;
        }
    }
}

/* Carries what one side has to the other. False at the end, and past so many records of it. */
static bool carry(int from, int to, struct records *r, size_t most)
{
    uint8_t chunk[65536];
    const ssize_t n = read(from, chunk, sizeof(chunk));

    if (n <= 0)
        return false;
    count(r, chunk, (size_t)n);
    if (r->protected > most)
        return false;
    for (ssize_t at = 0; at < n;) {
        const ssize_t w = send(to, chunk + at, (size_t)(n - at), MSG_NOSIGNAL);

        if (w <= 0)
            return false;
        at += w;
    }
    return true;
}

/* Says that something is kept, and waits for the other side to give up. */
static void keep(const char *file, int server)
{
    uint8_t chunk[4096];
    FILE *mark = fopen(file, "w");

    check(mark != NULL && fclose(mark) == 0, file);
    while (read(server, chunk, sizeof(chunk)) > 0)
        ;
}

/* Of records that pass: requests and answers. Behind so many it is cut, or kept and told in
 * keep_file. */
struct limits {
    size_t requests, answers;
    const char *keep_file; /* NULL: cut */
};

static void serve(int client, const struct sockaddr_in *to, const struct limits *limits)
{
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct records sent = { 0 }, received = { 0 };
    bool going = true;

    check(server >= 0, "socket");
    going = connect(server, (const struct sockaddr *)to, sizeof(*to)) == 0;
    while (going) {
        struct pollfd p[] = { { .fd = client, .events = POLLIN },
                              { .fd = server, .events = POLLIN } };

        if (poll(p, 2, -1) < 0)
            break;
        if (p[0].revents != 0)
            going = carry(client, server, &sent, limits->requests);
        if (going && p[1].revents != 0)
            going = carry(server, client, &received, limits->answers);
    }
    if (limits->keep_file != NULL &&
        (sent.protected > limits->requests || received.protected > limits->answers))
        keep(limits->keep_file, server);
    (void)close(server);
    (void)close(client);
}

struct pair {
    int client;
    struct sockaddr_in to;
};

static void *serve_whole(void *arg)
{
    struct pair *p = arg;

    serve(p->client, &p->to, &(struct limits){ SIZE_MAX, SIZE_MAX, NULL });
    free(p);
    return NULL;
}

static void serve_beside(int client, const struct sockaddr_in *to)
{
    struct pair *p = malloc(sizeof(*p));
    pthread_t thread;

    check(p != NULL, "malloc");
    *p = (struct pair){ client, *to };
    errno = pthread_create(&thread, NULL, serve_whole, p);
    check(errno == 0, "pthread_create");
    errno = pthread_detach(thread);
    check(errno == 0, "pthread_detach");
}

static int listen_somewhere(const char *ready_file)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t n = sizeof(a);
    FILE *ready;

    check(fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 16) == 0 &&
                  getsockname(fd, (struct sockaddr *)&a, &n) == 0,
          "listen");
    check((ready = fopen(ready_file, "w")) != NULL, ready_file);
    fprintf(ready, "127.0.0.1:%u\n", (unsigned)ntohs(a.sin_port));
    check(fclose(ready) == 0, ready_file);
    return fd;
}

static void end(int signal)
{
    (void)signal;
    _exit(0);
}

/* HOW, as far as it is about records. */
static struct limits limits_of(const char *how, size_t records)
{
    struct limits l = { SIZE_MAX, HANDSHAKE_RECORDS + records, NULL };

    if (strncmp(how, "answer=", 7) == 0) {
        l.keep_file = how + 7;
    } else if (strncmp(how, "request=", 8) == 0) {
        l.keep_file = how + 8;
        l.requests = CLIENT_RECORDS;
    }
    return l;
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = { .sin_family = AF_INET };
    char *colon = argc >= 4 && argc <= 7 ? strrchr(argv[1], ':') : NULL;
    const char *how = argc > 6 ? argv[6] : "";
    struct limits limits;
    unsigned long left, skip;
    int fd;

    if (colon == NULL) {
        fprintf(stderr, "usage: cutter ADDRESS:PORT READY-FILE N [SKIP [RECORDS [HOW]]]\n");
        return 64;
    }
    *colon = '\0';
    check(inet_pton(AF_INET, argv[1], &to.sin_addr) == 1, argv[1]);
    to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    left = strtoul(argv[3], NULL, 10);
    skip = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    limits = limits_of(how, argc > 5 ? strtoul(argv[5], NULL, 10) : 0);
    check(signal(SIGTERM, end) != SIG_ERR, "signal");
    fd = listen_somewhere(argv[2]);
    for (;;) {
        const int client = accept(fd, NULL, NULL);

        check(client >= 0, "accept");
        if (skip == 0 && left > 0) {
            serve(client, &to, &limits);
            left--;
        } else {
            serve_beside(client, &to);
            skip -= skip > 0;
        }
        if (left == 0 && strcmp(how, "end") == 0)
            return 0;
    }
}
