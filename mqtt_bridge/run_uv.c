/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mqtt_bridge/run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/ready.h"
#include "base/secret.h"
#include "mqtt_bridge/card_uv.h"
#include "mqtt_bridge/feed.h"
#include "mqtt_bridge/mqtt.h"

/* Messages that are not answered after so long may lie with the library: see bridge_mqtt_nudge. */
#define NUDGE_FIRST_MS 2
#define NUDGE_MOST_MS 512

struct run {
    const struct bridge_config *config;
    uv_loop_t loop;
    uv_async_t woken;
    uv_timer_t timer, nudge;
    uv_signal_t signals[2];
    struct bridge *bridge;
    struct bridge_card *card;
    struct bridge_mqtt *mqtt;
    struct bridge_ask asked[BRIDGE_ASKS]; /* as the bridge's own */
    size_t n_asked;
    char broker[300]; /* for people */
    size_t on_way;    /* messages of this connection */
    uint64_t nudge_ms;
    bool connecting, broker_up, card_up, ready, settling;
    /* Why it cannot be reached: said once, until it can, or for another reason. */
    char card_said[256], brokers_said[BRIDGE_BROKERS][256];
    unsigned broker_index;
    enum rdv_err end;
};

static void settle(struct run *r);

static uint64_t now_of(struct run *r)
{
    uv_update_time(&r->loop);
    return uv_now(&r->loop);
}

static bool is_news(char said[256], const char *why)
{
    const bool is = strncmp(said, why, 255) != 0;

    (void)snprintf(said, 256, "%s", why);
    return is;
}

/* --- the card --------------------------------------------------------------------------------- */

static void card_gone(struct run *r, enum rdv_err err, const char *why)
{
    r->n_asked = 0;
    if (is_news(r->card_said, why) || r->card_up)
        log_warn("card %s: %s: %s", r->config->from.sen, rdv_err_name(err), why);
    r->card_up = false;
    bridge_card_gone(r->bridge, now_of(r));
}

static void on_card_opened(void *user)
{
    struct run *r = user;

    log_info("card %s: logged in as %s", r->config->from.sen, r->config->from.identity);
    r->card_up = true;
    bridge_card_opened(r->bridge, now_of(r));
    settle(r);
}

static enum rdv_err on_card_answered(void *user, const struct rdv_answer *answer)
{
    struct run *r = user;
    const struct bridge_ask asked = r->asked[0];
    enum rdv_err err;

    RDV_INVARIANT(r->n_asked > 0);
    memmove(r->asked, r->asked + 1, --r->n_asked * sizeof(r->asked[0]));
    if (answer->err != RDV_OK && asked.kind != BRIDGE_ASK_ENTRY)
        log_warn("the card refuses: %s", answer->why);
    if ((err = bridge_feed_take(r->bridge, &asked, answer, now_of(r))) == RDV_OK)
        settle(r);
    return err;
}

static void on_card_gone(void *user, enum rdv_err err, const char *why)
{
    card_gone(user, err, why);
    settle(user);
}

static const struct bridge_card_calls card_calls = { on_card_opened, on_card_answered,
                                                     on_card_gone };

static void open_card(struct run *r)
{
    struct rdv_why why = { "" };
    const enum rdv_err err = bridge_card_open(r->card, &why);

    if (err != RDV_OK)
        card_gone(r, err, why.text);
}

static void ask_card(struct run *r, const struct bridge_ask *ask)
{
    const enum rdv_err err =
            bridge_feed_ask(bridge_card_session(r->card), r->config->from.identity, ask);

    if (err == RDV_OK) {
        r->asked[r->n_asked++] = *ask;
    } else {
        bridge_card_close(r->card);
        card_gone(r, err, "no request can be sent");
    }
}

/* --- the broker ------------------------------------------------------------------------------- */

static void broker_gone(struct run *r, uint8_t reason, const char *why)
{
    bridge_mqtt_close(r->mqtt);
    if (is_news(r->brokers_said[r->broker_index], why) || r->broker_up)
        log_warn("broker %s: %s", r->broker, why);
    r->broker_up = r->connecting = false;
    r->on_way = 0;
    bridge_broker_gone(r->bridge, reason, now_of(r));
}

static enum rdv_err read_secrets(struct run *r, struct bridge_mqtt_access *access,
                                 struct rdv_why *why)
{
    const struct bridge_config *c = r->config;
    enum rdv_err err = RDV_OK;

