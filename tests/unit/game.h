/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A game of random commands, and the model that says what must come of each. It shares no code with
 * the card: rules are those of rules.h, the rest is said here once more.
 */
#ifndef RDV_TESTS_UNIT_GAME_H
#define RDV_TESTS_UNIT_GAME_H

#include "base/err.h"
#include "tests/unit/rules.h"

#define GAME_PLAYERS 9 /* root is the first */
#define GAME_GUESTS 4  /* that come and go, and never log in */
#define GAME_CONTENT_MAX 40

/* A plain value: a group that is rolled back puts the old one back. */
struct game {
    struct game_player {
        char name[8];
        struct rule_account rule;
    } players[GAME_PLAYERS];
    struct {
        bool there, has_psk;
    } guests[GAME_GUESTS + 1]; /* the last is "guest", which root has unless it chooses another */
    int selected;              /* which of them ?A0 ?A1 ?A5 ?A8 are about; -1: one that is gone */
    struct {
        size_t n;
        char bytes[GAME_CONTENT_MAX];
    } records[256];
    bool read_only;
    int64_t now; /* seconds since 1970 */
};

/* What a player says, and what comes of it. */
struct game_say {
    char line[900];
    bool is_word;       /* a command in words, which programs know too: */
    char request[1200]; /* the same for them, in the notation of RFC 8949 section 8 */
    unsigned slot;
    enum rdv_err want;
    char fault[64]; /* how the card begins to say why not */
    bool anything;  /* the rules allow it, and no more is known */
};

/* The players g1 to g8 as `guest add` makes them, in a card in demo mode. */
void game_begin(struct game *g);

unsigned game_dice(uint32_t *chance, unsigned sides);

/* One player says one command, of which *say tells; the model changes with it. */
void game_play(struct game *g, struct game_say *say, uint32_t *chance, unsigned who,
               const struct rule *rule);

#endif
