/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/seal.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "se_card/aead.h"

#define NONCE_BYTES SE_AEAD_NONCE_BYTES
#define PREFIX_BYTES 8
#define AAD_MAX 80

struct se_seal {
    struct se_aead *aead;
    uint8_t prefix[PREFIX_BYTES];
    uint32_t counter; /* of the next nonce; at 0 a new prefix is drawn first */
};

enum rdv_err se_seal_new(struct se_seal **out, const struct rdv_key *key)
{
    struct se_seal *seal;
    enum rdv_err err;

    *out = NULL;
    if ((seal = calloc(1, sizeof(*seal))) == NULL)
        return RDV_ERR_NOMEM;
    if ((err = se_aead_new(&seal->aead, SE_AES_256_GCM,
                           (struct rdv_span){ key->bytes, RDV_KEY_BYTES })) != RDV_OK) {
        se_seal_free(seal);
        return err;
    }
    se_aead_keep(seal->aead);
    *out = seal;
    return RDV_OK;
}

void se_seal_free(struct se_seal *seal)
{
    if (seal == NULL)
        return;
    se_aead_free(seal->aead);
    free(seal);
}

static size_t put_name(uint8_t *out, const char *name)
{
    const size_t n = strlen(name) + 1;

    RDV_INVARIANT(n <= (AAD_MAX - 8) / 2);
    memcpy(out, name, n);
    return n;
}

static size_t make_aad(uint8_t out[AAD_MAX], struct se_place place)
{
    size_t n = put_name(out, place.table);

    n += put_name(out + n, place.column);
    for (int shift = 56; shift >= 0; shift -= 8)
        out[n++] = (uint8_t)((uint64_t)place.row >> shift);
    return n;
}

static void next_nonce(struct se_seal *seal, uint8_t out[NONCE_BYTES])
{
    if (seal->counter == 0)
        rdv_random(seal->prefix, sizeof(seal->prefix));
    memcpy(out, seal->prefix, PREFIX_BYTES);
    for (size_t i = 0; i < 4; i++)
        out[PREFIX_BYTES + i] = (uint8_t)(seal->counter >> (24 - 8 * i));
    seal->counter++;
}

enum rdv_err se_seal_close(struct se_seal *seal, struct rdv_buf *out, struct se_place place,
                           struct rdv_span plain)
{
    uint8_t aad[AAD_MAX];
    const size_t aad_n = make_aad(aad, place);
    uint8_t *p;
    enum rdv_err err;

    if (plain.n > INT32_MAX)
        return RDV_ERR_LIMIT;
    if ((err = rdv_buf_room(out, &p, plain.n + SE_SEAL_OVERHEAD)) != RDV_OK)
        return err;
    next_nonce(seal, p);
    if ((err = se_aead_seal(seal->aead, p + NONCE_BYTES, p + NONCE_BYTES + plain.n, p,
                            (struct rdv_span){ aad, aad_n }, plain)) != RDV_OK)
        return err;
    rdv_buf_grew(out, plain.n + SE_SEAL_OVERHEAD);
    return RDV_OK;
}

/* Opens into n = sealed.n - SE_SEAL_OVERHEAD bytes at out, which are wiped on failure. */
static enum rdv_err open_into(struct se_seal *seal, uint8_t *out, size_t n, struct se_place place,
                              struct rdv_span sealed)
{
    uint8_t aad[AAD_MAX];
    const size_t aad_n = make_aad(aad, place);
    const enum rdv_err err = se_aead_open(seal->aead, out, sealed.p + NONCE_BYTES + n, sealed.p,
                                          (struct rdv_span){ aad, aad_n },
                                          (struct rdv_span){ sealed.p + NONCE_BYTES, n });

    return err == RDV_ERR_AUTH ? RDV_ERR_CORRUPT : err;
}

enum rdv_err se_seal_open(struct se_seal *seal, struct rdv_buf *out, struct se_place place,
                          struct rdv_span sealed)
{
    uint8_t *p;
    enum rdv_err err;

    if (sealed.n < SE_SEAL_OVERHEAD || sealed.n > INT32_MAX)
        return RDV_ERR_CORRUPT;
    if ((err = rdv_buf_room(out, &p, sealed.n - SE_SEAL_OVERHEAD)) != RDV_OK ||
        (err = open_into(seal, p, sealed.n - SE_SEAL_OVERHEAD, place, sealed)) != RDV_OK)
        return err;
    rdv_buf_grew(out, sealed.n - SE_SEAL_OVERHEAD);
    return RDV_OK;
}

enum rdv_err se_seal_open_key(struct se_seal *seal, struct rdv_key *out, struct se_place place,
                              struct rdv_span sealed)
{
    rdv_key_wipe(out);
    if (sealed.n != RDV_KEY_BYTES + SE_SEAL_OVERHEAD)
        return RDV_ERR_CORRUPT;
    return open_into(seal, out->bytes, RDV_KEY_BYTES, place, sealed);
}
