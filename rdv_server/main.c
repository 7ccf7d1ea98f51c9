/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv-server: the front. It accepts TCP connections, finds the card each one asks for, and moves
 * bytes between the two. It must never see a key or a byte of plaintext.
 */
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "base/processor.h"
#include "rdv_server/front.h"
#include "schema/wire/link.h"

struct config {
#define RDV_CONFIG_LIST "rdv_server/config.def"
#include "base/config_fields.h"
};

static const struct rdv_option options[] = {
#define RDV_CONFIG_LIST "rdv_server/config.def"
#define RDV_CONFIG_OWNER config
#include "base/config_options.h"
};

static enum rdv_err run(const struct config *c)
{
    static const char scheme[] = "unix:";
    const struct rdv_front_config front = {
        .listen = c->listen,
        .cards = c->cards + sizeof(scheme) - 1,
        .default_sen = c->default_sen,
        .public = c->public,
        .max_sessions = (size_t)c->max_sessions,
        .max_per_address = (size_t)c->max_per_address,
        .handshake_ms = (uint64_t)c->handshake_timeout,
        .idle_ms = (uint64_t)c->idle_timeout,
        .card_wait_ms = (uint64_t)c->card_wait,
        .busy_poll_us = (unsigned)c->busy_poll,
        .ready_file = c->ready_file,
    };
    enum rdv_err err;

    if (strncmp(c->cards, scheme, sizeof(scheme) - 1) != 0 || front.cards[0] == '\0') {
        log_error("--cards unix:PATH must be given (--help lists the options)");
        return RDV_ERR_USAGE;
    }
    if (c->default_sen[0] != '\0' && !rdv_sen_is_valid(rdv_span_of(c->default_sen))) {
        log_error("--default-sen: \"%s\" cannot be the name of a card", c->default_sen);
        return RDV_ERR_USAGE;
    }
    if (c->public[0] != '\0' && !rdv_reached_is_valid(rdv_span_of(c->public))) {
        log_error("--public: \"%s\" is not HOST:PORT, [ADDR6]:PORT",
                  rdv_quote(rdv_span_of(c->public)).text);
        return RDV_ERR_USAGE;
    }
    if ((err = rdv_processor_stay_on(c->cpu)) != RDV_OK)
        return err;
    return rdv_front_run(&front);
}

int main(int argc, char **argv)
{
    struct config c;
    const struct rdv_config config = {
        "rdv-server", "rdv-server --listen ADDR:PORT --cards unix:PATH [option ...]",
        options,      sizeof(options) / sizeof(options[0]),
        &c,           sizeof(c),
    };
    enum rdv_config_then then;
    enum rdv_err err;

    rdv_log_open("rdv-server", RDV_LOG_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    if ((err = rdv_config_args(&config, &then, argc, argv)) != RDV_OK || then != RDV_CONFIG_RUN)
        return rdv_err_exit(err);
    rdv_log_open("rdv-server", c.verbose ? RDV_LOG_DEBUG : RDV_LOG_INFO);
    return rdv_err_exit(run(&c));
}
