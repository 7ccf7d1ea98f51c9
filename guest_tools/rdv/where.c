/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to a card: what the options, a URI and a profile say together. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/private.h"
#include "base/quote.h"
#include "base/secret.h"
#include "guest_tools/rdv/pin.h"
#include "guest_tools/rdv/profile.h"
#include "guest_tools/rdv/prompt.h"
#include "guest_tools/rdv/tool.h"

/* --- where ------------------------------------------------------------------------------------ */

/* What may be a key is struck out, in the key's place and in a command: arguments are seen by ps.
 * Others may have seen them before that. */
static void strike_out(struct tool *t, char *text, const struct rdv_uri *uri)
{
    char *key = strchr(text + strlen("shellS://"), ':'), *command = strchr(text, '?');

    if (command != NULL && uri->command[0] != '\0')
        memset(command + 1, '*', strlen(command + 1));
    if (!uri->has_psk || key == NULL)
        return;
    memset(key + 1, '*', (size_t)2 * RDV_PSK_BYTES);
    fprintf(stderr,
            "rdv %s: a key on the command line can be seen by every user of this machine: better "
            "use a profile, --psk-file, --psk-fd or --ask\n",
            t->command);
}

/* Reads HOST[:PORT] with the rules of URIs. */
static enum rdv_err set_address(struct tool *t, struct rdv_uri *where, const char *address)
{
    struct rdv_uri parsed;
    char text[400];
    const int n = snprintf(text, sizeof(text), "shellS://x@%s", address);

    if (n < 0 || (size_t)n >= sizeof(text) || strpbrk(address, "/?#@") != NULL ||
        rdv_uri_parse(&parsed, text, NULL) != RDV_OK || parsed.host[0] == '\0')
        return tool_why(t, RDV_ERR_USAGE, "\"%.100s\" is not HOST:PORT",
                        rdv_quote(rdv_span_of(address)).text);
    memcpy(where->host, parsed.host, sizeof(where->host));
    where->port = parsed.port;
    return RDV_OK;
}

/* --- a profile -------------------------------------------------------------------------------- */

static enum rdv_err take_profile(struct tool *t, struct rdv_uri *where,
                                 const struct tool_profile *p, const char *config)
{
    enum rdv_err err;

    if (p->address[0] == '\0' || p->sen[0] == '\0')
        return tool_why(t, RDV_ERR_CONFIG, "profile %s has no %s", p->name,
                        p->sen[0] == '\0' ? "sen" : "address");
    if ((err = set_address(t, where, p->address)) != RDV_OK)
        return err;
    memcpy(where->sen, p->sen, sizeof(where->sen));
    memcpy(where->identity, p->identity, sizeof(where->identity));
    memcpy(t->card_key, p->card_key, sizeof(t->card_key));
    if (p->psk_file[0] != '\0' && tool_path_beside(t->psk_path, config, p->psk_file) != RDV_OK)
        return tool_why(t, RDV_ERR_CONFIG, "profile %s: the path of its key is too long", p->name);
    return RDV_OK;
}

/* The one named, or the default, or the only one. */
static const struct tool_profile *choose(const struct tool_profiles *all, const char *name)
{
    if (name == NULL && all->fallback[0] != '\0')
        name = all->fallback;
    if (name == NULL)
        return all->n == 1 ? &all->list[0] : NULL;
    return tool_profile_named(all, name);
}

static enum rdv_err by_profile(struct tool *t, struct rdv_uri *where, const char *name)
{
    struct tool_profiles all = { 0 };
    const struct tool_profile *profile;
    char config[PATH_MAX];
    enum rdv_err err;

    if ((err = tool_config_path(config, t->options.config, &t->why)) != RDV_OK ||
        (err = tool_profiles_read(&all, config, &t->why)) != RDV_OK)
        return err;
    if ((profile = choose(&all, name)) != NULL)
        err = take_profile(t, where, profile, config);
    else if (name != NULL)
        err = tool_why(t, RDV_ERR_USAGE, "no profile \"%s\" in %s",
                       rdv_quote(rdv_span_of(name)).text, config);
    else
        err = tool_why(t, RDV_ERR_USAGE,
                       "which card? shellS://SEN@HOST:PORT/, or @NAME of a profile (%s has %s)",
                       config, all.n == 0 ? "none" : "several and no default");
    tool_profiles_free(&all);
    return err;
}

bool tool_is_where(const char *operand)
{
    return operand[0] == '@' || strstr(operand, "://") != NULL;
}

enum rdv_err tool_where_options(struct tool *t, struct rdv_uri *where)
{
    enum rdv_err err = RDV_OK;

