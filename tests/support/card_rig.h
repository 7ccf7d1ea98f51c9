/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A card in memory with a TLS client in front of it: what the worker does, without its loop. The
 * element's files are in a temporary directory.
 */
#ifndef RDV_TESTS_SUPPORT_CARD_RIG_H
#define RDV_TESTS_SUPPORT_CARD_RIG_H

#include "se_card/card.h"
#include "tests/support/tls_client.h"

/* A new element in demo mode, or not; its root key is then 32 times 0x42, put there by hand. */
struct t_element {
    const char *dir;
    struct se_element *el;
};

struct t_element t_element_new(bool demo);
void t_element_free(struct t_element *e);
/* Closes and opens it, as a restart does. */
void t_element_reopen(struct t_element *e);

struct t_rig {
    struct se_element *el;
    struct se_card *card;
    struct t_client *client;
    uint16_t sw;         /* of the last response */
    struct rdv_buf text; /* what the client has decrypted, not yet looked at */
};

/* Connects: handshake over extended APDUs. Look at t_client_is_open. */
void t_rig_open(struct t_rig *rig, struct se_element *el, const struct t_client_options *options);
void t_rig_close(struct t_rig *rig);

/* Gives the card one whole record, runs a turn if it wants one, and the client the response. */
void t_rig_record(struct t_rig *rig, struct rdv_span record);

/* Sends text as one record and returns all that came back, valid until the next call. */
struct rdv_span t_rig_say(struct t_rig *rig, const char *text);
struct rdv_span t_rig_say_bytes(struct t_rig *rig, struct rdv_span text);

/* The same for a program: sends the item written so (notation.h), and gives the answer written so,
 * each of them on a line when there are more. What is not CBOR shows as "?". */
#define T_PROGRAM "\5rdv/1" /* what it offers */
struct rdv_span t_rig_call(struct t_rig *rig, const char *request);
/* Items one behind the other, as such lines. */
void t_notation_of_all(struct rdv_buf *out, struct rdv_span items);

/* The same in two halves, so that several rigs can share a turn: ask, se_turn_run, hear. The text
 * must fit in one record. */
void t_rig_ask(struct t_rig *rig, const char *text);
/* The same for whole records of any kind. */
void t_rig_feed(struct t_rig *rig, struct rdv_span records);
struct rdv_span t_rig_hear(struct t_rig *rig);

#endif
