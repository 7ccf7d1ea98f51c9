/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/game.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

#define DEMO "0102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20"

/* One turn. */
struct turn {
    struct game *g;
    struct game_say *say;
    uint32_t *chance;
    struct rule_account *me;
    const char *name; /* of the command */
    bool runs;        /* the rules allow it, so that the model changes too */
};

unsigned game_dice(uint32_t *chance, unsigned sides)
{
    return t_random(chance) % sides;
}

static unsigned dice(const struct turn *t, unsigned sides)
{
    return game_dice(t->chance, sides);
}

/* --- writing a line and its request ----------------------------------------------------------- */

__attribute__((format(printf, 3, 0))) static void append(char *to, size_t size, const char *format,
                                                         va_list ap)
{
    const size_t n = strlen(to);

    (void)vsnprintf(to + n, size - n, format, ap);
}

__attribute__((format(printf, 2, 3))) static void line(struct turn *t, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    append(t->say->line, sizeof(t->say->line), format, ap);
    va_end(ap);
}

/* Parameters begin with their comma, which the first one does without. */
__attribute__((format(printf, 2, 3))) static void request(struct turn *t, const char *format, ...)
{
    const size_t n = strlen(t->say->request);
    va_list ap;

    if (n > 0 && t->say->request[n - 1] == '{' && format[0] == ',')
        format++;
    va_start(ap, format);
    append(t->say->request, sizeof(t->say->request), format, ap);
    va_end(ap);
}

static void name(struct turn *t, const char *value)
{
    line(t, " %s", value);
    request(t, ", \"name\": \"%s\"", value);
}

static void guest_name(struct turn *t, unsigned n)
{
    char value[8];

    (void)snprintf(value, sizeof(value), "t%u", n);
    name(t, value);
}

static void value(struct turn *t, const char *key, const char *text)
{
    line(t, " %s=%s", key, text);
    request(t, ", \"%s\": \"%s\"", key, text);
}

static void number(struct turn *t, const char *key, int64_t n)
{
    line(t, " %s=%lld", key, (long long)n);
    request(t, ", \"%s\": %lld", key, (long long)n);
}

/* An item of a list; the first begins it, and end_list ends it. */
static void item(struct turn *t, const char *key, bool *first, const char *text)
{
    if (*first) {
        line(t, " %s=%s", key, text);
        request(t, ", \"%s\": [\"%s\"", key, text);
    } else {
        line(t, ",%s", text);
        request(t, ", \"%s\"", text);
    }
    *first = false;
}

static void end_list(struct turn *t, const char *key, bool none)
{
    if (none)
        value(t, key, "none");
    else
        request(t, "]");
}

/* --- changing a player ------------------------------------------------------------------------ */

static void rights(struct turn *t, struct rule_account *a)
{
    bool first = true;

    for (unsigned i = 0; i < RULE_RIGHTS; i++) {
        if ((a->may[i] = dice(t, 2) == 0))
            item(t, "rights", &first, rule_rights[i]);
    }
    end_list(t, "rights", first);
}

static void records(struct turn *t, struct rule_account *a)
{
    const unsigned n = dice(t, 4);
    bool first = true;

    memset(a->records, 0, sizeof(a->records));
    for (unsigned i = 0; i < n; i++) {
        const unsigned low = dice(t, 0x30), high = low + dice(t, 0x18);
        char range[8];

        (void)snprintf(range, sizeof(range), "%02X-%02x", low & 0xff, high & 0xff);
        item(t, "records", &first, range);
        for (unsigned k = low; k <= high; k++)
            a->records[k] = true;
    }
    end_list(t, "records", first);
}

static void limit(struct turn *t, struct rule_account *a, const char *key, int64_t *most,
                  unsigned up_to)
{
    *most = dice(t, 3) == 0 ? -1 : (int64_t)dice(t, up_to);
    if (*most < 0)
        value(t, key, "none");
    else
        number(t, key, *most);
    a->posts = a->bytes = 0;
}

/* People say how long from now, programs when. */
static void moment(struct turn *t, const char *key, int64_t *out, const char *none)
{
    *out = dice(t, 2) == 0 ? -1 : t->g->now + 1 + (int64_t)dice(t, 600);
    if (*out < 0) {
        value(t, key, none);
        return;
    }
    line(t, " %s=%llds", key, (long long)(*out - t->g->now));
    request(t, ", \"%s\": %lld", key, (long long)*out);
}

static void guest_set(struct turn *t)
{
    struct game_player *p = &t->g->players[1 + dice(t, GAME_PLAYERS - 1)];
    struct rule_account a = p->rule;

    name(t, p->name);
    if (dice(t, 2) == 0)
        rights(t, &a);
    if (dice(t, 2) == 0)
        records(t, &a);
    if (dice(t, 2) == 0) {
        memset(a.keys, dice(t, 2) == 0, sizeof(a.keys));
        value(t, "keys", a.keys[0] ? "all" : "none");
    }
    if (dice(t, 8) == 0)
        moment(t, "not-before", &a.not_before, "now");
    if (dice(t, 8) == 0)
        moment(t, "expires", &a.expires, "never");
    if (dice(t, 3) == 0)
        limit(t, &a, "posts", &a.posts_max, 12);
    if (dice(t, 3) == 0)
        limit(t, &a, "quota", &a.quota, 200);
    if (a.expires >= 0 && a.not_before >= a.expires)
        t->say->want = RDV_ERR_RANGE;
    if (dice(t, 6) == 0) { /* found out when all the rest is done */
        line(t, " psk=FF");
        request(t, ", \"psk\": h'FF'");
        t->say->want = RDV_ERR_RANGE;
    }
    if (t->runs && t->say->want == RDV_OK)
        p->rule = a;
}

