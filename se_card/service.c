/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/processor.h"
#include "base/ready.h"
#include "se_card/confine.h"
#include "se_card/pair.h"
#include "se_card/worker.h"

#define OTHER_FILES 256 /* open besides the sessions' connections */

/* Removes a socket that a card which is gone left behind; a card that answers keeps its place. */
static enum rdv_err clear_the_way(const struct sockaddr_un *to)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    enum rdv_err err = RDV_OK;

    if (fd < 0)
        return RDV_ERR_IO;
    if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0) {
        log_error("%s: another card listens there", to->sun_path);
        err = RDV_ERR_BUSY;
    } else if (errno == ECONNREFUSED && unlink(to->sun_path) != 0) {
        log_error("%s: %s", to->sun_path, strerror(errno));
        err = RDV_ERR_IO;
    }
    (void)close(fd);
    return err;
}

static enum rdv_err bind_socket(int *out, const char *path, bool for_another_user)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    mode_t mask;
    enum rdv_err err;
    int fd;

    *out = -1;
    if (rdv_span_to_text(to.sun_path, sizeof(to.sun_path), rdv_span_of(path)) != RDV_OK) {
        log_error("%s: longer than %zu bytes", path, sizeof(to.sun_path) - 1);
        return RDV_ERR_LIMIT;
    }
    if ((err = clear_the_way(&to)) != RDV_OK)
        return err;
    if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0) {
        log_error("socket: %s", strerror(errno));
        return RDV_ERR_IO;
    }
    /* Who connects is checked too; the mode only keeps the others from trying. */
    mask = umask(for_another_user ? 0111 : 0177);
    if (bind(fd, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        log_error("%s: %s", path, strerror(errno));
        (void)close(fd);
        err = RDV_ERR_IO;
    } else {
        *out = fd;
    }
    (void)umask(mask);
    return err;
}

/* A helper for each worker, where there is a processor for it. */
static enum rdv_err start_pairs(struct se_workers *all, struct se_pair **pairs, unsigned n_workers)
{
    const bool alone = rdv_processor_count() == 1;
    enum rdv_err err = RDV_OK;

    for (unsigned i = 0; i < n_workers && !alone; i++) {
        if ((err = se_pair_new(&pairs[i])) != RDV_OK)
            return err;
    }
    for (size_t i = 0; i < all->n_elements; i++)
        all->elements[i]->pair = pairs[i % n_workers];
    return err;
}

static void end_pairs(struct se_workers *all, struct se_pair **pairs, unsigned n_workers)
{
    for (size_t i = 0; i < all->n_elements; i++)
        all->elements[i]->pair = NULL;
    for (unsigned i = 0; i < n_workers; i++)
        se_pair_free(pairs[i]);
}

static enum rdv_err start(struct se_workers *all, struct se_worker **workers,
                          struct se_pair **pairs, unsigned n_workers,
                          const struct se_service_config *config)
{
    int fd = -1;
    enum rdv_err err;

    if ((err = rdv_processor_check(config->cpu)) != RDV_OK)
        return err;
    for (unsigned i = 0; i < n_workers; i++) {
        if ((err = se_worker_new(&workers[i], all)) != RDV_OK)
            return err;
    }
    for (size_t i = 0; i < all->n_elements; i++)
        all->worker_of[i] = workers[i % n_workers];
    if ((err = bind_socket(&fd, config->socket_path, config->front_uid >= 0)) != RDV_OK ||
        (err = se_worker_listen(workers[0], fd, config->front_uid)) != RDV_OK ||
        /* Connections queue from here on, so that others may be told. */
        (err = rdv_ready(config->ready_file, config->socket_path)) != RDV_OK ||
        (err = se_confine_files(config->dir)) != RDV_OK ||
        (err = start_pairs(all, pairs, n_workers)) != RDV_OK)
        return err;
    for (unsigned i = 1; i < n_workers; i++) {
        if ((err = se_worker_start(workers[i])) != RDV_OK)
            return err;
    }
    /* The last thing that takes a right: and the threads that are there stay free. */
    if ((err = rdv_processor_stay_on(config->cpu)) != RDV_OK)
        return err;
    return se_confine_calls();
}

enum rdv_err se_service_run(const struct se_service_config *config)
{
    struct se_workers all = {
        .elements = config->elements,
        .n_elements = config->n_elements,
        .max_sessions = config->max_sessions,
        .busy_poll_us = config->busy_poll_us,
    };
    const unsigned n_workers = config->n_elements < config->n_workers ? (unsigned)config->n_elements
                                                                      : config->n_workers;
    struct se_worker **workers = calloc(n_workers, sizeof(struct se_worker *));
    struct se_pair **pairs = calloc(n_workers, sizeof(struct se_pair *));
    enum rdv_err err = RDV_ERR_NOMEM;

    rdv_file_raise_limit(config->max_sessions + OTHER_FILES); /* a session is an open file */
    all.worker_of = calloc(config->n_elements, sizeof(struct se_worker *));
    if (workers != NULL && pairs != NULL && all.worker_of != NULL &&
        (err = start(&all, workers, pairs, n_workers, config)) == RDV_OK) {
        log_info("%zu elements, %u workers, on %s", config->n_elements, n_workers,
                 config->socket_path);
        se_worker_run(workers[0]);
    }
    for (unsigned i = 1; workers != NULL && i < n_workers; i++)
        se_worker_stop(workers[i]);
    for (unsigned i = 0; workers != NULL && i < n_workers; i++)
        se_worker_free(workers[i]);
    if (pairs != NULL)
        end_pairs(&all, pairs, n_workers);
    free(workers);
    free(pairs);
    free(all.worker_of);
    return err;
}
