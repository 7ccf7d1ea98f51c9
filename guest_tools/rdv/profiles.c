/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rdv profile: makes, shows and removes named ways to cards. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/private.h"
#include "base/quote.h"
#include "guest_tools/rdv/files.h"
#include "guest_tools/rdv/json.h"
#include "guest_tools/rdv/pin.h"
#include "guest_tools/rdv/profile.h"
#include "guest_tools/rdv/prompt.h"

/* The configuration: as text, to change it, and as what it says. */
struct config {
    char path[PATH_MAX];
    struct rdv_buf text;
    struct tool_profiles all;
    int lock; /* of its directory, while it is changed; -1 */
};

/* --- the file --------------------------------------------------------------------------------- */

static enum rdv_err read_config(struct tool *t, struct config *c)
{
    enum rdv_err err;

    if ((err = rdv_private_read(&c->text, c->path, &t->why)) != RDV_OK && err != RDV_ERR_ABSENT)
        return err;
    t->why.text[0] = '\0';
    return tool_profiles_parse(&c->all, rdv_buf_view(&c->text), c->path, &t->why);
}

static void close_config(struct config *c)
{
    rdv_buf_free(&c->text);
    tool_profiles_free(&c->all);
    if (c->lock >= 0)
        (void)close(c->lock);
}

/* Makes the directories above a path that are not there, for nobody else. */
static enum rdv_err make_directories(struct tool *t, const char *path)
{
    char above[PATH_MAX];

    for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        (void)snprintf(above, sizeof(above), "%.*s", (int)(slash - path), path);
        if (mkdir(above, S_IRWXU) != 0 && errno != EEXIST)
            return tool_why(t, RDV_ERR_IO, "%s: %s", above, strerror(errno));
    }
    return RDV_OK;
}

/* Nobody else changes it meanwhile. The lock is on the directory: the file is replaced. */
static enum rdv_err lock_config(struct tool *t, struct config *c)
{
    char directory[PATH_MAX];
    enum rdv_err err;

