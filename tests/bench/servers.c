/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/servers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "tests/bench/talk.h"

#define READY_MS 30000
#define READY_STEP_MS 10
#define NUMBER 24
#define BRIDGE "bridge" /* its account, with a key of its own */
#define BRIDGE_PSK_HEX "1A2C3E4F5061728394A5B6C7D8E9FA0B1C2D3E4F5A6B7C8D9EAFB0C1D2E3F405"

/* --- common ----------------------------------------------------------------------------------- */

static enum rdv_err server_init(struct bench_server *srv, const struct bench_job *job,
                                const char *name, bool with_psk)
{
    int n;

    *srv = (struct bench_server){ .name = name,
                                  .cpu = job->options->cpu,
                                  .sleepy = job->options->sleepy };
    n = snprintf(srv->dir, sizeof(srv->dir), "%s/%s", job->dir, name);
    if (n < 0 || (size_t)n >= sizeof(srv->dir)) {
        log_error("--dir: path too long");
        return RDV_ERR_LIMIT;
    }
    if (mkdir(srv->dir, 0700) != 0) {
        log_error("%s: %s", srv->dir, strerror(errno));
        return RDV_ERR_IO;
    }
    return bench_tls_config_new(&srv->tls, with_psk, job->options->suite, job->options->group);
}

static enum rdv_err start(struct bench_server *srv, const struct bench_command *command)
{
    enum rdv_err err;

    RDV_INVARIANT(srv->n < BENCH_PROCESSES);
    if ((err = bench_process_start(&srv->processes[srv->n], command)) == RDV_OK)
        srv->n++;
    return err;
}

/* Ours have an option for it, which leaves the card's second thread free. */
static enum rdv_err start_peer(struct bench_server *srv, const struct bench_command *command)
{
    struct bench_command there = *command;

    there.stays = srv->cpu >= 0;
    there.cpu = srv->cpu;
    return start(srv, &there);
}

static bool all_alive(struct bench_server *srv)
{
    for (size_t i = 0; i < srv->n; i++) {
        if (!bench_process_is_alive(&srv->processes[i]))
            return false;
    }
    return true;
}

/* Gives up a server that did not start, for the reason that counts. */
static enum rdv_err given_up(struct bench_server *srv, enum rdv_err err)
{
    if (err != RDV_OK && bench_server_stop(srv) != RDV_OK)
        log_warn("%s: did not end well either", srv->name);
    return err;
}

enum rdv_err bench_server_stop(struct bench_server *srv)
{
    enum rdv_err err = RDV_OK;

    while (srv->n > 0) { /* the last one first: the front goes before its card */
        srv->n--;
        if (bench_process_stop(&srv->processes[srv->n]) != RDV_OK)
            err = RDV_ERR_IO;
    }
    bench_tls_config_free(srv->tls);
    srv->tls = NULL;
    return err;
}

double bench_server_cpu_s(const struct bench_server *srv)
{
    double sum = 0;

    for (size_t i = 0; i < srv->n; i++)
        sum += bench_process_cpu_s(&srv->processes[i]);
    return sum;
}

/* --- ours ------------------------------------------------------------------------------------- */

/* Waits for the file a daemon writes when it serves; `text` receives its line. */
static enum rdv_err await_ready_file(struct bench_server *srv, const char *name, char *text,
                                     size_t size)
{
    char path[PATH_MAX];
    const int n = snprintf(path, sizeof(path), "%s/%s", srv->dir, name);
    FILE *f;

    if (n < 0 || (size_t)n >= sizeof(path))
        return RDV_ERR_LIMIT;
    for (unsigned ms = 0; ms < READY_MS; ms += READY_STEP_MS) {
        if (!all_alive(srv) || bench_interrupted())
            return RDV_ERR_IO;
        if ((f = fopen(path, "re")) != NULL) {
            const bool got = fgets(text, (int)size, f) != NULL;

            (void)fclose(f);
            return got ? RDV_OK : RDV_ERR_IO;
        }
        bench_sleep_ms(READY_STEP_MS);
    }
    log_error("%s: not ready in time", srv->name);
    return RDV_ERR_TIMEOUT;
}

/* The path of a program that was built beside this one. */
static enum rdv_err beside(char *out, size_t size, const char *program)
{
    char self[PATH_MAX];
    const ssize_t n_self = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;
    int n;

    if (n_self < 0)
        return RDV_ERR_IO;
    self[n_self] = '\0';
    if ((slash = strrchr(self, '/')) == NULL)
        return RDV_ERR_IO;
    *slash = '\0';
    n = snprintf(out, size, "%s/%s", self, program);
    return n > 0 && (size_t)n < size ? RDV_OK : RDV_ERR_LIMIT;
}

