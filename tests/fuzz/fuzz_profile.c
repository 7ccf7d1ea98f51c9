/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Target functions: tool_profiles_parse tool_profiles_add tool_profiles_remove */
#include "guest_tools/rdv/profile.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static const struct tool_profile fresh = { .name = "fuzz0",
                                           .address = "[::1]:77",
                                           .sen = "key1.com",
                                           .identity = "a b",
                                           .psk_file = "fuzz0.psk" };

static bool same(const struct tool_profile *a, const struct tool_profile *b)
{
    return strcmp(a->address, b->address) == 0 && strcmp(a->sen, b->sen) == 0 &&
           strcmp(a->identity, b->identity) == 0 && strcmp(a->psk_file, b->psk_file) == 0 &&
           strcmp(a->card_key, b->card_key) == 0;
}

/* All profiles of `before`, but the one left out, are in the text as they were; and no other but
 * `added`. */
static void check_text(const struct tool_profiles *before, struct rdv_span text,
                       const char *left_out, const struct tool_profile *added, const char *fallback)
{
    struct tool_profiles after;
    struct rdv_why why = { "" };
    size_t n = added == NULL ? 0 : 1;

    RDV_INVARIANT(tool_profiles_parse(&after, text, "f", &why) == RDV_OK);
    RDV_INVARIANT(strcmp(after.fallback, fallback) == 0);
    for (size_t i = 0; i < before->n; i++) {
        const struct tool_profile *p = &before->list[i];
        const struct tool_profile *found = tool_profile_named(&after, p->name);

        if (left_out != NULL && strcmp(p->name, left_out) == 0) {
            RDV_INVARIANT(found == NULL);
            continue;
        }
        RDV_INVARIANT(found != NULL && same(found, p));
        n++;
    }
    RDV_INVARIANT(after.n == n);
    if (added != NULL) {
        const struct tool_profile *found = tool_profile_named(&after, added->name);

        RDV_INVARIANT(found != NULL && same(found, added));
    }
    tool_profiles_free(&after);
}

static void add_one(const struct tool_profiles *all, struct rdv_span text, bool as_default)
{
    struct rdv_buf out = RDV_BUF(TOOL_CONFIG_MAX);
    struct rdv_why why = { "" };

    if (tool_profile_named(all, fresh.name) == NULL &&
        tool_profiles_add(&out, text, &fresh, as_default, &why) == RDV_OK)
        check_text(all, rdv_buf_view(&out), NULL, &fresh, as_default ? fresh.name : all->fallback);
    rdv_buf_free(&out);
}

static void remove_each(const struct tool_profiles *all, struct rdv_span text)
{
    for (size_t i = 0; i < all->n && i < 4; i++) {
        const char *name = all->list[i].name;
        const bool is_fallback = strcmp(name, all->fallback) == 0;
        struct rdv_buf out = RDV_BUF(TOOL_CONFIG_MAX);
        struct rdv_why why = { "" };

        RDV_INVARIANT(tool_profiles_remove(&out, text, name, is_fallback, &why) == RDV_OK);
        check_text(all, rdv_buf_view(&out), name, NULL, is_fallback ? "" : all->fallback);
        rdv_buf_free(&out);
    }
}

/* What is refused says why. What is taken can be changed, and all else says what it has said. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rdv_span text = { data, size };
    struct tool_profiles all;
    struct rdv_why why = { "" };

    if (size > TOOL_CONFIG_MAX)
        return 0;
    if (tool_profiles_parse(&all, text, "f", &why) != RDV_OK) {
        RDV_INVARIANT(why.text[0] != '\0' && all.n == 0 && all.list == NULL);
        return 0;
    }
    add_one(&all, text, false);
    add_one(&all, text, true);
    remove_each(&all, text);
    tool_profiles_free(&all);
    return 0;
}
