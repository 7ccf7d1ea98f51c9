/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/handover.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static enum rdv_err put_percent(struct rdv_buf *out, const char *text)
{
    char code[4];
    enum rdv_err err = RDV_OK;

    for (; *text != '\0' && err == RDV_OK; text++) {
        if (is_letter_or_digit(*text) || strchr("-._~", *text) != NULL) {
            err = rdv_put_u8(out, (uint8_t)*text);
        } else {
            (void)snprintf(code, sizeof(code), "%%%02X", (unsigned)(uint8_t)*text);
            err = rdv_put_text(out, code);
        }
    }
    return err;
}

/* In single quotes a shell reads nothing but their end: a quote itself is put between two such
 * words. */
static enum rdv_err put_quoted(struct rdv_buf *out, const char *text)
{
    enum rdv_err err = rdv_put_u8(out, '\'');

    for (; *text != '\0' && err == RDV_OK; text++)
        err = *text == '\'' ? rdv_put_text(out, "'\\''") : rdv_put_u8(out, (uint8_t)*text);
    return err == RDV_OK ? rdv_put_u8(out, '\'') : err;
}

static enum rdv_err put_psk(struct rdv_buf *out, const struct rdv_key *psk)
{
    return rdv_hex_put(out, (struct rdv_span){ psk->bytes, sizeof(psk->bytes) });
}

static enum rdv_err put_uri(struct rdv_buf *out, const struct se_handover *h)
{
    enum rdv_err err;

    if ((err = rdv_put_text(out, "uri=shellS://")) != RDV_OK ||
        (err = put_percent(out, h->sen)) != RDV_OK || (err = rdv_put_u8(out, ':')) != RDV_OK ||
        (err = put_psk(out, h->psk)) != RDV_OK || (err = rdv_put_u8(out, '(')) != RDV_OK ||
        (err = put_percent(out, h->identity)) != RDV_OK ||
        (err = rdv_put_text(out, ")@")) != RDV_OK ||
        (err = rdv_put_text(out, h->address)) != RDV_OK)
        return err;
    return rdv_put_text(out, "/\r\n");
}

static enum rdv_err put_shell_line(struct rdv_buf *out, const struct se_handover *h)
{
    enum rdv_err err;

    if ((err = rdv_put_text(out, "  openssl s_client -tls1_3 -connect ")) != RDV_OK ||
        (err = put_quoted(out, h->address)) != RDV_OK ||
        (err = rdv_put_text(out, " -servername ")) != RDV_OK ||
        (err = rdv_put_text(out, h->sen)) != RDV_OK ||
        (err = rdv_put_text(out, " -groups P-256 -no_ticket -quiet -psk_identity ")) != RDV_OK ||
        (err = put_quoted(out, h->identity)) != RDV_OK ||
        (err = rdv_put_text(out, " -psk ")) != RDV_OK || (err = put_psk(out, h->psk)) != RDV_OK)
        return err;
    return rdv_put_text(out, "\r\n");
}

enum rdv_err se_handover_put(struct rdv_buf *answer, const struct se_handover *h)
{
    enum rdv_err err;

    if ((err = rdv_put_text(answer, "psk=")) != RDV_OK ||
        (err = put_psk(answer, h->psk)) != RDV_OK ||
        (err = rdv_put_text(answer, "\r\n")) != RDV_OK || (err = put_uri(answer, h)) != RDV_OK)
        return err;
    return put_shell_line(answer, h);
}
