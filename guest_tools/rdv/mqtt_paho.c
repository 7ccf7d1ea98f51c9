/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Paho's threads call back with its own lock held: our lock is taken inside of it, and never the
 * other way round. A handle serves one connection; when it is destroyed, nothing more is called.
 */
#include "guest_tools/rdv/mqtt.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/broker_paho.h"
#include "schema/wire/envelope.h"

#define KEEP_ALIVE_S 30
#define CONNECT_S 15
#define QOS 1
#define THREADS_TRIES 1000                     /* of 1 ms */
#define REFUSED 0x80                           /* reasons from here on (MQTT 5, 2.4) */
#define FOR_EVER 0xffffffff                    /* of a session */
#define PACKET_MAX (RDV_ENVELOPE_MAX + 65536)  /* with topic and properties */
#define WAITING_MOST ((size_t)8 * 1024 * 1024) /* bytes of messages */

struct message {
    struct message *next;
    char *topic;
    size_t n;
    uint8_t bytes[];
};

struct tool_mqtt {
    const struct tool_mqtt_options *options;
    int fd;
    struct rdv_broker_tls tls;
    MQTTAsync handle;        /* NULL: closed */
    struct message *current; /* of the last event */
    char why[240];           /* of the last event */

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t room;
    bool subscribed, gone, closing;
    unsigned reason;
    char gone_why[240];
    struct rdv_quoted tls_why;
    struct message *first, **end;
    size_t waiting; /* bytes */
};

static void lock(struct tool_mqtt *m)
{
    RDV_INVARIANT(pthread_mutex_lock(&m->lock) == 0);
}

static void unlock(struct tool_mqtt *m)
{
    RDV_INVARIANT(pthread_mutex_unlock(&m->lock) == 0);
}

static void wake(struct tool_mqtt *m)
{
    (void)eventfd_write(m->fd, 1);
}

/* --- on Paho's threads ------------------------------------------------------------------------ */

/* The first reason is the true one. */
static void says_gone(struct tool_mqtt *m, int reason, const char *why)
{
    lock(m);
    if (!m->gone) {
        m->gone = true;
        m->reason = reason >= REFUSED && reason <= 0xff ? (unsigned)reason : 0;
        (void)snprintf(m->gone_why, sizeof(m->gone_why), "%s%s%s", why,
                       m->tls_why.text[0] == '\0' ? "" : ": ", m->tls_why.text);
    }
    unlock(m);
    wake(m);
}

static const char *reason_text(int reason)
{
    const char *text = MQTTReasonCode_toString((enum MQTTReasonCodes)reason);

    return text == NULL ? "unknown reason" : text;
}

/* What a CONNACK or a SUBACK says comes in either of two places. */
static void on_failure(void *context, MQTTAsync_failureData5 *response)
{
    const int reason = response->reasonCode != 0 ? (int)response->reasonCode : response->code;

    if (reason >= REFUSED)
        says_gone(context, reason, reason_text(reason));
    else
        says_gone(context, 0, response->message == NULL ? "cannot be reached" : response->message);
}

static void on_subscribed(void *context, MQTTAsync_successData5 *response)
{
    struct tool_mqtt *m = context;

    if ((int)response->reasonCode >= REFUSED) {
        says_gone(m, (int)response->reasonCode, reason_text((int)response->reasonCode));
        return;
    }
    lock(m);
    m->subscribed = true;
    unlock(m);
    wake(m);
}

static void on_connected(void *context, MQTTAsync_successData5 *response)
{
    struct tool_mqtt *m = context;
    MQTTAsync_responseOptions o = MQTTAsync_responseOptions_initializer;

    (void)response;
    o.onSuccess5 = on_subscribed;
    o.onFailure5 = on_failure;
    o.context = m;
    if (MQTTAsync_subscribe(m->handle, m->options->filter, QOS, &o) != MQTTASYNC_SUCCESS)
        says_gone(m, 0, "cannot subscribe");
}

static void on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)properties;
    says_gone(context, (int)reason, reason_text((int)reason));
}

