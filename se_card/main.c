/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * se-card: the software secure element. `init` makes an element, `run` serves all elements of a
 * directory to the front. It has no network and must never get one; it is the only process that
 * holds a long-term key.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "se_card/confine.h"
#include "se_card/element.h"
#include "se_card/service.h"

#define ELEMENTS_MAX 4096

struct run_config {
#define RDV_CONFIG_LIST "se_card/run_config.def"
#include "base/config_fields.h"
};

struct init_config {
#define RDV_CONFIG_LIST "se_card/init_config.def"
#include "base/config_fields.h"
};

static const struct rdv_option run_options[] = {
#define RDV_CONFIG_LIST "se_card/run_config.def"
#define RDV_CONFIG_OWNER run_config
#include "base/config_options.h"
};

static const struct rdv_option init_options[] = {
#define RDV_CONFIG_LIST "se_card/init_config.def"
#define RDV_CONFIG_OWNER init_config
#include "base/config_options.h"
};

/* --- init ------------------------------------------------------------------------------------- */

/* "file:PATH" with PATH made absolute, so that `run` finds it from anywhere. */
static enum rdv_err absolute_kek(char *out, size_t size, const struct init_config *c)
{
    char here[PATH_MAX] = "", file[PATH_MAX + RDV_CONFIG_TEXT];
    const char *path = NULL;
    enum rdv_err err;
    int n;

    if (c->kek[0] != '\0') {
        if ((err = se_kek_path(&path, c->kek)) != RDV_OK)
            return err;
        n = snprintf(file, sizeof(file), "%s", path);
    } else {
        n = snprintf(file, sizeof(file), "%s/kek", c->dir);
    }
    if (n < 0 || (file[0] != '/' && getcwd(here, sizeof(here)) == NULL))
        return RDV_ERR_IO;
    n = snprintf(out, size, "file:%s%s%s", here, here[0] == '\0' ? "" : "/", file);
    if (n > 0 && (size_t)n < size)
        return RDV_OK;
    log_error("kek: path too long");
    return RDV_ERR_LIMIT;
}

static enum rdv_err init(int argc, char **argv)
{
    struct init_config c;
    const struct rdv_config config = {
        "se-card init",
        "se-card init --dir DIR --sen NAME [--demo] [option ...]",
        init_options,
        sizeof(init_options) / sizeof(init_options[0]),
        &c,
        sizeof(c),
    };
    struct se_element_init in = { .dir = c.dir, .sen = c.sen, .root_psk_file = c.root_psk_file };
    char kek[SE_KEK_MAX];
    enum rdv_config_then then;
    enum rdv_err err;

    if ((err = rdv_config_args(&config, &then, argc, argv)) != RDV_OK || then != RDV_CONFIG_RUN)
        return err;
    if (c.dir[0] == '\0' || c.sen[0] == '\0') {
        log_error("--dir and --sen must be given (--help lists the options)");
        return RDV_ERR_USAGE;
    }
    if (c.root_psk_file[0] == '\0')
        (void)snprintf(c.root_psk_file, sizeof(c.root_psk_file), "%.*s.root.psk", RDV_SEN_MAX,
                       c.sen);
    if ((err = absolute_kek(kek, sizeof(kek), &c)) != RDV_OK)
        return err;
    in.kek = kek;
    in.demo = c.demo;
    in.now = rdv_clock_wall_s();
    if ((err = se_element_init(&in)) != RDV_OK)
        return err;
    if (c.demo)
        printf("%s: made, with the published demonstration keys: not for real use\n", c.sen);
    else
        printf("%s: made; root's key is in %s, and nowhere else\n", c.sen, c.root_psk_file);
    return RDV_OK;
}

/* --- run -------------------------------------------------------------------------------------- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* A directory with the name of an element and a database in it. */
static bool is_element(const char *dir, const char *name)
{
    char path[PATH_MAX];
    const int n = snprintf(path, sizeof(path), "%s/%s/card.sqlite3", dir, name);

    return rdv_sen_is_valid(rdv_span_of(name)) && n > 0 && (size_t)n < sizeof(path) &&
           access(path, F_OK) == 0;
}

