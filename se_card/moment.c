/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/moment.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum rdv_err se_number_decode(int64_t *out, struct rdv_span text, int64_t most)
{
    int64_t v = 0;

    *out = 0;
    if (text.n == 0)
        return RDV_ERR_FORMAT;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return RDV_ERR_FORMAT;
    }
    for (size_t i = 0; i < text.n; i++) {
        const int digit = text.p[i] - '0';

        if (digit > most || v > (most - digit) / 10)
            return RDV_ERR_RANGE;
        v = v * 10 + digit;
    }
    *out = v;
    return RDV_OK;
}

enum rdv_err se_duration_decode(int64_t *seconds, struct rdv_span text)
{
    int64_t unit, n;
    enum rdv_err err;

    *seconds = 0;
    if (text.n < 2)
        return RDV_ERR_FORMAT;
    switch (text.p[text.n - 1]) {
    case 's':
        unit = 1;
        break;
    case 'm':
        unit = 60;
        break;
    case 'h':
        unit = 3600;
        break;
    case 'd':
        unit = 86400;
        break;
    default:
        return RDV_ERR_FORMAT;
    }
    if ((err = se_number_decode(&n, (struct rdv_span){ text.p, text.n - 1 },
                                SE_DURATION_MAX / unit)) != RDV_OK)
        return err;
    if (n == 0)
        return RDV_ERR_RANGE;
    *seconds = n * unit;
    return RDV_OK;
}

enum rdv_err se_moment_decode(int64_t *out, struct rdv_span text, int64_t now)
{
    struct tm tm = { 0 }, again;
    char copy[SE_MOMENT_TEXT];
    time_t t;
    enum rdv_err err;
    int64_t duration;

    *out = 0;
    if ((err = se_duration_decode(&duration, text)) == RDV_OK) {
        *out = now + duration;
        return RDV_OK;
    }
    if (err == RDV_ERR_RANGE)
        return err;
    if (text.n != SE_MOMENT_TEXT - 1 || rdv_span_to_text(copy, sizeof(copy), text) != RDV_OK ||
        sscanf(copy, "%4d-%2d-%2dT%2d:%2d:%2dZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec) != 6)
        return RDV_ERR_FORMAT;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    again = tm;
    t = timegm(&again);
    /* timegm moves the 31st of April to May: what is not itself again is no such day. */
    if (again.tm_mday != tm.tm_mday || again.tm_mon != tm.tm_mon || again.tm_hour != tm.tm_hour ||
        again.tm_min != tm.tm_min || again.tm_sec != tm.tm_sec || t > now + SE_DURATION_MAX)
        return RDV_ERR_RANGE;
    se_moment_text(copy, t);
    if (!rdv_span_is(text, copy))
        return RDV_ERR_FORMAT;
    *out = t;
    return RDV_OK;
}

void se_moment_text(char out[SE_MOMENT_TEXT], int64_t moment)
{
    const time_t t = (time_t)moment;
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL || strftime(out, SE_MOMENT_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        memcpy(out, "9999-12-31T23:59:59Z", SE_MOMENT_TEXT);
}