static void on_lost(void *context, char *cause)
{
    (void)cause; /* Paho never says one */
    says_gone(context, 0, "connection lost");
}

static struct message *message_of(const char *topic, const void *bytes, size_t n)
{
    struct message *message = malloc(sizeof(*message) + n);

    if (message == NULL)
        return NULL;
    *message = (struct message){ .topic = strdup(topic), .n = n };
    if (message->topic == NULL) {
        free(message);
        return NULL;
    }
    if (n > 0)
        memcpy(message->bytes, bytes, n);
    return message;
}

/* It waits for room, and the broker with it. */
static int on_message(void *context, char *topic, int topic_n, MQTTAsync_message *in)
{
    struct tool_mqtt *m = context;
    struct message *message = message_of(topic, in->payload, (size_t)in->payloadlen);

    (void)topic_n;
    MQTTAsync_freeMessage(&in);
    MQTTAsync_free(topic);
    if (message == NULL) {
        says_gone(m, 0, "out of memory");
        return 1;
    }
    lock(m);
    while (m->waiting > WAITING_MOST && !m->closing)
        (void)pthread_cond_wait(&m->room, &m->lock);
    m->waiting += message->n;
    *m->end = message;
    m->end = &message->next;
    unlock(m);
    wake(m);
    return 1;
}

static void on_tls_error(void *user, const struct rdv_quoted *why)
{
    struct tool_mqtt *m = user;

    lock(m);
    m->tls_why = *why;
    unlock(m);
}

/* --- life ------------------------------------------------------------------------------------- */

static void free_message(struct message *message)
{
    if (message == NULL)
        return;
    free(message->topic);
    free(message);
}

static void forget_all(struct tool_mqtt *m)
{
    struct message *message;

    while ((message = m->first) != NULL) {
        m->first = message->next;
        free_message(message);
    }
    free_message(m->current);
    m->current = NULL;
    m->end = &m->first;
    m->waiting = 0;
    m->subscribed = m->gone = m->closing = false;
    m->reason = 0;
    m->gone_why[0] = m->tls_why.text[0] = '\0';
}

enum rdv_err tool_mqtt_new(struct tool_mqtt **out, const struct tool_mqtt_options *options)
{
    struct tool_mqtt *m;
    enum rdv_err err;