static enum rdv_err init_element(const struct bench_server *srv, const char *program,
                                 const char *sen)
{
    const char *const init[] = { program, "init", "--dir", "cards", "--sen", sen, "--demo", NULL };
    const struct bench_command command = {
        .name = "se-card-init", .dir = srv->dir, .argv = init, .is_card = true
    };

    return bench_process_do(&command);
}

/* The option whose value is 0, or the end of the arguments. */
static const char *sleepy(const struct bench_server *srv)
{
    return srv->sleepy ? "--busy-poll" : NULL;
}

static enum rdv_err start_card(struct bench_server *srv, const char *card, size_t most,
                               const char *const *sens, size_t n_sens)
{
    char program[PATH_MAX], number[NUMBER], cpu[NUMBER], line[RDV_CONFIG_TEXT];
    const char *const run[] = { program,          "run",       "--dir",
                                "cards",          "--listen",  "unix:card.sock",
                                "--max-sessions", number,      "--ready-file",
                                "card.ready",     "--workers", "1",
                                "--cpu",          cpu,         "--log-quota",
                                "1099511627776", /* no bench is to meet it */
                                sleepy(srv),      "0",         NULL };
    const struct bench_command command = {
        .name = "se-card", .dir = srv->dir, .argv = run, .is_card = true
    };
    enum rdv_err err = beside(program, sizeof(program), card);

    (void)snprintf(number, sizeof(number), "%zu", most);
    (void)snprintf(cpu, sizeof(cpu), "%ld", srv->cpu);
    for (size_t i = 0; i < n_sens && err == RDV_OK; i++)
        err = init_element(srv, program, sens[i]);
    if (err != RDV_OK || (err = start(srv, &command)) != RDV_OK)
        return err;
    return await_ready_file(srv, "card.ready", line, sizeof(line));
}

static enum rdv_err start_front(struct bench_server *srv, size_t most)
{
    char program[PATH_MAX], number[NUMBER], cpu[NUMBER], line[RDV_CONFIG_TEXT];
    const char *const run[] = { program,
                                "--listen",
                                "127.0.0.1:0",
                                "--cards",
                                "unix:card.sock",
                                "--max-sessions",
                                number,
                                "--max-per-address",
                                number,
                                "--idle-timeout",
                                "3600000",
                                "--ready-file",
                                "front.ready",
                                "--cpu",
                                cpu,
                                sleepy(srv),
                                "0",
                                NULL };
    const char *colon;
    const struct bench_command command = { .name = "rdv-server", .dir = srv->dir, .argv = run };
    enum rdv_err err;

    (void)snprintf(cpu, sizeof(cpu), "%ld", srv->cpu);
    (void)snprintf(number, sizeof(number), "%zu", most);
    if ((err = beside(program, sizeof(program), "rdv-server")) != RDV_OK ||
        (err = start(srv, &command)) != RDV_OK ||
        (err = await_ready_file(srv, "front.ready", line, sizeof(line))) != RDV_OK)
        return err;
    if ((colon = strrchr(line, ':')) == NULL)
        return RDV_ERR_FORMAT;
    srv->port = (unsigned short)strtoul(colon + 1, NULL, 10);
    return RDV_OK;
}

enum rdv_err bench_rdv_start_with(struct bench_server *srv, const struct bench_job *job,
                                  size_t most, const char *const *sens, size_t n_sens)
{
    enum rdv_err err;

    if ((err = server_init(srv, job, "rdv", true)) == RDV_OK &&
        (err = start_card(srv, "se-card", most, sens, n_sens)) == RDV_OK)
        err = start_front(srv, most);
    return given_up(srv, err);
}

enum rdv_err bench_rdv_start(struct bench_server *srv, const struct bench_job *job, size_t most)
{
    static const char *const sens[] = { BENCH_SEN };

    return bench_rdv_start_with(srv, job, most, sens, 1);
}

enum rdv_err bench_unsigned_start(struct bench_server *srv, const struct bench_job *job,
                                  size_t most)
{
    static const char *const sens[] = { BENCH_SEN };
    enum rdv_err err;

    if ((err = server_init(srv, job, "rdv-unsigned", true)) == RDV_OK &&
        (err = start_card(srv, "rdv-bench-card", most, sens, 1)) == RDV_OK)
        err = start_front(srv, most);
    return given_up(srv, err);
}

enum rdv_err bench_ask_banner(struct rdv_buf *ask, struct rdv_buf *want, void *user, size_t session,
                              unsigned long nth)
{
    enum rdv_err err;

    (void)user;
    (void)session;
    (void)nth;
    if ((err = rdv_put_text(ask, "?00\n")) != RDV_OK)
        return err;
    return rdv_put_text(want, BENCH_BANNER "\r\n");
}

/* --- the others: they are told a port, and answer on it --------------------------------------- */

