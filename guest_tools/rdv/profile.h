/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Named ways to cards, in a file that only its owner can read:
 *
 *   default = home              the profile when no WHERE is given
 *
 *   [home]
 *   address  = 192.0.2.1:8443
 *   sen      = key1.com
 *   identity = root
 *   psk-file = home.psk         beside the file, unless the path is absolute
 *   card-key = 04A5...          the card must prove that it has this key (hex)
 *
 * The file is taken whole or not at all.
 */
#ifndef RDV_GUEST_TOOLS_RDV_PROFILE_H
#define RDV_GUEST_TOOLS_RDV_PROFILE_H

#include <limits.h>

#include <rdv/uri.h>

#include "base/bytes.h"
#include "base/err.h"

#define TOOL_PROFILES_MAX 1000
#define TOOL_CONFIG_MAX ((size_t)256 * 1024)
#define TOOL_PROFILE_NAME 33 /* with its NUL */

struct tool_profile {
    char name[TOOL_PROFILE_NAME];
    char address[264];
    char sen[16];
    char identity[65];
    char psk_file[180];
    char card_key[132];
};

struct tool_profiles {
    struct tool_profile *list;
    size_t n;
    char fallback[TOOL_PROFILE_NAME]; /* the default, or "" */
};

/* True for 1 to 32 letters, digits, '.', '-' or '_', the first a letter or digit. */
bool tool_profile_name_is_valid(const char *name);

/* Reads a file's text; `path` is for messages.
 * Returns: RDV_ERR_CONFIG with "path:line: reason", RDV_ERR_NOMEM; *out is empty then. */
RDV_MUST_USE enum rdv_err tool_profiles_parse(struct tool_profiles *out, struct rdv_span text,
                                              const char *path, struct rdv_why *why);

/* The same of a file, which must be private; one that is not there holds no profiles. */
RDV_MUST_USE enum rdv_err tool_profiles_read(struct tool_profiles *out, const char *path,
                                             struct rdv_why *why);

void tool_profiles_free(struct tool_profiles *p);

/* NULL when there is none of that name. */
const struct tool_profile *tool_profile_named(const struct tool_profiles *p, const char *name);

/*
 * Appends the text of a configuration with one profile more; as_default: it becomes the default.
 * The name must not be there yet. All else stays as it is, comments too.
 * Returns: RDV_ERR_CONFIG (a value that a file cannot hold), RDV_ERR_LIMIT, RDV_ERR_NOMEM.
 */
RDV_MUST_USE enum rdv_err tool_profiles_add(struct rdv_buf *out, struct rdv_span text,
                                            const struct tool_profile *p, bool as_default,
                                            struct rdv_why *why);

/* The same with one less, from its name to the next; is_fallback: it is the default, and there is
 * none then. */
RDV_MUST_USE enum rdv_err tool_profiles_remove(struct rdv_buf *out, struct rdv_span text,
                                               const char *name, bool is_fallback,
                                               struct rdv_why *why);

/* Where the file is: `given`, or rdv/config below XDG_CONFIG_HOME or ~/.config.
 * Returns: RDV_ERR_CONFIG (no home), RDV_ERR_LIMIT. */
RDV_MUST_USE enum rdv_err tool_config_path(char out[PATH_MAX], const char *given,
                                           struct rdv_why *why);

/* The path of a file named in the configuration file `config`. Returns: RDV_ERR_LIMIT. */
RDV_MUST_USE enum rdv_err tool_path_beside(char out[PATH_MAX], const char *config,
                                           const char *file);

#endif