    if (t->options.at != NULL)
        err = set_address(t, where, t->options.at);
    if (err == RDV_OK && t->options.identity != NULL &&
        rdv_span_to_text(where->identity, sizeof(where->identity),
                         rdv_span_of(t->options.identity)) != RDV_OK)
        err = tool_why(t, RDV_ERR_USAGE, "an identity has at most 64 characters");
    return err;
}

enum rdv_err tool_where(struct tool *t, struct rdv_uri *where)
{
    char *operand = t->argc > 0 ? t->argv[0] : NULL;
    enum rdv_err err;

    rdv_uri_wipe(where);
    where->record = -1;
    if (operand == NULL || !tool_is_where(operand)) {
        err = by_profile(t, where, NULL);
    } else if (operand[0] == '@') {
        err = by_profile(t, where, tool_next(t) + 1);
    } else {
        if ((err = rdv_uri_parse(where, tool_next(t), &t->why)) != RDV_OK)
            return err == RDV_ERR_FORMAT ? RDV_ERR_USAGE : err;
        strike_out(t, operand, where);
    }
    if (err == RDV_OK)
        err = tool_where_options(t, where);
    if (err != RDV_OK)
        rdv_uri_wipe(where);
    return err;
}

/* --- the key ---------------------------------------------------------------------------------- */

static enum rdv_err number(struct tool *t, long *out, const char *option, const char *text,
                           long most)
{
    char *end;
    const long n = strtol(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > most)
        return tool_why(t, RDV_ERR_USAGE, "%s \"%s\" is not a number from 0 to %ld", option,
                        rdv_quote(rdv_span_of(text)).text, most);
    *out = n;
    return RDV_OK;
}

static enum rdv_err key_from_fd(struct tool *t, struct rdv_key *key)
{
    long fd = -1;
    enum rdv_err err;

    if ((err = number(t, &fd, "--psk-fd", t->options.psk_fd, INT_MAX)) != RDV_OK)
        return err;
    return rdv_private_key_fd(key, (int)fd, "--psk-fd", &t->why);
}

enum rdv_err tool_take_key(struct tool *t, struct rdv_uri *where)
{
    const bool told = t->options.psk_fd != NULL || t->options.ask || t->options.psk_file != NULL;
    struct rdv_key key = { 0 };
    enum rdv_err err;

    if (where->has_psk && !told)
        return RDV_OK;
    if (t->options.psk_fd != NULL)
        err = key_from_fd(t, &key);
    else if (t->options.ask)
        err = tool_prompt_key(&key, where, &t->why);
    else if (t->options.psk_file != NULL)
        err = rdv_private_key(&key, t->options.psk_file, &t->why);
    else if (t->psk_path[0] != '\0')
        err = rdv_private_key(&key, t->psk_path, &t->why);
    else if (tool_prompt_is_possible())
        err = tool_prompt_key(&key, where, &t->why);
    else
        err = tool_why(t, RDV_ERR_USAGE, "no key: give --psk-file, --psk-fd or --ask");
    memcpy(where->psk, key.bytes, RDV_PSK_BYTES);
    where->has_psk = err == RDV_OK;
    rdv_key_wipe(&key);
    return err;
}

enum rdv_err tool_connect(struct tool *t, struct rdv_client **out, const struct rdv_uri *where,
                          enum rdv_language language)
{
    const struct rdv_client_options options = { .language = language,
                                                .timeout_ms = t->timeout_ms,
                                                .stop = t->stop };
    struct rdv_uri given = *where;
    struct rdv_why why = { "" };
    char text[600];
    enum rdv_err err;

    *out = NULL;
    if ((err = tool_take_key(t, &given)) != RDV_OK) {
        rdv_uri_wipe(&given);
        return err;
    }
    if (rdv_uri_format(text, sizeof(text), where, false) == RDV_OK)
        tool_say(t, "connecting to %s", text);
    err = rdv_client_open(out, &given, &options, &why);
    rdv_uri_wipe(&given);
    if (err != RDV_OK && why.text[0] != '\0')
        t->why = why;
    if (err == RDV_ERR_AUTH && where->identity[0] == '\0')
        return tool_why(t, err, "%s (as %s: name another with --identity)", why.text,
                        RDV_IDENTITY_DEFAULT);
    if (err == RDV_OK && t->card_key[0] != '\0' &&
        (err = tool_pin_check(t, *out, language, t->card_key)) != RDV_OK) {
        rdv_client_close(*out);
        *out = NULL;
    }
    if (err == RDV_OK)
        tool_say(t, "logged in");
    return err;
}