    if (c->user_file[0] != '\0')
        err = rdv_broker_password_read(&access->login, c->user_file, why);
    if (err == RDV_OK && c->broker_psk_file[0] != '\0' && access->address.tls)
        err = rdv_broker_psk_read(&access->psk, c->broker_psk_file, why);
    if (err == RDV_OK && c->key[0] != '\0' && access->address.tls)
        err = rdv_broker_key_check(c->key, why);
    return err;
}

static void nudge_soon(struct run *r);

static void open_broker(struct run *r, unsigned index)
{
    const struct bridge_config *c = r->config;
    struct bridge_mqtt_access access = {
        .address = c->brokers[index], .ca = c->ca, .cert = c->cert, .key = c->key
    };
    struct rdv_why why = { "" };

    r->broker_index = index;
    (void)snprintf(r->broker, sizeof(r->broker), "mqtt%s://%s:%u", access.address.tls ? "s" : "",
                   access.address.host, (unsigned)access.address.port);
    if (read_secrets(r, &access, &why) != RDV_OK) {
        broker_gone(r, 0, why.text);
    } else if (bridge_mqtt_open(r->mqtt, &access) != RDV_OK) {
        broker_gone(r, 0, "no connection can be made");
    } else {
        r->connecting = true;
        nudge_soon(r);
    }
    rdv_wipe(&access, sizeof(access));
}

static void publish(struct run *r, const struct bridge_action *a)
{
    if (bridge_mqtt_publish(r->mqtt, a->ticket, &a->message, rdv_clock_wall_s()) != RDV_OK) {
        broker_gone(r, 0, "nothing can be sent");
        return;
    }
    r->on_way++;
    nudge_soon(r);
}

/* The bridge is at work from the first time on that everything is there. */
static void maybe_ready(struct run *r)
{
    char text[400];

    if (r->ready || !r->card_up || !r->broker_up)
        return;
    r->ready = true;
    (void)snprintf(text, sizeof(text), "%s %s", r->config->from.sen, r->broker);
    if (rdv_ready(r->config->ready_file, text) != RDV_OK)
        log_warn("%s cannot be written", r->config->ready_file);
}

static void take_event(struct run *r, const struct bridge_mqtt_event *e)
{
    if (e->kind == BRIDGE_MQTT_OPENED) {
        log_info("broker %s: connected", r->broker);
        r->connecting = false;
        r->broker_up = true;
        bridge_broker_opened(r->bridge, &e->broker, now_of(r));
    } else if (e->kind == BRIDGE_MQTT_ANSWERED) {
        r->on_way--;
        bridge_published(r->bridge, e->ticket, e->reason, now_of(r));
    } else {
        broker_gone(r, e->reason, e->why);
    }
}

static void on_woken(uv_async_t *async)
{
    struct run *r = async->data;
    struct bridge_mqtt_event e;

    while (bridge_mqtt_next(r->mqtt, &e))
        take_event(r, &e);
    maybe_ready(r);
    settle(r);
}

/* On any thread. */
static void wake(void *user)
{
    struct run *r = user;

    (void)uv_async_send(&r->woken);
}

static void on_nudge(uv_timer_t *timer)
{
    struct run *r = timer->data;

    if (r->on_way == 0 && !r->connecting)
        return;
    bridge_mqtt_nudge(r->mqtt);
    if (r->nudge_ms < NUDGE_MOST_MS)
        r->nudge_ms *= 2;
    (void)uv_timer_start(timer, on_nudge, r->nudge_ms, 0);
}

static void nudge_soon(struct run *r)
{
    r->nudge_ms = NUDGE_FIRST_MS;
    if (!uv_is_active((uv_handle_t *)&r->nudge) || uv_timer_get_due_in(&r->nudge) > NUDGE_FIRST_MS)
        (void)uv_timer_start(&r->nudge, on_nudge, NUDGE_FIRST_MS, 0);
}

/* --- what is to be done ----------------------------------------------------------------------- */

