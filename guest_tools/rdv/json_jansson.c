/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/json.h"

#include <stdio.h>

#include <jansson.h>

#include "base/hex.h"

/* Running out of memory makes NULLs, which jansson takes and turns into a failure at the end. */
static void write_line(json_t *object)
{
    if (object == NULL || json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) != 0)
        (void)fputs("{\"error\":{\"code\":\"nomem\",\"text\":\"out of memory\"}}", stdout);
    (void)fputc('\n', stdout);
    (void)fflush(stdout);
    json_decref(object);
}

void tool_json_error(enum rdv_err err, const char *why)
{
    write_line(json_pack("{s:{s:s,s:s}}", "error", "code", rdv_err_name(err), "text", why));
}

/* Text as it is; bytes that are not UTF-8 as {"hex": ...}. */
static json_t *text_or_hex(struct rdv_span bytes)
{
    json_t *text = json_stringn(bytes.n == 0 ? "" : (const char *)bytes.p, bytes.n);
    struct rdv_buf digits = RDV_BUF(2 * bytes.n + 1);

    if (text != NULL)
        return text;
    if (rdv_hex_put(&digits, bytes) == RDV_OK)
        text = json_pack("{s:s%}", "hex", (const char *)rdv_buf_view(&digits).p,
                         rdv_buf_len(&digits));
    rdv_buf_free(&digits);
    return text;
}

void tool_json_answer(struct rdv_span command, struct rdv_span answer)
{
    write_line(
            json_pack("{s:o,s:o}", "command", text_or_hex(command), "answer", text_or_hex(answer)));
}

void tool_json_object(const struct tool_json_field *fields, size_t n)
{
    json_t *object = json_object();

    for (size_t i = 0; i < n; i++) {
        json_t *value = fields[i].text.p == NULL ? json_integer((json_int_t)fields[i].number)
                                                 : text_or_hex(fields[i].text);

        if (json_object_set_new(object, fields[i].name, value) != 0) {
            json_decref(object);
            object = NULL; /* write_line tells */
        }
    }
    write_line(object);
}
