/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quote.h"

#include <string.h>

struct rdv_quoted rdv_quote(struct rdv_span bytes)
{
    static const char hex[] = "0123456789abcdef";
    struct rdv_quoted q;
    size_t n = 0;

    for (size_t i = 0; i < bytes.n; i++) {
        const uint8_t c = bytes.p[i];

        if (n + 4 + sizeof("...") > sizeof(q.text)) {
            memcpy(q.text + n, "...", 3);
            n += 3;
            break;
        }
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
            q.text[n++] = (char)c;
        } else {
            q.text[n++] = '\\';
            q.text[n++] = 'x';
            q.text[n++] = hex[c >> 4];
            q.text[n++] = hex[c & 15];
        }
    }
    q.text[n] = '\0';
    return q;
}
