/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/rules.h"

#include <stdio.h>
#include <string.h>

static const struct rule all[] = {
#define RULE(command, right, scope, effect) { command, #right, RULE_##scope, RULE_##effect },
#include "tests/unit/rules.def"
#undef RULE
};

const char *const rule_rights[RULE_RIGHTS] = { "read",   "write",   "keygen", "sign", "secret",
                                               "export", "publish", "audit",  "rsa",  "echo" };

const struct rule *rules(size_t *n)
{
    *n = sizeof(all) / sizeof(all[0]);
    return all;
}

const struct rule *rule_of(const char *command)
{
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(all[i].command, command) == 0)
            return &all[i];
    }
    return NULL;
}

bool rule_admits(const struct rule_account *a, int64_t now)
{
    if (a->root)
        return true;
    return a->enabled && (a->not_before < 0 || a->not_before <= now) &&
           (a->expires < 0 || now < a->expires);
}

/* "read|publish": either. */
static bool names(const char *right, const char *one)
{
    const char *bar = strchr(right, '|');
    const size_t n = bar == NULL ? strlen(right) : (size_t)(bar - right);

    return (strlen(one) == n && memcmp(right, one, n) == 0) ||
           (bar != NULL && strcmp(bar + 1, one) == 0);
}

static bool has_right(const struct rule_account *a, const char *right)
{
    if (a->root || strcmp(right, "none") == 0)
        return true;
    for (size_t i = 0; i < RULE_RIGHTS; i++) {
        if (a->may[i] && names(right, rule_rights[i]))
            return true;
    }
    return false; /* what is left is root's */
}

void rule_refusal(char out[64], const struct rule *rule, const struct rule_account *a,
                  unsigned slot)
{
    out[0] = '\0';
    if (!has_right(a, rule->right))
        (void)snprintf(out, 64, "right=%s", rule->right);
    else if (!a->root && rule->scope == RULE_record && !a->records[slot])
        (void)snprintf(out, 64, "right=%s record=%02X", rule->right, slot);
    else if (!a->root && rule->scope == RULE_key && !a->keys[slot])
        (void)snprintf(out, 64, "right=%s key=%02X", rule->right, slot);
}

unsigned rule_slot(const struct rule *rule, unsigned chance)
{
    const char *c = rule->command;
    const bool is_letter = c[0] != '?' && c[1] == '\0';

    if (rule->scope != RULE_key)
        return chance % 256;
    if (is_letter && strchr("hHmAa", c[0]) != NULL)
        return 0x30 + chance % 8;
    if (is_letter && strchr("Ed", c[0]) != NULL)
        return 0x20 + chance % 16;
    if (is_letter && strchr("tTv", c[0]) != NULL)
        return 0x30 + chance % 16;
    if ((is_letter && strchr("bk", c[0]) != NULL) || chance % 3 == 0)
        return chance / 3 % 16;
    return 0x20 + chance / 3 % 32;
}

const char *rule_post(struct rule_account *a, size_t n)
{
    const bool posts = a->posts_max >= 0 && a->posts == a->posts_max;
    const bool quota = a->quota >= 0 && a->bytes + (int64_t)n > a->quota;

    if (posts || quota)
        return posts && quota ? "limit=posts,quota" : posts ? "limit=posts" : "limit=quota";
    if (a->posts_max < 0 && a->quota < 0)
        return NULL;
    a->posts++;
    a->bytes += (int64_t)n;
    return NULL;
}
