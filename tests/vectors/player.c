/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vector_player FILE ID: plays one text vector of FILE (its head describes the format) through TLS
 * to a card in memory, in demo mode. Prints what differs; exit 1 when anything does.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "tests/support/card_rig.h"
#include "tests/support/run.h"
#include "tests/support/test.h"

#define FILE_MAX (1 << 20)
#define LINE_TEXT 8192

static const char *file_name, *vector_id;

struct play {
    struct t_element element;
    struct t_rig rig;
    bool logged_in;
    bool any_case;        /* the vector's note says so */
    char sent[LINE_TEXT]; /* the last line, for messages */
    unsigned expectations;
};

static void login(struct play *p, const char *identity)
{
    struct t_client_options options = t_client_published();

    if (p->logged_in)
        t_rig_close(&p->rig);
    options.identity = identity;
    t_rig_open(&p->rig, p->element.el, &options);
    p->logged_in = true;
}

static void send_line(struct play *p, const char *line)
{
    char text[LINE_TEXT + 2];

    if (!p->logged_in)
        login(p, "Client_identity");
    (void)snprintf(p->sent, sizeof(p->sent), "%s", line);
    (void)snprintf(text, sizeof(text), "%s\r\n", line);
    (void)t_rig_say(&p->rig, text);
}

/* The banners in the file are those of other cards. */
static const char *as_ours(const char *line)
{
    return strncmp(line, "Ethertrust keystore ", 20) == 0 ? "RDV keystore " RDV_VERSION : line;
}

static bool matches(const char *pattern, const char *text)
{
    regex_t regex;
    bool fine;

    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    fine = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return fine;
}

/* The answer to the last line, without its CR LF; an answer without one is shown as it is. */
static void take_answer(struct play *p, char *out, size_t size)
{
    struct rdv_span text = rdv_buf_view(&p->rig.text);

    if (text.n >= 2 && memcmp(text.p + text.n - 2, "\r\n", 2) == 0)
        text.n -= 2;
    if (rdv_span_to_text(out, size, text) != RDV_OK)
        (void)snprintf(out, size, "(not text)");
}

static void expect(struct play *p, const char *line)
{
    char got[LINE_TEXT];
    bool fine;

    p->expectations++;
    if (strcmp(line, "! handshake refused") == 0) {
        T_TRUE(!t_client_is_open(p->rig.client));
        return;
    }
    if (strcmp(line, "! close") == 0) {
        T_TRUE(t_client_is_closed(p->rig.client));
        p->logged_in = false;
        t_rig_close(&p->rig);
        return;
    }
    take_answer(p, got, sizeof(got));
    if (line[0] == '?')
        fine = got[0] != '\0' && strcmp(got, "ERROR") != 0;
    else if (line[0] == '~')
        fine = matches(line + 2, got);
    else
        fine = line[0] == ' ' && (p->any_case ? strcasecmp : strcmp)(as_ours(line + 1), got) == 0;
    if (!fine)
        fprintf(stderr, "%s: %s\n  answer: %s\n  wanted:%s\n", vector_id, p->sent, got, line);
    T_TRUE(fine);
}

static void play_line(struct play *p, const char *line)
{
    if (strncmp(line, "> ", 2) == 0)
        send_line(p, line + 2);
    else if (line[0] == '<')
        expect(p, line + 1);
    else if (strncmp(line, "note: ", 6) == 0)
        p->any_case |= strstr(line, "compare case-insensitively") != NULL;
    else if (strncmp(line, "# login ", 8) == 0)
        login(p, line + 8);
}

/* Plays the lines of the block whose first header is "id: ID". */
static void play_vector(struct play *p, char *text)
{
    bool inside = false;
    char *rest = text, *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (strncmp(line, "id: ", 4) == 0)
            inside = strcmp(line + 4, vector_id) == 0;
        else if (strcmp(line, "```") == 0)
            inside = false;
        else if (inside)
            play_line(p, line);
    }
}

static void the_vector_plays_as_written(void)
{
    struct rdv_buf content = RDV_BUF(FILE_MAX);
    struct play p = { .logged_in = false };

    T_MUST_OK(rdv_file_read(&content, file_name));
    T_MUST_OK(rdv_put_u8(&content, 0));
    p.element = t_element_new(true);
    play_vector(&p, (char *)content.p + content.start);
    T_TRUE(p.expectations > 0); /* there is such a vector, and it says something */
    if (p.logged_in)
        t_rig_close(&p.rig);
    t_element_free(&p.element);
    rdv_buf_free(&content);
}

static CU_TestInfo tests[] = { T_CASE(the_vector_plays_as_written), T_END };
static CU_TestInfo *const list = tests;
static const struct t_suite suites[] = { { "vectors", &list } };

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: vector_player FILE ID\n");
        return 64;
    }
    file_name = argv[1];
    vector_id = argv[2];
    return t_main(suites, 1, 1, argv);
}
