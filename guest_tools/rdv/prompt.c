/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <rdv/client.h>

#include "base/hex.h"
#include "base/why.h"

#define TERMINAL "/dev/tty" /* standard input and output may be files */

bool tool_prompt_is_possible(void)
{
    const int fd = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static void write_all(int fd, const char *text)
{
    size_t n = strlen(text);

    while (n > 0) {
        const ssize_t r = write(fd, text, n);

        if (r < 0 && errno != EINTR)
            return; /* a question unseen can still be answered */
        if (r > 0) {
            text += r;
            n -= (size_t)r;
        }
    }
}

/* What the terminal would do to a line, it does not do while it gives every key as it is pressed.
 */
static enum rdv_err read_line(struct rdv_buf *line, int fd, const struct termios *settings)
{
    enum rdv_err err = RDV_OK;
    uint8_t c = 0;

    while (err == RDV_OK) {
        const ssize_t r = read(fd, &c, 1);

        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return r == 0 ? RDV_ERR_CLOSED : RDV_ERR_IO;
        if (c == '\n' || c == '\r')
            break;
        if (c == settings->c_cc[VINTR] || c == settings->c_cc[VEOF])
            return RDV_ERR_CLOSED;
        if (c == settings->c_cc[VKILL])
            rdv_buf_clear(line);
        else if (c != settings->c_cc[VERASE] && c != '\b')
            err = rdv_put_u8(line, c);
        else if (rdv_buf_len(line) > 0)
            rdv_buf_truncate(line, rdv_buf_len(line) - 1);
    }
    rdv_wipe(&c, 1);
    return err;
}

/* Signals wait until the terminal is as it was. */
enum rdv_err tool_prompt(struct rdv_buf *line, const char *question, struct rdv_why *why)
{
    struct termios shown, hidden;
    sigset_t all, before;
    enum rdv_err err;
    int fd;

    if ((fd = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 || tcgetattr(fd, &shown) != 0) {
        if (fd >= 0)
            (void)close(fd);
        return rdv_why_say(why, RDV_ERR_STATE, "no terminal to ask at");
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, &before);
    if (tcsetattr(fd, TCSAFLUSH, &hidden) != 0) {
        err = RDV_ERR_IO; /* it would be shown */
    } else {
        write_all(fd, question);
        err = read_line(line, fd, &shown);
    }
    (void)tcsetattr(fd, TCSAFLUSH, &shown);
    write_all(fd, "\n");
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    (void)close(fd);
    if (err != RDV_OK)
        return rdv_why_say(why, err, "nothing was typed: %s", rdv_err_text(err));
    return RDV_OK;
}

enum rdv_err tool_prompt_key(struct rdv_key *key, const struct rdv_uri *where, struct rdv_why *why)
{
    struct rdv_buf line = RDV_BUF(200);
    struct rdv_key raw = { 0 };
    char question[200];
    enum rdv_err err;

    (void)snprintf(question, sizeof(question), "Key of %s at %s (64 hex digits): ",
                   where->identity[0] == '\0' ? RDV_IDENTITY_DEFAULT : where->identity, where->sen);
    rdv_key_wipe(key);
    if ((err = tool_prompt(&line, question, why)) == RDV_OK &&
        ((err = rdv_hex_decode(raw.bytes, sizeof(raw.bytes), rdv_buf_view(&line))) != RDV_OK ||
         (err = rdv_key_import(key, (struct rdv_span){ raw.bytes, sizeof(raw.bytes) })) != RDV_OK))
        (void)rdv_why_say(why, err, "a key is 64 hex digits, and not all of them 0");
    rdv_key_wipe(&raw);
    rdv_buf_free(&line);
    return err;
}
