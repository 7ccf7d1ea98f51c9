/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/chain.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "schema/wire/envelope.h"
#include "se_card/hash.h"
#include "se_card/log.h"

#define NOTE_BYTES (9 + 9 + 2 + SE_SHA256_BYTES)
#define NAME_MAX_BYTES 16

/* --- notes: n, seq, hash in CBOR, sealed ------------------------------------------------------ */

static struct se_place place_of(unsigned chain)
{
    return (struct se_place){ "own", "chain", chain };
}

static void name_of(char out[NAME_MAX_BYTES], unsigned chain)
{
    (void)snprintf(out, NAME_MAX_BYTES, "chain/%03X", chain);
}

static enum rdv_err put_note(struct rdv_buf *out, const struct se_chain *at)
{
    enum rdv_err err;

    if ((err = rdv_cbor_put_int(out, at->n)) != RDV_OK ||
        (err = rdv_cbor_put_int(out, at->seq)) != RDV_OK)
        return err;
    return rdv_cbor_put_bytes(out, (struct rdv_span){ at->hash, sizeof(at->hash) });
}

enum rdv_err se_chain_note(struct se_element *el, unsigned chain, const struct se_chain *at)
{
    struct rdv_buf note = RDV_BUF(NOTE_BYTES), sealed = RDV_BUF(NOTE_BYTES + SE_SEAL_OVERHEAD);
    char name[NAME_MAX_BYTES];
    enum rdv_err err;

    name_of(name, chain);
    if ((err = put_note(&note, at)) == RDV_OK &&
        (err = se_seal_close(el->seal, &sealed, place_of(chain), rdv_buf_view(&note))) == RDV_OK)
        err = se_store_own_put(el->store, name, rdv_buf_view(&sealed));
    rdv_buf_free(&note);
    rdv_buf_free(&sealed);
    return err;
}

/* The note must say just this. A chain that has none must not have one. */
static enum rdv_err compare_with_note(struct se_element *el, unsigned chain,
                                      const struct se_chain *at)
{
    struct rdv_buf want = RDV_BUF(NOTE_BYTES), note = RDV_BUF(NOTE_BYTES);
    char name[NAME_MAX_BYTES];
    struct rdv_span sealed;
    enum rdv_err err;

    name_of(name, chain);
    if ((err = se_store_own_get(el->store, &sealed, name)) == RDV_ERR_ABSENT) {
        err = at->n == 0 ? RDV_OK : RDV_ERR_CORRUPT;
    } else if (err == RDV_OK &&
               (err = se_seal_open(el->seal, &note, place_of(chain), sealed)) == RDV_OK &&
               (err = put_note(&want, at)) == RDV_OK &&
               !rdv_span_equal(rdv_buf_view(&want), rdv_buf_view(&note))) {
        err = RDV_ERR_CORRUPT;
    }
    rdv_buf_free(&want);
    rdv_buf_free(&note);
    return err;
}

/* --- the last entry --------------------------------------------------------------------------- */

static enum rdv_err compare_with_entry(struct se_element *el, unsigned chain,
                                       const struct se_chain *at)
{
    struct rdv_buf message = RDV_BUF(RDV_ENVELOPE_MAX);
    uint8_t hash[SE_SHA256_BYTES];
    struct se_log_line line;
    enum rdv_err err;

    if ((err = se_store_log_from(el->store, &line, at->seq)) == RDV_OK &&
        (err = se_log_envelope(el, &message, &line)) == RDV_OK) {
        se_sha256(hash, rdv_buf_view(&message));
        if (line.chain != chain || line.n != at->n || memcmp(hash, at->hash, sizeof(hash)) != 0)
            err = RDV_ERR_CORRUPT;
    }
    rdv_buf_free(&message);
    return err;
}

enum rdv_err se_chain_check(struct se_element *el, unsigned chain, const struct se_chain *at,
                            int64_t newest)
{
    static const uint8_t zeros[SE_SHA256_BYTES];
    enum rdv_err err = RDV_ERR_CORRUPT;

    if (at->n > 0 && at->seq > 0 && newest == at->seq)
        err = compare_with_entry(el, chain, at);
    else if ((at->n > 0 && newest < at->seq) || (at->n == 0 && at->seq == 0 && newest == 0 &&
                                                 memcmp(at->hash, zeros, sizeof(zeros)) == 0))
        err = compare_with_note(el, chain, at);
    if (err == RDV_ERR_CORRUPT && chain == SE_CHAIN_CARD)
        log_error("%s: the chain about the card does not end where its row says: nothing more is "
                  "signed in it",
                  el->sen);
    else if (err == RDV_ERR_CORRUPT)
        log_error("%s: the chain of record %02X does not end where its row says: nothing more is "
                  "signed in it",
                  el->sen, chain);
    return err;
}
