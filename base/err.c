/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

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

int rdv_err_exit(enum rdv_err err)
{
    return (unsigned)err < n_errors ? errors[err].code : 70;
}
