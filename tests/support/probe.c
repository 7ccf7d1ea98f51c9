/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The subcommands of the probe, and what they share: see probe.h. */
#include "tests/support/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"

static const struct {
    const char *name;
    int (*run)(const struct probe_config *config, int argc, char **argv);
    const char *help;
} subcommands[] = {
    { "play", probe_steps, "STEP ...              one connection, step by step" },
    { "times", probe_times, "N ID=PSK ID=PSK ...     are so many refusals equally slow?" },
    { "crowd", probe_crowd, "N [MARK GO]             so many whole sessions at once" },
    { "write", probe_write, "N STATE MARK [GO]       records written until the end of it" },
    { "check", probe_check, "STATE                   is what was acknowledged still there?" },
};

__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list args)
{
    fprintf(stderr, "probe: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
}

void probe_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    exit(1);
}

void probe_misuse(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
    exit(2);
}

long probe_number(const char *text, long low, long high)
{
    char *end;
    long n;

    errno = 0;
    n = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || n < low || n > high)
        probe_misuse("\"%s\" is not a number from %ld to %ld", text, low, high);
    return n;
}

void probe_mark(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || close(fd) != 0)
        probe_fail("%s: %s", path, strerror(errno));
}

/* "127.0.0.1:PORT" or "[::1]:PORT". */
static void set_address(struct probe_config *config, const char *text)
{
    const char *colon = strrchr(text, ':');
    char host[INET6_ADDRSTRLEN] = "";
    const bool is_v6 = text[0] == '[';

    if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
        probe_misuse("\"%s\" is not HOST:PORT", text);
    if (is_v6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&config->address;

        memcpy(host, text + 1, (size_t)(colon - text) - 2);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons((uint16_t)probe_number(colon + 1, 1, 65535));
        config->address_n = sizeof(*in6);
        if (inet_pton(AF_INET6, host, &in6->sin6_addr) != 1)
            probe_misuse("\"%s\" is not an address", host);
    } else {
        struct sockaddr_in *in = (struct sockaddr_in *)(void *)&config->address;

        memcpy(host, text, (size_t)(colon - text));
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)probe_number(colon + 1, 1, 65535));
        config->address_n = sizeof(*in);
        if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
            probe_misuse("\"%s\" is not an address", host);
    }
}

static void set_option(struct probe_config *config, const char *name, const char *value)
{
    if (strcmp(name, "--at") == 0)
        set_address(config, value);
    else if (strcmp(name, "--sen") == 0)
        config->login.sen = value[0] == '\0' ? NULL : value;
    else if (strcmp(name, "--identity") == 0)
        config->login.identity = value;
    else if (strcmp(name, "--alpn") == 0)
        config->login.alpn = value;
    else if (strcmp(name, "--receive-buffer") == 0)
        config->receive_buffer = (int)probe_number(value, 0, 1 << 24);
    else if (strcmp(name, "--value-size") == 0)
        config->value_size = (int)probe_number(value, 0, 4000);
    else if (strcmp(name, "--pause") == 0)
        config->pause_ms = probe_number(value, 0, 60000);
    else if (strcmp(name, "--deadline") == 0)
        config->deadline_ms = probe_number(value, 1, 600000);
    else if (strcmp(name, "--psk") != 0 ||
             rdv_hex_decode(config->login.psk, PROBE_PSK_BYTES, rdv_span_of(value)) != RDV_OK)
        probe_misuse("%s %s: not understood", name, value);
}

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: probe --at HOST:PORT [--sen NAME] [--identity ID] [--psk HEX]\n"
                    "             [--alpn PROTOCOL] [--psk-ke-only] [--receive-buffer BYTES] "
                    "[--deadline MS]\n"
                    "             [--value-size BYTES] [--pause MS]\n"
                    "             SUBCOMMAND ARGUMENT ...\n");
    for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++)
        fprintf(stderr, "  %s %s\n", subcommands[i].name, subcommands[i].help);
    exit(2);
}

int main(int argc, char **argv)
{
    struct probe_config config = {
        .login = { .sen = "key1.com", .identity = "Client_identity" },
        .deadline_ms = 30000,
    };
    int at = 1;

    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < PROBE_PSK_BYTES; i++)
        config.login.psk[i] = (uint8_t)(i + 1);
    while (at < argc && argv[at][0] == '-') {
        if (strcmp(argv[at], "--psk-ke-only") == 0) {
            config.login.psk_ke_only = true;
            at++;
        } else if (at + 1 < argc) {
            set_option(&config, argv[at], argv[at + 1]);
            at += 2;
        } else {
            usage();
        }
    }
    for (size_t i = 0; at < argc && i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
        if (config.address_n > 0 && strcmp(argv[at], subcommands[i].name) == 0)
            return subcommands[i].run(&config, argc - at - 1, argv + at + 1);
    }
    usage();
}
