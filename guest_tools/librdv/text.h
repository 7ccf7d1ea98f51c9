/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of the text languages (docs/protocol.md, Lines and Words): where they end, what they say.
 */
#ifndef RDV_GUEST_TOOLS_LIBRDV_TEXT_H
#define RDV_GUEST_TOOLS_LIBRDV_TEXT_H

#include "base/bytes.h"
#include "base/err.h"

enum guest_text_kind {
    GUEST_TEXT_COMMAND, /* of TLS-SE: one TLS record answers it */
    GUEST_TEXT_WORDS,   /* lines answer it, closed by OK or ERR */
    GUEST_TEXT_GOODBYE, /* ?02: the end of the session answers it */
};

enum guest_text_kind guest_text_kind_of(struct rdv_span line);

/* True when the records received so far, the last of them `last` bytes long, are the whole answer.
 */
bool guest_text_is_whole(enum guest_text_kind kind, struct rdv_span answer, size_t last);

struct guest_text {
    enum rdv_err err;     /* RDV_ERR_REFUSED of TLS-SE */
    struct rdv_span body; /* without the last line end and the closing line */
    struct rdv_span reason;
};

/* Of a whole answer. */
void guest_text_read(struct guest_text *out, enum guest_text_kind kind, struct rdv_span answer);

#endif