    *out = NULL;
    if ((err = rdv_broker_init()) != RDV_OK)
        return err;
    if ((m = calloc(1, sizeof(*m))) == NULL)
        return RDV_ERR_NOMEM;
    m->options = options;
    m->tls = (struct rdv_broker_tls){ options->ca,   options->cert, options->key,
                                      &options->psk, on_tls_error,  m };
    m->end = &m->first;
    if ((m->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
        free(m);
        return RDV_ERR_IO;
    }
    RDV_INVARIANT(pthread_mutex_init(&m->lock, NULL) == 0 &&
                  pthread_cond_init(&m->room, NULL) == 0);
    *out = m;
    return RDV_OK;
}

static bool is_alone(void)
{
    DIR *threads = opendir("/proc/self/task");
    unsigned n = 0;

    if (threads == NULL)
        return true;
    for (const struct dirent *e; (e = readdir(threads)) != NULL;)
        n += e->d_name[0] != '.' ? 1 : 0;
    (void)closedir(threads);
    return n <= 1;
}

/* Paho says that its threads have ended while they still do, each with what it has of OpenSSL:
 * memory that somebody who looks just then finds nobody to own. */
static void await_threads(void)
{
    for (unsigned i = 0; i < THREADS_TRIES && !is_alone(); i++)
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

void tool_mqtt_free(struct tool_mqtt *m)
{
    if (m == NULL)
        return;
    tool_mqtt_close(m);
    await_threads();
    (void)close(m->fd);
    (void)pthread_cond_destroy(&m->room);
    (void)pthread_mutex_destroy(&m->lock);
    free(m);
}

/* --- connecting ------------------------------------------------------------------------------- */

static int start_connecting(struct tool_mqtt *m)
{
    MQTTAsync_connectOptions o = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty packet = { .identifier = MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE };
    MQTTProperty session = { .identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL };
    int rc = MQTTASYNC_FAILURE;

    packet.value.integer4 = PACKET_MAX;
    session.value.integer4 = m->options->stays ? FOR_EVER : 0;
    o.keepAliveInterval = KEEP_ALIVE_S;
    o.connectTimeout = CONNECT_S;
    o.cleanstart = !m->options->stays;
    o.connectProperties = &properties;
    if (m->options->login.name[0] != '\0') {
        o.username = m->options->login.name;
        o.binarypwd.data = m->options->login.bytes;
        o.binarypwd.len = (int)m->options->login.n;
    }
    if (m->options->address.tls) {
        rdv_broker_tls_set(&tls, &m->tls);
        o.ssl = &tls;
    }
    o.onSuccess5 = on_connected;
    o.onFailure5 = on_failure;
    o.context = m;
    if (MQTTProperties_add(&properties, &packet) == 0 &&
        MQTTProperties_add(&properties, &session) == 0)
        rc = MQTTAsync_connect(m->handle, &o);
    MQTTProperties_free(&properties);
    return rc;
}

enum rdv_err tool_mqtt_open(struct tool_mqtt *m)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    const struct rdv_broker_address *a = &m->options->address;
    char uri[300];

    RDV_INVARIANT(m->handle == NULL);
    (void)snprintf(uri, sizeof(uri), "%s://%s:%u", a->tls ? "ssl" : "tcp", a->host,
                   (unsigned)a->port);
    if (MQTTAsync_createWithOptions(&m->handle, uri, m->options->client_id,
                                    MQTTCLIENT_PERSISTENCE_NONE, NULL,
                                    &options) != MQTTASYNC_SUCCESS)
        m->handle = NULL;
    else if (MQTTAsync_setCallbacks(m->handle, m, on_lost, on_message, NULL) == MQTTASYNC_SUCCESS &&
             MQTTAsync_setDisconnected(m->handle, m, on_disconnected) == MQTTASYNC_SUCCESS &&
             start_connecting(m) == MQTTASYNC_SUCCESS)
        return RDV_OK;
    tool_mqtt_close(m);
    return RDV_ERR_IO;
}

/* Without a goodbye: it would have nothing to say. */
void tool_mqtt_close(struct tool_mqtt *m)
{
    lock(m);
    m->closing = true;
    (void)pthread_cond_broadcast(&m->room);
    unlock(m);
    if (m->handle != NULL)
        MQTTAsync_destroy(&m->handle);
    m->handle = NULL;
    lock(m);
    forget_all(m);
    unlock(m);
}

/* --- events ----------------------------------------------------------------------------------- */

int tool_mqtt_fd(const struct tool_mqtt *m)
{
    return m->fd;
}

/* With the lock held. */
static bool take_event(struct tool_mqtt *m, struct tool_mqtt_event *out)
{
    if (m->subscribed) {
        m->subscribed = false;
        out->kind = TOOL_MQTT_SUBSCRIBED;
    } else if (m->first != NULL) {
        m->current = m->first;
        if ((m->first = m->current->next) == NULL)
            m->end = &m->first;
        m->waiting -= m->current->n;
        (void)pthread_cond_signal(&m->room);
        out->kind = TOOL_MQTT_MESSAGE;
        out->topic = m->current->topic;
        out->message = (struct rdv_span){ m->current->bytes, m->current->n };
    } else if (m->gone) {
        m->gone = false;
        memcpy(m->why, m->gone_why, sizeof(m->why));
        out->kind = TOOL_MQTT_GONE;
        out->reason = m->reason;
        out->why = m->why;
    } else {
        return false;
    }
    return true;
}

bool tool_mqtt_next(struct tool_mqtt *m, struct tool_mqtt_event *out)
{
    eventfd_t n;
    bool is;

    *out = (struct tool_mqtt_event){ .why = "" };
    free_message(m->current);
    m->current = NULL;
    lock(m);
    if (!(is = take_event(m, out)))
        (void)eventfd_read(m->fd, &n);
    unlock(m);
    return is;
}