static void guest_enable(struct turn *t, bool enabled)
{
    struct game_player *p = &t->g->players[1 + dice(t, GAME_PLAYERS - 1)];

    name(t, p->name);
    if (t->runs)
        p->rule.enabled = enabled;
}

/* --- other guests ----------------------------------------------------------------------------- */

static void guest_add(struct turn *t, unsigned n)
{
    const bool taken = dice(t, 3) == 0; /* g1 is another account's identity */

    guest_name(t, n);
    if (taken) {
        line(t, " identities=x,g1");
        request(t, ", \"identities\": [\"x\", \"g1\"]");
    }
    t->say->want = taken || t->g->guests[n].there ? RDV_ERR_EXISTS : RDV_OK;
    if (t->runs && t->say->want == RDV_OK)
        t->g->guests[n].there = true;
}

/* A command about a guest that must be there. */
static bool about_guest(struct turn *t, unsigned n)
{
    guest_name(t, n);
    if (!t->g->guests[n].there)
        t->say->want = RDV_ERR_ABSENT;
    return t->runs && t->say->want == RDV_OK;
}

static void guest_delete(struct turn *t, unsigned n)
{
    if (!about_guest(t, n))
        return;
    t->g->guests[n].there = t->g->guests[n].has_psk = false;
    if (t->g->selected == (int)n)
        t->g->selected = -1;
}

static void guest_rotate(struct turn *t, unsigned n)
{
    (void)about_guest(t, n);
    line(t, " overlap=1d");
    request(t, ", \"overlap\": 86400");
    if (!t->g->guests[n].has_psk)
        t->say->want = RDV_ERR_ABSENT;
}

static void guest_select(struct turn *t, unsigned n)
{
    line(t, "t%u", n);
    if (!t->runs)
        return;
    t->g->guests[n].there = true;
    t->g->selected = (int)n;
}

/* About the guest chosen by ?06; true when it is there. */
static bool is_selected(struct turn *t)
{
    const bool there = t->g->selected >= 0 && t->g->guests[t->g->selected].there;

    if (!there)
        t->say->want = RDV_ERR_ABSENT;
    return there;
}

static void about_selected(struct turn *t, unsigned hex, int digits)
{
    line(t, "%0*X", digits, hex);
    (void)is_selected(t);
}

static void set_psk(struct turn *t)
{
    line(t, "%02X", 1 + dice(t, 255));
    for (unsigned i = 1; i < 32; i++)
        line(t, "%02X", dice(t, 256));
    if (t->me->root && is_selected(t) && t->runs)
        t->g->guests[t->g->selected].has_psk = true;
}

/* False when the command is none of these. */
static bool administration(struct turn *t)
{
    const unsigned n = dice(t, GAME_GUESTS);

    if (strcmp(t->name, "?05") == 0)
        line(t, "root-%u", dice(t, 3));
    else if (strcmp(t->name, "?06") == 0)
        guest_select(t, n);
    else if (strcmp(t->name, "?A0") == 0)
        set_psk(t);
    else if (strcmp(t->name, "?A1") == 0)
        t->say->want =
                is_selected(t) && t->g->guests[t->g->selected].has_psk ? RDV_OK : RDV_ERR_ABSENT;
    else if (strcmp(t->name, "?A5") == 0)
        about_selected(t, dice(t, 2) | (dice(t, 2) << 7), 2);
    else if (strcmp(t->name, "?A8") == 0)
        about_selected(t, dice(t, 6) << 8 | dice(t, 8), 4);
    else if (strcmp(t->name, "?AA") == 0)
        line(t, DEMO DEMO);
    else if (strcmp(t->name, "guest add") == 0)
        guest_add(t, n);
    else if (strcmp(t->name, "guest set") == 0)
        guest_set(t);
    else if (strcmp(t->name, "guest enable") == 0 || strcmp(t->name, "guest disable") == 0)
        guest_enable(t, t->name[6] == 'e');
    else if (strcmp(t->name, "guest delete") == 0)
        guest_delete(t, n);
    else if (strcmp(t->name, "guest rotate") == 0)
        guest_rotate(t, n);
    else if (strcmp(t->name, "guest show") == 0 || strcmp(t->name, "guest unlock") == 0)
        (void)about_guest(t, n);
    else
        return false;
    return true;
}

/* --- the rest --------------------------------------------------------------------------------- */

