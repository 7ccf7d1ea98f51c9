/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/verify_mqtt.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"
#include "guest_tools/rdv/mqtt.h"
#include "guest_tools/rdv/vigil.h"

#define TICK_MS 1000

/* --- what the options say --------------------------------------------------------------------- */

static enum rdv_err usage(struct tool *t, const char *why)
{
    return tool_why(t, RDV_ERR_USAGE, "%s", why);
}

static enum rdv_err read_tls(struct tool *t, struct tool_mqtt_options *o)
{
    const struct tool_options *given = &t->options;

    o->ca = given->broker_ca;
    o->cert = given->broker_cert;
    o->key = given->broker_key;
    if (!o->address.tls && (o->ca != NULL || o->cert != NULL || given->broker_psk_file != NULL))
        return usage(t, "certificates and pre-shared keys are for mqtts://");
    if ((o->cert == NULL) != (o->key == NULL))
        return usage(t, "--broker-cert and --broker-key belong together");
    if (given->broker_psk_file == NULL)
        return o->key == NULL ? RDV_OK : rdv_broker_key_check(o->key, &t->why);
    if (o->ca != NULL || o->cert != NULL)
        return usage(t, "--broker-psk-file is instead of certificates");
    return rdv_broker_psk_read(&o->psk, given->broker_psk_file, &t->why);
}

/* Without a name of one's own at the broker, it forgets all of this one. */
static enum rdv_err name_client(struct tool *t, struct tool_mqtt_options *o)
{
    const char *given = t->options.client_id;
    uint64_t chance;

    o->stays = given != NULL;
    rdv_random(&chance, sizeof(chance));
    if (given == NULL)
        (void)snprintf(o->client_id, sizeof(o->client_id), "rdv-verify-%016llx",
                       (unsigned long long)chance);
    else if (given[0] == '\0' || strlen(given) >= sizeof(o->client_id))
        return tool_why(t, RDV_ERR_USAGE, "--client-id: 1 to %zu bytes", sizeof(o->client_id) - 1);
    else
        (void)snprintf(o->client_id, sizeof(o->client_id), "%s", given);
    return RDV_OK;
}

static enum rdv_err read_options(struct tool *t, struct tool_mqtt_options *o, const char *sen)
{
    enum rdv_err err;

    if (sen[0] == '\0')
        return usage(t, "--mqtt: of which card? WHERE or a profile names it");
    if (rdv_broker_parse(&o->address, t->options.mqtt, &t->why) != RDV_OK)
        return RDV_ERR_USAGE;
    (void)snprintf(o->filter, sizeof(o->filter), "rdv/%s/#", sen);
    if ((err = name_client(t, o)) != RDV_OK || (err = read_tls(t, o)) != RDV_OK ||
        t->options.broker_user_file == NULL)
        return err;
    return rdv_broker_password_read(&o->login, t->options.broker_user_file, &t->why);
}

/* --- what comes ------------------------------------------------------------------------------- */

struct intake {
    struct tool *t;
    struct tool_judge *j;
    struct tool_mqtt *mqtt;
    uint64_t left; /* messages to judge */
    int stop;
    bool was_there;
    unsigned retry_ms;
    uint64_t since_ms; /* it is there */
};

static bool is_stopped(const struct intake *in, unsigned ms)
{
    struct pollfd fd = { in->stop, POLLIN, 0 };

    return poll(&fd, 1, (int)ms) > 0;
}

/* Reasons of MQTT 5 (2.4) that are about the broker, and not about who comes. */
static bool may_pass(unsigned reason)
{
    return reason == 0 || reason == 0x80 || reason == 0x83 || reason == 0x88 || reason == 0x89 ||
           reason == 0x8B || reason == 0x8D || reason == 0x97 || reason == 0x9F;
}

static enum rdv_err err_of(unsigned reason)
{
    return reason == 0x86 || reason == 0x87 || reason == 0x8C ? RDV_ERR_AUTH
           : reason == 0x8E                                   ? RDV_ERR_BUSY
                                                              : RDV_ERR_CLOSED;
}

static enum rdv_err begin(struct intake *in)
{
    if (tool_mqtt_open(in->mqtt) != RDV_OK)
        return tool_why(in->t, RDV_ERR_IO, "%s: Paho does not take it", in->t->options.mqtt);
    return RDV_OK;
}

static enum rdv_err lose(struct intake *in, const struct tool_mqtt_event *e)
{
    uint32_t chance;
    unsigned ms;

    tool_mqtt_close(in->mqtt);
    if (!in->was_there || !may_pass(e->reason))
        return tool_why(in->t, err_of(e->reason), "%s: %s", in->t->options.mqtt, e->why);
    /* Two of one client id throw each other out, and seldom are told why. */
    if (rdv_clock_mono_ms() - in->since_ms > TOOL_VIGIL_RETRY_MOST)
        in->retry_ms = 0;
    rdv_random(&chance, sizeof(chance));
    ms = tool_vigil_pause(&in->retry_ms, chance);
    tool_say(in->t, "%s: trying again in %u ms", e->why, ms);
    return is_stopped(in, ms) ? RDV_OK : begin(in);
}

static enum rdv_err take(struct intake *in, const struct tool_mqtt_event *e)
{
    if (e->kind == TOOL_MQTT_GONE)
        return lose(in, e);
    if (e->kind == TOOL_MQTT_SUBSCRIBED) {
        in->was_there = true;
        in->since_ms = rdv_clock_mono_ms();
        tool_say(in->t, "%s: subscribed", in->t->options.mqtt);
        return RDV_OK;
    }
    in->left--;
    return tool_judge_message(in->t, in->j, e->topic, e->message);
}

/* All that is there; what was judged is kept when nothing more has come yet, and once in a while.
 */
static enum rdv_err run(struct intake *in)
{
    struct pollfd fds[] = { { tool_mqtt_fd(in->mqtt), POLLIN, 0 }, { in->stop, POLLIN, 0 } };
    uint64_t kept_at = rdv_clock_mono_ms();
    struct tool_mqtt_event event;
    enum rdv_err err = RDV_OK;

    while (err == RDV_OK && in->left > 0 && fds[1].revents == 0) {
        while (err == RDV_OK && in->left > 0 && rdv_clock_mono_ms() - kept_at < TICK_MS &&
               tool_mqtt_next(in->mqtt, &event))
            err = take(in, &event);
        tool_judge_overdue(in->t, in->j, false);
        if (err == RDV_OK)
            err = tool_judge_keep(in->t, in->j);
        kept_at = rdv_clock_mono_ms();
        if (err == RDV_OK && in->left > 0 && poll(fds, 2, TICK_MS) < 0 && errno != EINTR)
            err = tool_why(in->t, RDV_ERR_IO, "poll: %s", strerror(errno));
    }
    return err;
}

enum rdv_err tool_verify_mqtt(struct tool *t, struct tool_judge *j, const char *sen, uint64_t count,
                              int stop)
{
    struct tool_mqtt_options options = { .filter = "" };
    struct intake in = { .t = t, .j = j, .left = count, .stop = stop };
    enum rdv_err err;

    if ((err = read_options(t, &options, sen)) == RDV_OK &&
        (err = tool_mqtt_new(&in.mqtt, &options)) == RDV_OK && (err = begin(&in)) == RDV_OK)
        err = run(&in);
    tool_mqtt_free(in.mqtt);
    rdv_wipe(&options, sizeof(options));
    return err;
}