/* A port nobody has at this moment. */
static enum rdv_err free_port(unsigned short *out)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof(at);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    enum rdv_err err = RDV_ERR_IO;

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &n) == 0) {
        *out = ntohs(at.sin_port);
        err = RDV_OK;
    } else {
        log_error("no free port: %s", strerror(errno));
    }
    if (fd >= 0)
        (void)close(fd);
    return err;
}

static bool accepts(unsigned short port)
{
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = htons(port),
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0;

    if (fd >= 0)
        (void)close(fd);
    return yes;
}

static enum rdv_err await_port(struct bench_server *srv)
{
    for (unsigned ms = 0; ms < READY_MS; ms += READY_STEP_MS) {
        if (!all_alive(srv) || bench_interrupted())
            return RDV_ERR_IO;
        if (accepts(srv->port))
            return RDV_OK;
        bench_sleep_ms(READY_STEP_MS);
    }
    log_error("%s: not ready in time", srv->name);
    return RDV_ERR_TIMEOUT;
}

/*
 * s_server serves one connection after the other, without any of a real server's bookkeeping: of
 * all servers with OpenSSL it is about the one that spends least on a session. -rev gives it a line
 * to answer, and the line CLOSE ends the session from its side, as ?02 does from ours; so the same
 * things are said, in as many records. No tickets, as we send none. It also tells standard error of
 * each session, in a dozen small pieces; they are thrown away.
 */
enum rdv_err bench_s_server_start(struct bench_server *srv, const struct bench_job *job)
{
    char at[NUMBER];
    const char *const run[] = { "openssl",       "s_server",
                                "-accept",       at,
                                "-nocert",       "-psk",
                                BENCH_PSK_HEX,   "-psk_identity",
                                BENCH_IDENTITY,  "-tls1_3",
                                "-ciphersuites", job->options->suite,
                                "-groups",       job->options->group,
                                "-num_tickets",  "0",
                                "-rev",          NULL };
    const struct bench_command command = {
        .name = "openssl", .dir = srv->dir, .argv = run, .mute = true
    };
    enum rdv_err err;

    if ((err = server_init(srv, job, "s_server", true)) == RDV_OK &&
        (err = free_port(&srv->port)) == RDV_OK) {
        (void)snprintf(at, sizeof(at), "127.0.0.1:%u", srv->port);
        if ((err = start_peer(srv, &command)) == RDV_OK)
            err = await_port(srv);
    }
    return given_up(srv, err);
}

static enum rdv_err make_file(const struct bench_server *srv, size_t n)
{
    char path[PATH_MAX];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/" BENCH_FILE, srv->dir);
    if ((f = fopen(path, "we")) == NULL)
        return RDV_ERR_IO;
    for (size_t i = 0; i < n; i++)
        (void)fputc('a' + (int)(i % 26), f);
    return fclose(f) == 0 ? RDV_OK : RDV_ERR_IO;
}

enum rdv_err bench_www_start(struct bench_server *srv, const struct bench_job *job, size_t n)
{
    char at[NUMBER];
    const char *const run[] = { "openssl",
                                "s_server",
                                "-accept",
                                at,
                                "-nocert",
                                "-psk",
                                BENCH_PSK_HEX,
                                "-psk_identity",
                                BENCH_IDENTITY,
                                "-tls1_3",
                                "-ciphersuites",
                                job->options->suite,
                                "-groups",
                                job->options->group,
                                "-num_tickets",
                                "0",
                                "-WWW",
                                "-quiet",
                                NULL };
    const struct bench_command command = {
        .name = "openssl", .dir = srv->dir, .argv = run, .mute = true
    };
    enum rdv_err err;

    if ((err = server_init(srv, job, "s_server -WWW", true)) == RDV_OK &&
        (err = make_file(srv, n)) == RDV_OK && (err = free_port(&srv->port)) == RDV_OK) {
        (void)snprintf(at, sizeof(at), "127.0.0.1:%u", srv->port);
        if ((err = start_peer(srv, &command)) == RDV_OK)
            err = await_port(srv);
    }
    return given_up(srv, err);
}

static enum rdv_err make_certificate(const struct bench_server *srv)
{
    const char *const make[] = { "openssl",
                                 "req",
                                 "-x509",
                                 "-newkey",
                                 "ec",
                                 "-pkeyopt",
                                 "ec_paramgen_curve:P-256",
                                 "-nodes",
                                 "-subj",
                                 "/CN=" BENCH_SEN,
                                 "-days",
                                 "2",
                                 "-keyout",
                                 "key.pem",
                                 "-out",
                                 "cert.pem",
                                 NULL };

    const struct bench_command command = { .name = "openssl-req", .dir = srv->dir, .argv = make };
    return bench_process_do(&command);
}

