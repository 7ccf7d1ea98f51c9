/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of rules.def, and accounts as the documents describe them: what the card's own table
 * and rights are held against. */
#ifndef RDV_TESTS_UNIT_RULES_H
#define RDV_TESTS_UNIT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rule_scope {
    RULE_none,
    RULE_record,
    RULE_key,
};

enum rule_effect {
    RULE_looks,
    RULE_writes,
    RULE_admin,
};

struct rule {
    const char *command;
    const char *right; /* "none", "root", "write" */
    enum rule_scope scope;
    enum rule_effect effect;
};

/* NULL: the documents say nothing of it. */
const struct rule *rule_of(const char *command);
const struct rule *rules(size_t *n);

/* Rights an account can have, by name; `names[n]` for n below RULE_RIGHTS. */
#define RULE_RIGHTS 10
extern const char *const rule_rights[RULE_RIGHTS];

/* What decides about an account. Moments in seconds; -1: none. */
struct rule_account {
    bool root, enabled;
    bool may[RULE_RIGHTS];
    bool records[256], keys[256];
    int64_t not_before, expires;
    int64_t posts_max, posts, quota, bytes;
};

/* True while it may use the card at all. */
bool rule_admits(const struct rule_account *a, int64_t now);

/* The refusal of a command, as "right=write record=0A"; "" when the rule allows it. */
void rule_refusal(char out[64], const struct rule *rule, const struct rule_account *a,
                  unsigned slot);

/* A number that the command can be about, chosen by `chance`: any for records; of keys one of the
 * classes that its letter knows. */
unsigned rule_slot(const struct rule *rule, unsigned chance);

/* Counts a post of n bytes, and returns NULL; or names the limits it would pass. */
const char *rule_post(struct rule_account *a, size_t n);

#endif