    if ((err = make_directories(t, c->path)) != RDV_OK ||
        (err = tool_path_beside(directory, c->path, ".")) != RDV_OK)
        return err;
    if ((c->lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
        flock(c->lock, LOCK_EX) != 0)
        return tool_why(t, RDV_ERR_IO, "%s: %s", directory, strerror(errno));
    return RDV_OK;
}

/* --- list, show ------------------------------------------------------------------------------- */

static void show(const struct tool *t, const struct config *c, const struct tool_profile *p)
{
    const struct tool_json_field fields[] = {
        { "profile", rdv_span_of(p->name), 0 },
        { "address", rdv_span_of(p->address), 0 },
        { "sen", rdv_span_of(p->sen), 0 },
        { "identity", rdv_span_of(p->identity), 0 },
        { "psk-file", rdv_span_of(p->psk_file), 0 },
        { "card-key", rdv_span_of(p->card_key), 0 },
        { "default", rdv_span_of(strcmp(p->name, c->all.fallback) == 0 ? "yes" : "no"), 0 },
    };
    const size_t n = sizeof(fields) / sizeof(fields[0]);

    if (t->options.json) {
        tool_json_object(fields, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (fields[i].text.n > 0)
            printf("%-9s %s\n", fields[i].name, rdv_quote(fields[i].text).text);
    }
}

static void list(const struct tool *t, const struct config *c)
{
    for (size_t i = 0; i < c->all.n; i++) {
        const struct tool_profile *p = &c->all.list[i];

        if (t->options.json)
            show(t, c, p);
        else
            printf("%-16s %s%s%s at %s%s\n", p->name, p->identity,
                   p->identity[0] == '\0' ? "" : "@", p->sen, p->address,
                   strcmp(p->name, c->all.fallback) == 0 ? " (default)" : "");
    }
}

/* --- add -------------------------------------------------------------------------------------- */

static enum rdv_err parse_uri(struct tool *t, struct rdv_uri *where, struct rdv_span text)
{
    char uri[RDV_URI_MAX + 1];
    enum rdv_err err;

    while (text.n > 0 && strchr("\r\n", text.p[text.n - 1]) != NULL)
        text.n--;
    if ((err = rdv_span_to_text(uri, sizeof(uri), text)) == RDV_OK &&
        (err = rdv_uri_parse(where, uri, &t->why)) == RDV_OK)
        err = tool_where_options(t, where);
    rdv_wipe(uri, sizeof(uri));
    return err;
}

/* The URI is an operand, comes from standard input, or is asked for without echo: it may hold a
 * key. */
static enum rdv_err take_uri(struct tool *t, struct rdv_uri *where)
{
    struct rdv_buf line = RDV_BUF(RDV_URI_MAX);
    const char *operand = t->argc > 0 ? t->argv[0] : NULL;
    enum rdv_err err;

    rdv_uri_wipe(where);
    if (operand != NULL && strcmp(operand, "-") != 0)
        return strstr(operand, "://") != NULL
                       ? tool_where(t, where)
                       : tool_why(t, RDV_ERR_USAGE, "a way to a card is shellS://SEN@HOST:PORT/");
    if ((err = operand != NULL ? tool_read_input(t, &line, tool_next(t))
                               : tool_prompt(&line, "URI (it is not shown): ", &t->why)) == RDV_OK)
        err = parse_uri(t, where, rdv_buf_view(&line));
    rdv_buf_free(&line);
    return err;
}

static enum rdv_err describe(struct tool *t, struct tool_profile *p, const struct rdv_uri *where,
                             const char *name)
{
    const bool six = strchr(where->host, ':') != NULL;

    if (where->host[0] == '\0')
        return tool_why(t, RDV_ERR_USAGE, "where is the card? --at HOST:PORT");
    *p = (struct tool_profile){ .name = "" };
    memcpy(p->name, name, strlen(name) + 1); /* its length was checked */
    memcpy(p->sen, where->sen, sizeof(p->sen));
    memcpy(p->identity, where->identity, sizeof(p->identity));
    if ((size_t)snprintf(p->address, sizeof(p->address), "%s%s%s:%u", six ? "[" : "", where->host,
                         six ? "]" : "", (unsigned)where->port) >= sizeof(p->address))
        return RDV_ERR_LIMIT;
    return RDV_OK;
}

/* Where the profile's key is: a file of the user's, or one of its own beside the configuration. */
static enum rdv_err place_key(struct tool *t, struct tool_profile *p, struct rdv_uri *where,
                              bool *ours)
{
    const bool given = where->has_psk || t->options.psk_fd != NULL || t->options.ask;
    char *path;
    int n;
    enum rdv_err err;

    *ours = given && t->options.psk_file == NULL;
    if ((given || t->options.psk_file != NULL) && (err = tool_take_key(t, where)) != RDV_OK)
        return err;
    if (*ours) {
        n = snprintf(p->psk_file, sizeof(p->psk_file), "%s.psk", p->name);
    } else if (t->options.psk_file != NULL) {
        if ((path = realpath(t->options.psk_file, NULL)) == NULL)
            return tool_why(t, RDV_ERR_IO, "%s: %s", t->options.psk_file, strerror(errno));
        n = snprintf(p->psk_file, sizeof(p->psk_file), "%s", path);
        free(path);
    } else {
        return RDV_OK;
    }
    return n >= 0 && (size_t)n < sizeof(p->psk_file)
                   ? RDV_OK
                   : tool_why(t, RDV_ERR_LIMIT, "the path of the key is too long");
}

/* Asks the card for its own key, which it must have; --pin. */
static enum rdv_err learn_card_key(struct tool *t, struct tool_profile *p,
                                   const struct rdv_uri *where)
{
    struct rdv_client *c = NULL;
    struct rdv_answer a;
    const uint8_t *bytes;
    size_t n;
    enum rdv_err err;

    if ((err = tool_connect(t, &c, where, RDV_REQUESTS)) != RDV_OK)
        return err;
    if ((err = rdv_client_call(c, "identity", NULL, &a)) != RDV_OK)
        (void)tool_why(t, err, "%s", rdv_client_why(c));
    else if (!rdv_value_bytes(rdv_value_in(a.result, "public"), &bytes, &n) ||
             n != TOOL_CARD_KEY_BYTES)
        err = tool_why(t, RDV_ERR_FORMAT, "the card's key is not one");
    else
        rdv_hex_encode(p->card_key, (struct rdv_span){ bytes, n });
    if (err == RDV_OK)
        err = tool_pin_check(t, c, RDV_REQUESTS, p->card_key);
    rdv_client_close(c);
    return err;
}

/* The key first: a profile must not name one that is not there. */
static enum rdv_err write_profile(struct tool *t, struct config *c, const struct tool_profile *p,
                                  const struct rdv_uri *where, bool ours)
{
    struct rdv_buf text = RDV_BUF(TOOL_CONFIG_MAX);
    struct rdv_key key = { 0 };
    char path[PATH_MAX] = "";
    enum rdv_err err;

    if ((err = tool_profiles_add(&text, rdv_buf_view(&c->text), p, t->options.as_default,
                                 &t->why)) == RDV_OK &&
        ours && (err = tool_path_beside(path, c->path, p->psk_file)) == RDV_OK) {
        memcpy(key.bytes, where->psk, sizeof(key.bytes));
        err = rdv_private_key_create(path, &key, &t->why);
    }
    if (err == RDV_OK &&
        (err = rdv_private_write(c->path, rdv_buf_view(&text), S_IRUSR | S_IWUSR, false,
                                 &t->why)) != RDV_OK &&
        ours)
        (void)unlink(path);
    rdv_key_wipe(&key);
    rdv_buf_free(&text);
    return err;
}

static enum rdv_err add(struct tool *t, struct config *c, const char *name)
{
    struct tool_profile profile = { .name = "" };
    struct rdv_uri where;
    bool ours = false;
    enum rdv_err err;

    if (!tool_profile_name_is_valid(name))
        return tool_why(t, RDV_ERR_USAGE, "\"%.40s\" is not a name for a profile",
                        rdv_quote(rdv_span_of(name)).text);
    if ((err = take_uri(t, &where)) == RDV_OK && (err = tool_no_more(t)) == RDV_OK &&
        (err = describe(t, &profile, &where, name)) == RDV_OK &&
        (err = place_key(t, &profile, &where, &ours)) == RDV_OK && t->options.pin)
        err = learn_card_key(t, &profile, &where);
    if (err == RDV_OK && (err = lock_config(t, c)) == RDV_OK &&
        (err = read_config(t, c)) == RDV_OK) {
        if (tool_profile_named(&c->all, name) != NULL)
            err = tool_why(t, RDV_ERR_EXISTS, "there is a profile %s already", name);
        else
            err = write_profile(t, c, &profile, &where, ours);
    }
    if (t->options.as_default)
        memcpy(c->all.fallback, profile.name, sizeof(profile.name));
    if (err == RDV_OK && t->options.json)
        show(t, c, &profile);
    rdv_uri_wipe(&where);
    return err;
}

/* --- remove ----------------------------------------------------------------------------------- */

/* A key file that `add` has made goes with its profile; no other does. */
static enum rdv_err drop(struct tool *t, struct config *c, const struct tool_profile *p)
{
    struct rdv_buf text = RDV_BUF(TOOL_CONFIG_MAX);
    char own[TOOL_PROFILE_NAME + 8], path[PATH_MAX];
    const bool is_fallback = strcmp(p->name, c->all.fallback) == 0;
    enum rdv_err err;

    (void)snprintf(own, sizeof(own), "%s.psk", p->name);
    if ((err = tool_profiles_remove(&text, rdv_buf_view(&c->text), p->name, is_fallback,
                                    &t->why)) == RDV_OK &&
        (err = tool_path_beside(path, c->path, own)) == RDV_OK &&
        (err = rdv_private_write(c->path, rdv_buf_view(&text), S_IRUSR | S_IWUSR, false,
                                 &t->why)) == RDV_OK &&
        strcmp(p->psk_file, own) == 0 && unlink(path) != 0 && errno != ENOENT)
        err = tool_why(t, RDV_ERR_IO, "%s: %s", path, strerror(errno));
    rdv_buf_free(&text);
    return err;
}

/* --- the command ------------------------------------------------------------------------------ */

/* Of a profile that must be there. */
static enum rdv_err with_named(struct tool *t, struct config *c, const char *verb, const char *name)
{
    const struct tool_profile *p;
    enum rdv_err err;

    if ((err = tool_no_more(t)) != RDV_OK ||
        (strcmp(verb, "remove") == 0 && (err = lock_config(t, c)) != RDV_OK) ||
        (err = read_config(t, c)) != RDV_OK)
        return err;
    if ((p = tool_profile_named(&c->all, name)) == NULL)
        return tool_why(t, RDV_ERR_ABSENT, "no profile \"%s\" in %s",
                        rdv_quote(rdv_span_of(name)).text, c->path);
    if (strcmp(verb, "remove") == 0)
        err = drop(t, c, p);
    if (err == RDV_OK && (t->options.json || strcmp(verb, "show") == 0))
        show(t, c, p);
    return err;
}

static enum rdv_err run(struct tool *t, struct config *c, const char *verb)
{
    const char *name;
    enum rdv_err err;

    if (strcmp(verb, "list") == 0) {
        if ((err = tool_no_more(t)) == RDV_OK && (err = read_config(t, c)) == RDV_OK)
            list(t, c);
        return err;
    }
    if (strcmp(verb, "add") != 0 && strcmp(verb, "show") != 0 && strcmp(verb, "remove") != 0)
        return tool_why(t, RDV_ERR_USAGE, "no verb \"%.40s\": rdv help profile lists them", verb);
    if ((name = tool_next(t)) == NULL)
        return tool_why(t, RDV_ERR_USAGE, "which profile?");
    if (name[0] == '@') /* as in WHERE */
        name++;
    return strcmp(verb, "add") == 0 ? add(t, c, name) : with_named(t, c, verb, name);
}

TOOL_COMMAND(profile)
{
    struct config c = { .text = RDV_BUF(TOOL_CONFIG_MAX), .lock = -1 };
    const char *verb = tool_next(t);
    enum rdv_err err;

    if (verb == NULL)
        return tool_why(t, RDV_ERR_USAGE, "what about it? rdv help profile lists the verbs");
    if ((err = tool_config_path(c.path, t->options.config, &t->why)) == RDV_OK)
        err = run(t, &c, verb);
    close_config(&c);
    return err;
}
