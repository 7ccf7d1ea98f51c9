/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/why.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

enum rdv_err rdv_why_say(struct rdv_why *why, enum rdv_err err, const char *format, ...)
{
    va_list ap;

    if (why == NULL)
        return err;
    va_start(ap, format);
    (void)vsnprintf(why->text, sizeof(why->text), format, ap);
    va_end(ap);
    return err;
}