static enum rdv_err open_element(struct se_element **out, const char *sen,
                                 const struct run_config *c)
{
    const struct se_element_open in = {
        .dir = c->dir,
        .sen = sen,
        .kek = c->kek,
        .banner = c->banner,
        .audit_keep = c->audit_keep,
        .log_quota = c->log_quota,
        .head_seconds = c->head_seconds,
        .free_failures = (unsigned)c->free_failures,
    };

    return se_element_open(out, &in);
}

static enum rdv_err open_elements(struct se_element ***out, size_t *n, const struct run_config *c)
{
    struct dirent **names = NULL;
    const int n_names = scandir(c->dir, &names, NULL, by_name);
    enum rdv_err err = RDV_OK;

    *n = 0;
    if (n_names < 0 || (*out = calloc((size_t)n_names, sizeof(**out))) == NULL) {
        log_error("%s: %s", c->dir, strerror(errno));
        err = RDV_ERR_IO;
    }
    for (int i = 0; i < n_names; i++) {
        if (err == RDV_OK && is_element(c->dir, names[i]->d_name) && *n < ELEMENTS_MAX &&
            (err = open_element(&(*out)[*n], names[i]->d_name, c)) == RDV_OK) {
            if ((*out)[*n]->demo)
                log_warn("%s: DEMO MODE: published keys, not for real use", names[i]->d_name);
            (*n)++;
        }
        free(names[i]);
    }
    free(names);
    if (err == RDV_OK && *n == 0) {
        log_error("%s: no element: make one with se-card init", c->dir);
        err = RDV_ERR_ABSENT;
    }
    return err;
}

static enum rdv_err serve(const struct run_config *c, const char *socket_path)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct se_element **elements = NULL;
    struct se_service_config service = {
        .dir = c->dir,
        .socket_path = socket_path,
        .n_workers = (unsigned)(c->workers > 0 ? c->workers
                                : cores < 1    ? 1
                                               : cores),
        .cpu = c->cpu,
        .busy_poll_us = (unsigned)c->busy_poll,
        .max_sessions = (size_t)c->max_sessions,
        .front_uid = c->front_uid,
        .ready_file = c->ready_file,
    };
    size_t n = 0;
    enum rdv_err err;

    se_confine_memory();
    if ((err = se_tls_library_init()) == RDV_OK &&
        (err = open_elements(&elements, &n, c)) == RDV_OK) {
        service.elements = elements;
        service.n_elements = n;
        err = se_service_run(&service);
    }
    for (size_t i = 0; i < n; i++)
        se_element_close(elements[i]);
    free(elements);
    return err;
}

static enum rdv_err run(int argc, char **argv)
{
    struct run_config c;
    const struct rdv_config config = {
        "se-card run",
        "se-card run --dir DIR --listen unix:PATH [option ...]",
        run_options,
        sizeof(run_options) / sizeof(run_options[0]),
        &c,
        sizeof(c),
    };
    static const char scheme[] = "unix:";
    enum rdv_config_then then;
    enum rdv_err err;

    if ((err = rdv_config_args(&config, &then, argc, argv)) != RDV_OK || then != RDV_CONFIG_RUN)
        return err;
    rdv_log_open("se-card", c.verbose ? RDV_LOG_DEBUG : RDV_LOG_INFO);
    if (c.dir[0] == '\0' || strncmp(c.listen, scheme, sizeof(scheme) - 1) != 0 ||
        c.listen[sizeof(scheme) - 1] == '\0') {
        log_error("--dir DIR and --listen unix:PATH must be given (--help lists the options)");
        return RDV_ERR_USAGE;
    }
    return serve(&c, c.listen + sizeof(scheme) - 1);
}

int main(int argc, char **argv)
{
    enum rdv_err err;

    rdv_log_open("se-card", RDV_LOG_INFO);
    (void)signal(SIGPIPE, SIG_IGN);
    if ((err = se_confine_start()) != RDV_OK)
        return rdv_err_exit(err);
    if (argc >= 2 && strcmp(argv[1], "init") == 0)
        return rdv_err_exit(init(argc - 1, argv + 1));
    if (argc >= 2 && strcmp(argv[1], "run") == 0)
        return rdv_err_exit(run(argc - 1, argv + 1));
    fprintf(stderr, "usage: se-card init --dir DIR --sen NAME [option ...]\n"
                    "       se-card run --dir DIR --listen unix:PATH [option ...]\n"
                    "       se-card init --help | run --help\n");
    return rdv_err_exit(RDV_ERR_USAGE);
}
