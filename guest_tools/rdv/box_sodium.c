/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/box.h"

#include <sodium.h>

_Static_assert(TOOL_BOX_OVERHEAD == crypto_box_SEALBYTES, "a box is longer than its content");
_Static_assert(TOOL_BOX_PUBLIC_BYTES == crypto_box_PUBLICKEYBYTES, "size of a public key");
_Static_assert(RDV_KEY_BYTES == crypto_box_SECRETKEYBYTES, "size of a secret key");

/* It may be called again and again; it fails where the kernel has no random numbers. */
static void start_library(void)
{
    RDV_INVARIANT(sodium_init() >= 0);
}

enum rdv_err tool_box_public(uint8_t out[TOOL_BOX_PUBLIC_BYTES], const struct rdv_key *secret)
{
    start_library();
    return crypto_scalarmult_base(out, secret->bytes) == 0 ? RDV_OK : RDV_ERR_WEAK;
}

enum rdv_err tool_box_seal(struct rdv_buf *out, struct rdv_span plain,
                           const uint8_t reader[TOOL_BOX_PUBLIC_BYTES])
{
    uint8_t *room;
    enum rdv_err err;

    start_library();
    if (plain.n > TOOL_BOX_PLAIN_MAX)
        return RDV_ERR_LIMIT;
    if ((err = rdv_buf_room(out, &room, plain.n + TOOL_BOX_OVERHEAD)) != RDV_OK)
        return err;
    if (crypto_box_seal(room, plain.p, plain.n, reader) != 0)
        return RDV_ERR_WEAK;
    rdv_buf_grew(out, plain.n + TOOL_BOX_OVERHEAD);
    return RDV_OK;
}

enum rdv_err tool_box_open(struct rdv_buf *out, struct rdv_span box, const struct rdv_key *secret)
{
    uint8_t public[TOOL_BOX_PUBLIC_BYTES], *room;
    enum rdv_err err;

    if (box.n < TOOL_BOX_OVERHEAD)
        return RDV_ERR_SHORT;
    if (box.n > TOOL_BOX_MAX)
        return RDV_ERR_LIMIT;
    if ((err = tool_box_public(public, secret)) != RDV_OK ||
        (err = rdv_buf_room(out, &room, box.n - TOOL_BOX_OVERHEAD)) != RDV_OK)
        return err;
    if (crypto_box_seal_open(room, box.p, box.n, public, secret->bytes) != 0)
        return RDV_ERR_AUTH;
    rdv_buf_grew(out, box.n - TOOL_BOX_OVERHEAD);
    return RDV_OK;
}
