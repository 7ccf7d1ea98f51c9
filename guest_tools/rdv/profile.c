/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/why.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

bool tool_profile_name_is_valid(const char *name)
{
    const size_t n = strlen(name);

    return n > 0 && n < TOOL_PROFILE_NAME && strchr(LETTERS, name[0]) != NULL &&
           strspn(name, LETTERS ".-_") == n;
}

const struct tool_profile *tool_profile_named(const struct tool_profiles *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->list[i].name, name) == 0)
            return &p->list[i];
    }
    return NULL;
}

void tool_profiles_free(struct tool_profiles *p)
{
    free(p->list);
    *p = (struct tool_profiles){ 0 };
}

static enum rdv_err fits(int n)
{
    return n >= 0 && n < PATH_MAX ? RDV_OK : RDV_ERR_LIMIT;
}

enum rdv_err tool_config_path(char out[PATH_MAX], const char *given, struct rdv_why *why)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *below = "";

    if (given != NULL)
        return fits(snprintf(out, PATH_MAX, "%s", given));
    if (base == NULL || base[0] != '/') { /* a relative one is to be ignored, says its standard */
        base = getenv("HOME");
        below = "/.config";
    }
    if (base == NULL || base[0] == '\0')
        return rdv_why_say(why, RDV_ERR_CONFIG, "neither HOME nor XDG_CONFIG_HOME is set");
    return fits(snprintf(out, PATH_MAX, "%s%s/rdv/config", base, below));
}

enum rdv_err tool_path_beside(char out[PATH_MAX], const char *config, const char *file)
{
    const char *slash = strrchr(config, '/');

    if (file[0] == '/' || slash == NULL)
        return fits(snprintf(out, PATH_MAX, "%s", file));
    return fits(snprintf(out, PATH_MAX, "%.*s/%s", (int)(slash - config), config, file));
}