static void post(struct turn *t, size_t n)
{
    char bytes[GAME_CONTENT_MAX];
    const char *met;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)('a' + dice(t, 26));
    line(t, "%.*s", (int)n, bytes);
    if (!t->runs)
        return;
    if ((met = rule_post(t->me, n)) != NULL) {
        t->say->want = RDV_ERR_LIMIT;
        (void)snprintf(t->say->fault, sizeof(t->say->fault), "%s", met);
        return;
    }
    t->g->records[t->say->slot].n = n;
    memcpy(t->g->records[t->say->slot].bytes, bytes, n);
}

/* What names a key within the payload: the head of a blob, for ?34 with as much behind it as a
 * blob's public or only part has. */
static void blob(struct turn *t)
{
    const unsigned slot = t->say->slot;
    const unsigned part = slot < 0x10 ? 65 : slot < 0x30 ? 256 : 16;

    line(t, "00%02X0001020304", slot);
    for (unsigned i = 0; strcmp(t->name, "?34") == 0 && i < 12 + part + 16; i++)
        line(t, "00");
    t->say->anything = true;
}

static bool takes_nothing(const char *command)
{
    static const char *const plain[] = { "?00",         "?02",         "I",
                                         "help",        "whoami",      "info",
                                         "record list", "record show", "session list" };

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (strcmp(command, plain[i]) == 0)
            return true;
    }
    return false;
}

/* What stands behind a command's name and its slot, and what comes of it. */
static void payload(struct turn *t)
{
    if (takes_nothing(t->name) || administration(t))
        return;
    if (strcmp(t->name, "Z") == 0) {
        post(t, dice(t, GAME_CONTENT_MAX));
    } else if (strcmp(t->name, "record clear") == 0) {
        post(t, 0);
    } else if (strcmp(t->name, "?01") == 0 || strcmp(t->name, "?FF") == 0) {
        line(t, "C0FFEE");
    } else if (strcmp(t->name, "guest list") == 0) {
        value(t, "from", "g");
        number(t, "count", 3);
    } else if (strcmp(t->name, "record set") == 0) {
        number(t, "keep", 1 + (int64_t)dice(t, 9));
    } else if (strcmp(t->name, "session end") == 0) {
        line(t, " 999999");
        request(t, ", \"id\": 999999");
        t->say->want = RDV_ERR_ABSENT;
    } else if (strcmp(t->name, "audit") == 0) {
        line(t, " 1 1");
        request(t, ", \"from\": 1, \"count\": 1");
    } else if (strcmp(t->name, "restore accept") == 0 && !t->g->read_only) {
        t->say->want = RDV_ERR_STATE;
    } else { /* what no command takes: backups, and rows this file has not met */
        line(t, t->say->is_word ? " ~=~" : "~");
        request(t, ", \"~\": 1");
        t->say->anything = true;
    }
}

static void refuse(struct game_say *say, enum rdv_err err, const char *fault)
{
    say->want = err;
    say->anything = false;
    (void)snprintf(say->fault, sizeof(say->fault), "%s", fault);
}

void game_play(struct game *g, struct game_say *say, uint32_t *chance, unsigned who,
               const struct rule *rule)
{
    struct turn t = { g, say, chance, &g->players[who].rule, rule->command, false };
    const bool is_late = g->read_only && rule->effect != RULE_looks &&
                         strcmp(rule->command, "restore accept") != 0;
    char why[64];

    *say = (struct game_say){ .slot = rule_slot(rule, dice(&t, 0x48)) };
    say->is_word = t.name[0] != '?' && t.name[1] != '\0';
    rule_refusal(why, rule, t.me, say->slot);
    t.runs = why[0] == '\0' && !is_late;
    line(&t, say->is_word ? "!%s" : "%s", t.name);
    request(&t, "[1, \"%s\", {", t.name);
    if (t.name[0] != '?' && (rule->scope != RULE_none || !say->is_word))
        line(&t, say->is_word ? " %02x" : "%02X", say->slot);
    if (rule->scope != RULE_none)
        request(&t, ", \"%s\": %u", rule->scope == RULE_key ? "key" : "record", say->slot);
    if (rule->scope == RULE_key && t.name[0] == '?')
        blob(&t);
    else
        payload(&t);
    request(&t, "}]");
    if (why[0] != '\0')
        refuse(say, RDV_ERR_DENIED, why);
    else if (is_late)
        refuse(say, RDV_ERR_READONLY, "its database is an older copy");
}

void game_begin(struct game *g)
{
    memset(g, 0, sizeof(*g));
    for (unsigned i = 0; i < GAME_PLAYERS; i++) {
        g->players[i].rule = (struct rule_account){ .root = i == 0,
                                                    .enabled = true,
                                                    .not_before = -1,
                                                    .expires = -1,
                                                    .posts_max = -1,
                                                    .quota = -1 };
        if (i == 0)
            (void)snprintf(g->players[i].name, sizeof(g->players[i].name), "root");
        else
            (void)snprintf(g->players[i].name, sizeof(g->players[i].name), "g%u", i);
    }
    g->guests[GAME_GUESTS].there = g->guests[GAME_GUESTS].has_psk = true;
    g->selected = GAME_GUESTS;
}