static void act(struct run *r, const struct bridge_action *a)
{
    switch (a->what) {
    case BRIDGE_OPEN_CARD:
        open_card(r);
        break;
    case BRIDGE_CLOSE_CARD:
        bridge_card_close(r->card);
        r->n_asked = 0;
        r->card_up = false;
        break;
    case BRIDGE_ASK:
        ask_card(r, &a->ask);
        break;
    case BRIDGE_OPEN_BROKER:
        open_broker(r, a->broker);
        break;
    case BRIDGE_CLOSE_BROKER:
        bridge_mqtt_close(r->mqtt);
        r->broker_up = r->connecting = false;
        r->on_way = 0;
        break;
    case BRIDGE_PUBLISH:
        publish(r, a);
        break;
    case BRIDGE_END:
        r->end = a->err;
        uv_stop(&r->loop);
        break;
    }
}

static void on_timer(uv_timer_t *timer)
{
    settle(timer->data);
}

/* Whatever has happened: does what is due, and sleeps until the next moment. What it does may make
 * something happen at once, which is then done by the call that is already here. */
static void settle(struct run *r)
{
    struct bridge_action a;
    uint64_t now, at;

    if (r->settling)
        return;
    r->settling = true;
    while (bridge_next(r->bridge, &a, now_of(r)))
        act(r, &a);
    bridge_card_flush(r->card);
    while (bridge_next(r->bridge, &a, now_of(r))) /* what the flush has found */
        act(r, &a);
    r->settling = false;
    now = now_of(r);
    at = bridge_deadline(r->bridge, now);
    if (at == UINT64_MAX)
        (void)uv_timer_stop(&r->timer);
    else
        (void)uv_timer_start(&r->timer, on_timer, at > now ? at - now : 0, 0);
}

/* --- life ------------------------------------------------------------------------------------- */

static void on_signal(uv_signal_t *handle, int number)
{
    struct run *r = handle->data;

    log_info("signal %d: stopping", number);
    bridge_stop(r->bridge, now_of(r));
    settle(r);
}

static enum rdv_err make(struct run *r)
{
    const struct bridge_config *c = r->config;
    struct bridge_options bridge = { .sen = c->from.sen,
                                     .entries = c->entries,
                                     .bytes = c->bytes,
                                     .per_record = c->per_record,
                                     .brokers = c->n_brokers,
                                     .republish_from = c->republish_from };
    const struct bridge_card_options card = { &c->from, c->psk_file, &card_calls, r };
    const struct bridge_mqtt_options mqtt = { c->client_id, c->from.sen, c->entries, wake, r };
    enum rdv_err err;

    rdv_random(&bridge.seed, sizeof(bridge.seed));
    if ((err = bridge_new(&r->bridge, &bridge)) != RDV_OK ||
        (err = bridge_card_new(&r->card, &r->loop, &card)) != RDV_OK)
        return err;
    return bridge_mqtt_new(&r->mqtt, &mqtt);
}

static enum rdv_err work(struct run *r)
{
    static const int numbers[] = { SIGTERM, SIGINT };

    for (size_t i = 0; i < 2; i++) {
        if (uv_signal_start(&r->signals[i], on_signal, numbers[i]) != 0)
            return RDV_ERR_IO;
    }
    settle(r);
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    return r->end;
}

/* The handles of the loop; those of the card are closed by itself. */
static void close_handles(struct run *r)
{
    uv_close((uv_handle_t *)&r->woken, NULL);
    uv_close((uv_handle_t *)&r->timer, NULL);
    uv_close((uv_handle_t *)&r->nudge, NULL);
    uv_close((uv_handle_t *)&r->signals[0], NULL);
    uv_close((uv_handle_t *)&r->signals[1], NULL);
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    RDV_INVARIANT(uv_loop_close(&r->loop) == 0);
}

enum rdv_err bridge_run(const struct bridge_config *config)
{
    struct run r = { .config = config };
    enum rdv_err err;

    RDV_INVARIANT(uv_loop_init(&r.loop) == 0 && uv_async_init(&r.loop, &r.woken, on_woken) == 0 &&
                  uv_timer_init(&r.loop, &r.timer) == 0 && uv_timer_init(&r.loop, &r.nudge) == 0 &&
                  uv_signal_init(&r.loop, &r.signals[0]) == 0 &&
                  uv_signal_init(&r.loop, &r.signals[1]) == 0);
    r.woken.data = r.timer.data = r.nudge.data = r.signals[0].data = r.signals[1].data = &r;
    if ((err = make(&r)) == RDV_OK)
        err = work(&r);
    bridge_mqtt_free(r.mqtt); /* its threads wake the loop */
    if (r.card != NULL)
        bridge_card_close(r.card);
    close_handles(&r);
    bridge_card_free(r.card);
    bridge_free(r.bridge);
    return err;
}
