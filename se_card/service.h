/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The card process at work: listens for the front, gives each connection to the worker its SEN
 * lives in, and runs the workers' loops. A SEN belongs to exactly one worker, so that nothing is
 * shared and nothing locked.
 */
#ifndef RDV_SE_CARD_SERVICE_H
#define RDV_SE_CARD_SERVICE_H

#include "base/err.h"
#include "se_card/element.h"

struct se_service_config {
    struct se_element **elements; /* owned by the caller; used by the workers until this returns */
    size_t n_elements;
    const char *dir;         /* files may be opened below it */
    const char *socket_path; /* of the Unix socket */
    unsigned n_workers;
    long cpu;              /* processor the first worker stays on; -1: any */
    unsigned busy_poll_us; /* how long a worker looks for what comes before it sleeps; 0: never */
    size_t max_sessions;
    long front_uid; /* the only user besides ours and root that may connect; -1: none */
    const char *ready_file;
};

/* Serves until SIGTERM or SIGINT. Returns: RDV_OK then; RDV_ERR_IO, RDV_ERR_BUSY (another card
 * listens there), RDV_ERR_NOMEM when serving could not begin. */
RDV_MUST_USE enum rdv_err se_service_run(const struct se_service_config *config);

#endif
