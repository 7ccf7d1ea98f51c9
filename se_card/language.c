/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/language.h"

#include "se_card/call.h"
#include "se_card/shell.h"
#include "se_card/words.h"

void se_input_init(struct se_input *in, bool of_programs)
{
    in->of_programs = of_programs;
    se_lines_init(&in->lines);
    se_frames_init(&in->frames);
}

void se_input_free(struct se_input *in)
{
    se_lines_free(&in->lines);
    se_frames_free(&in->frames);
}

enum rdv_err se_input_feed(struct se_input *in, struct rdv_buf *requests, struct rdv_span data)
{
    return in->of_programs ? se_frames_feed(&in->frames, requests, data)
                           : se_lines_feed(&in->lines, requests, data);
}

enum rdv_err se_input_end(struct se_input *in, struct rdv_buf *requests)
{
    return in->of_programs ? RDV_OK : se_lines_end(&in->lines, requests);
}

static bool is_in_words(struct rdv_span line)
{
    return line.n > 0 && line.p[0] == SE_WORDS_MARK;
}

enum rdv_err se_language_run(struct se_session *s, struct rdv_buf *answer,
                             enum se_request_kind kind, struct rdv_span bytes)
{
    switch (kind) {
    case SE_REQUEST_LINE:
    case SE_REQUEST_BINARY:
        return is_in_words(bytes) ? se_words_run(s, answer, bytes) : se_shell_run(s, answer, bytes);
    case SE_REQUEST_TOO_LONG:
    case SE_REQUEST_UNTERMINATED:
        break;
    case SE_REQUEST_CALL:
        return se_call_run(s, answer, bytes);
    case SE_REQUEST_CALL_TOO_LONG:
        return se_call_refuse_long(answer, bytes);
    case SE_REQUEST_GARBLED:
        s->state.ending = true; /* what follows cannot be told apart */
        return se_call_fail(answer, RDV_LIT(""), RDV_ERR_FORMAT,
                            "not CBOR of definite length, or nested too deep");
    }
    return rdv_put_text(answer, SE_ANSWER_ERROR);
}

enum rdv_err se_language_fail(struct rdv_buf *answer, enum se_request_kind kind,
                              struct rdv_span bytes, enum rdv_err err, const char *why)
{
    if (kind >= SE_REQUEST_CALL)
        return se_call_fail(answer, bytes, err, why);
    return is_in_words(bytes) ? se_words_fail(answer, err, why)
                              : rdv_put_text(answer, SE_ANSWER_ERROR);
}

bool se_language_wants_alone(enum se_request_kind kind, struct rdv_span bytes)
{
    return kind == SE_REQUEST_CALL   ? se_call_wants_alone(bytes)
           : kind == SE_REQUEST_LINE ? se_words_wants_alone(bytes)
                                     : false;
}