/* Its log is not rewritten meanwhile: that would count against it. */
enum rdv_err bench_redis_start(struct bench_server *srv, const struct bench_job *job)
{
    char port[NUMBER];
    const char *const run[] = { "redis-server",
                                "--bind",
                                "127.0.0.1",
                                "--port",
                                "0",
                                "--tls-port",
                                port,
                                "--tls-cert-file",
                                "cert.pem",
                                "--tls-key-file",
                                "key.pem",
                                "--tls-auth-clients",
                                "no",
                                "--tls-protocols",
                                "TLSv1.3",
                                "--tls-ciphersuites",
                                job->options->suite,
                                "--appendonly",
                                "yes",
                                "--appendfsync",
                                "always",
                                "--auto-aof-rewrite-percentage",
                                "0",
                                "--save",
                                "",
                                "--dir",
                                ".",
                                NULL };
    const struct bench_command command = { .name = "redis-server", .dir = srv->dir, .argv = run };
    enum rdv_err err;

    if ((err = server_init(srv, job, "redis", false)) == RDV_OK &&
        (err = make_certificate(srv)) == RDV_OK && (err = free_port(&srv->port)) == RDV_OK) {
        (void)snprintf(port, sizeof(port), "%u", srv->port);
        if ((err = start_peer(srv, &command)) == RDV_OK)
            err = await_port(srv);
    }
    return given_up(srv, err);
}

/* --- mqtt ------------------------------------------------------------------------------------- */

/* A line to a file in the server's directory that nobody else can read. */
static enum rdv_err write_file(const struct bench_server *srv, const char *name, const char *text)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s/%s", srv->dir, name);
    return rdv_file_replace(path, rdv_span_of(text), 0600);
}

/* Without Nagle's algorithm, which would hold its answers back, and without limits to what is on
 * its way. The bridge offers the suites that OpenSSL does by itself, and not CCM. */
static enum rdv_err write_configuration(const struct bench_server *srv, const struct bench_job *job)
{
    char text[1024];

    (void)snprintf(text, sizeof(text),
                   "user root\nlog_type error\nlog_type warning\npersistence false\n"
                   "set_tcp_nodelay true\nmax_inflight_messages 0\nmax_queued_messages 0\n"
                   "listener %u 127.0.0.1\nallow_anonymous true\npsk_hint rdv\npsk_file keys\n"
                   "ciphers_tls1.3 %s:TLS_AES_128_GCM_SHA256\n",
                   srv->port, job->options->suite);
    return write_file(srv, "mosquitto.conf", text);
}

enum rdv_err bench_broker_start(struct bench_server *srv, const struct bench_job *job,
                                const char *name)
{
    const char *const run[] = { "mosquitto", "-c", "mosquitto.conf", NULL };
    const struct bench_command command = { .name = "mosquitto", .dir = srv->dir, .argv = run };
    enum rdv_err err;

    if ((err = server_init(srv, job, name, true)) == RDV_OK &&
        (err = free_port(&srv->port)) == RDV_OK &&
        (err = write_file(srv, "keys", BENCH_IDENTITY ":" BENCH_PSK_HEX "\n")) == RDV_OK &&
        (err = write_configuration(srv, job)) == RDV_OK &&
        (err = start_peer(srv, &command)) == RDV_OK)
        err = await_port(srv);
    return given_up(srv, err);
}

enum rdv_err bench_bridge_start(struct bench_server *srv, const struct bench_server *broker)
{
    char program[PATH_MAX], from[64], to[64], line[RDV_CONFIG_TEXT];
    const char *const run[] = {
        program,      "--from",       from,           "--identity", BRIDGE,
        "--psk-file", "bridge.psk",   "--broker",     to,           "--broker-psk-file",
        "broker.psk", "--ready-file", "bridge.ready", NULL
    };
    const struct bench_command command = { .name = "rdv-bridge", .dir = srv->dir, .argv = run };
    enum rdv_err err;

    (void)snprintf(from, sizeof(from), "shellS://" BENCH_SEN "@127.0.0.1:%u", srv->port);
    (void)snprintf(to, sizeof(to), "mqtts://127.0.0.1:%u", broker->port);
    if ((err = beside(program, sizeof(program), "rdv-bridge")) == RDV_OK &&
        (err = bench_talk_order(srv, "!guest add " BRIDGE " rights=publish psk=" BRIDGE_PSK_HEX)) ==
                RDV_OK &&
        (err = write_file(srv, "bridge.psk", BRIDGE_PSK_HEX "\n")) == RDV_OK &&
        (err = write_file(srv, "broker.psk", BENCH_IDENTITY ":" BENCH_PSK_HEX "\n")) == RDV_OK &&
        (err = start(srv, &command)) == RDV_OK)
        err = await_ready_file(srv, "bridge.ready", line, sizeof(line));
    return given_up(srv, err);
}
