/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <string.h>

static const struct {
    const char *name;
    const char *text;
    int code;
} errors[] = {
    { "ok", "success", 0 },
#define RDV_ERR(name, word, text, code) { word, text, code },
#include "base/err.def"
#undef RDV_ERR
};

static const unsigned n_errors = sizeof(errors) / sizeof(errors[0]);

const char *rdv_err_text(enum rdv_err err)
{
    return (unsigned)err < n_errors ? errors[err].text : "unknown error";
}

const char *rdv_err_name(enum rdv_err err)
{
    return (unsigned)err < n_errors ? errors[err].name : "unknown";
}

enum rdv_err rdv_err_of(const void *word, size_t n)
{
    for (unsigned i = 1; i < n_errors; i++) {
        if (strlen(errors[i].name) == n && memcmp(errors[i].name, word, n) == 0)
            return (enum rdv_err)i;
    }
    return RDV_OK;
}

int rdv_err_exit(enum rdv_err err)
{
    return (unsigned)err < n_errors ? errors[err].code : 70;
}
