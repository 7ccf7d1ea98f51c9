/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rdv-bridge: carries the signed entries of a card's log to an MQTT broker. To the card it is an
 * account like any other; it cannot write, forge or reorder what it carries, and keeps nothing.
 */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <rdv/client.h>

#include "base/config.h"
#include "base/log.h"
#include "base/secret.h"
#include "mqtt_bridge/dry_run.h"
#include "mqtt_bridge/run.h"

struct config {
#define RDV_CONFIG_LIST "mqtt_bridge/config.def"
#include "base/config_fields.h"
};

static const struct rdv_option options[] = {
#define RDV_CONFIG_LIST "mqtt_bridge/config.def"
#define RDV_CONFIG_OWNER config
#include "base/config_options.h"
};

_Static_assert(RDV_CONFIG_ITEMS == BRIDGE_BROKERS, "as many as can be given");

static enum rdv_err usage(const char *what)
{
    log_error("%s (--help lists the options)", what);
    return RDV_ERR_USAGE;
}

/* Where from, and as whom. */
static enum rdv_err set_from(struct bridge_config *out, const struct config *c)
{
    struct rdv_uri *from = &out->from;
    struct rdv_why why = { "" };

    if (c->from[0] == '\0')
        return usage("--from shellS://SEN@HOST:PORT must be given");
    if (rdv_uri_parse(from, c->from, &why) != RDV_OK)
        return usage(why.text);
    if (from->has_psk)
        return usage("--from holds a key: it belongs in --psk-file");
    if (from->host[0] == '\0')
        return usage("--from has HOST:PORT where an address should be");
    if (c->identity[0] != '\0' && snprintf(from->identity, sizeof(from->identity), "%s",
                                           c->identity) >= (int)sizeof(from->identity))
        return usage("--identity is too long");
    if (from->identity[0] == '\0')
        return usage("--identity must be given");
    if (c->psk_file[0] == '\0')
        return usage("--psk-file must be given");
    out->psk_file = c->psk_file;
    return RDV_OK;
}

static enum rdv_err set_brokers(struct bridge_config *out, const struct config *c)
{
    struct rdv_why why = { "" };

    if (c->broker.n == 0 && !c->dry_run)
        return usage("--broker mqtt://HOST:PORT must be given");
    for (size_t i = 0; i < c->broker.n; i++) {
        if (rdv_broker_parse(&out->brokers[i], c->broker.items[i], &why) != RDV_OK)
            return usage(why.text);
    }
    if ((c->broker_cert[0] == '\0') != (c->broker_key[0] == '\0'))
        return usage("--broker-cert and --broker-key belong together");
    if (c->broker_psk_file[0] != '\0' && (c->broker_ca[0] != '\0' || c->broker_cert[0] != '\0'))
        return usage("--broker-psk-file is instead of certificates");
    out->n_brokers = (unsigned)c->broker.n;
    out->user_file = c->broker_user_file;
    out->broker_psk_file = c->broker_psk_file;
    out->ca = c->broker_ca;
    out->cert = c->broker_cert;
    out->key = c->broker_key;
    return RDV_OK;
}

/* What the options name, as far as it can be looked at now. */
static enum rdv_err check_files(const struct bridge_config *c)
{
    struct rdv_broker_secret secret = { 0 };
    uint8_t psk[RDV_PSK_BYTES] = { 0 };
    struct rdv_why why = { "" };
    enum rdv_err err;

    err = rdv_psk_read(psk, c->psk_file, &why);
    rdv_wipe(psk, sizeof(psk));
    if (err == RDV_OK && c->user_file[0] != '\0')
        err = rdv_broker_password_read(&secret, c->user_file, &why);
    if (err == RDV_OK && c->broker_psk_file[0] != '\0')
        err = rdv_broker_psk_read(&secret, c->broker_psk_file, &why);
    if (err == RDV_OK && c->key[0] != '\0')
        err = rdv_broker_key_check(c->key, &why);
    rdv_wipe(&secret, sizeof(secret));
    if (err != RDV_OK)
        log_error("%s", why.text);
    return err;
}

static enum rdv_err run(const struct config *c, enum rdv_config_then then)
{
    struct bridge_config bridge = {
        .entries = (size_t)c->window,
        .bytes = (size_t)c->window_bytes,
        .per_record = (unsigned)c->per_record,
        .republish_from = (uint64_t)c->republish_from,
        .ready_file = c->ready_file,
    };
    char client_id[RDV_CONFIG_TEXT];
    enum rdv_err err;

    if ((err = set_from(&bridge, c)) != RDV_OK || (err = set_brokers(&bridge, c)) != RDV_OK)
        return err;
    if (then == RDV_CONFIG_CHECK)
        return check_files(&bridge);
    if (c->dry_run)
        return bridge_dry_run(&bridge);
    if (c->client_id[0] != '\0')
        (void)snprintf(client_id, sizeof(client_id), "%s", c->client_id);
    else
        (void)snprintf(client_id, sizeof(client_id), "rdv-bridge-%s", bridge.from.sen);
    bridge.client_id = client_id;
    return bridge_run(&bridge);
}

int main(int argc, char **argv)
{
    struct config c;
    const struct rdv_config config = {
        "rdv-bridge",
        "rdv-bridge --from shellS://SEN@HOST:PORT --identity ID --psk-file FILE "
        "--broker mqtt://HOST:PORT [option ...]",
        options,
        sizeof(options) / sizeof(options[0]),
        &c,
        sizeof(c),
    };
    enum rdv_config_then then;
    enum rdv_err err;

    rdv_log_open("rdv-bridge", RDV_LOG_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    if ((err = rdv_config_args(&config, &then, argc, argv)) != RDV_OK || then == RDV_CONFIG_DONE)
        return rdv_err_exit(err);
    rdv_log_open("rdv-bridge", c.verbose ? RDV_LOG_DEBUG : RDV_LOG_INFO);
    return rdv_err_exit(run(&c, then));
}
