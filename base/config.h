/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one way to configure. A program lists its options once, in its config.def; from that list
 * come the struct, the defaults, the command-line flags, the file parser, the printer and the help.
 *
 *   INT(field, low, high, default, help)     a whole number in [low, high]
 *   TEXT(field, default, help)               at most RDV_CONFIG_TEXT - 1 bytes
 *   FLAG(field, help)                        yes or no; on the command line its name alone says yes
 *   LIST(field, help)                        texts: given once for each, RDV_CONFIG_ITEMS at most
 *
 * The option idle_timeout is `--idle-timeout VALUE` on the command line and `idle-timeout = VALUE`
 * in a file (INI syntax without sections). The command line wins over the file. A file is taken
 * whole or not at all: an unknown or repeated name, a value out of range, a line too long, each is
 * an error with file and line. Secrets appear only as paths.
 */
#ifndef RDV_BASE_CONFIG_H
#define RDV_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"

#define RDV_CONFIG_TEXT \
    180 /* bytes of a text value with its NUL; the INI reader takes 200 a line */
#define RDV_CONFIG_FILE 65536
#define RDV_CONFIG_OPTIONS 64
#define RDV_CONFIG_ITEMS 8

enum rdv_option_kind {
    RDV_OPTION_INT,  /* the field is a long */
    RDV_OPTION_TEXT, /* the field is a char[RDV_CONFIG_TEXT] */
    RDV_OPTION_FLAG, /* the field is a bool */
    RDV_OPTION_LIST, /* the field is a struct rdv_config_list */
};

struct rdv_config_list {
    size_t n;
    char items[RDV_CONFIG_ITEMS][RDV_CONFIG_TEXT];
};

struct rdv_option {
    const char *name; /* with '_' where people write '-' */
    enum rdv_option_kind kind;
    size_t offset;
    long low, high, number;
    const char *text;
    const char *help;
};

struct rdv_config {
    const char *program;
    const char *synopsis; /* one line for --help */
    const struct rdv_option *options;
    size_t n;
    void *values; /* the program's struct */
    size_t size;  /* of that struct, at most RDV_CONFIG_SIZE */
};

#define RDV_CONFIG_SIZE 8192

/* What the program is to do after its arguments were read. */
enum rdv_config_then {
    RDV_CONFIG_RUN,
    RDV_CONFIG_CHECK, /* -t: each value is good; a program that can look at more does, and ends */
    RDV_CONFIG_DONE,  /* -T or --help was asked for and has been answered on standard output */
};

/* Sets every option to its default. */
void rdv_config_defaults(const struct rdv_config *c);

/*
 * Reads one file's text; `path` is for messages. why[] receives "path:line: reason" on failure.
 * Returns: RDV_ERR_CONFIG, and no value was changed.
 */
RDV_MUST_USE enum rdv_err rdv_config_read(const struct rdv_config *c, struct rdv_span text,
                                          const char *path, char *why, size_t why_size);

/*
 * Defaults, then the file of -c, then flags. Faults are logged.
 * Returns: RDV_ERR_CONFIG (the file), RDV_ERR_USAGE (the flags), or what reading the file met.
 */
RDV_MUST_USE enum rdv_err rdv_config_args(const struct rdv_config *c, enum rdv_config_then *then,
                                          int argc, char **argv);

/* Appends what is in force, in the form rdv_config_read takes. Returns: RDV_ERR_LIMIT, _NOMEM. */
RDV_MUST_USE enum rdv_err rdv_config_print(const struct rdv_config *c, struct rdv_buf *out);

#endif
