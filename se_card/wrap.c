/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/wrap.h"

#include <string.h>

#include "base/random.h"
#include "base/secret.h"
#include "se_card/aead.h"
#include "se_card/hash.h"

#define HEADER_OLDER 2
#define HEADER_OURS 7
#define NONCE_BYTES SE_AEAD_NONCE_BYTES
#define TAG_BYTES SE_AEAD_TAG_BYTES
#define KEY_BYTES 16
#define PREFIX_MAX (HEADER_OURS + NONCE_BYTES) /* what the tag covers besides the part */
#define LABEL "rdv wrap"

/* What there is to wrap: ranges of index and param, and how many bytes such a part has. */
static const struct {
    uint8_t first_index, last_index, first_param, last_param;
    uint16_t least, most;
} kinds[] = {
    { 0x00, 0x1f, 0x00, 0x00, 65, 65 },   { 0x00, 0x1f, 0x80, 0x80, 32, 32 },
    { 0x20, 0x2f, 0x00, 0x00, 256, 256 }, { 0x20, 0x2f, 0x01, 0x01, 1, 4 },
    { 0x20, 0x2f, 0x80, 0x84, 128, 128 }, { 0x30, 0x3f, 0x00, 0x00, 1, 64 },
};

/* --- header ----------------------------------------------------------------------------------- */

/* Whether there is such a part of n bytes; any number for n == 0. */
static bool is_part(const struct se_wrap_header *header, size_t n)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (header->index >= kinds[i].first_index && header->index <= kinds[i].last_index &&
            header->param >= kinds[i].first_param && header->param <= kinds[i].last_param)
            return n == 0 || (n >= kinds[i].least && n <= kinds[i].most);
    }
    return false;
}

static size_t header_bytes(const struct se_wrap_header *header)
{
    return header->older ? HEADER_OLDER : HEADER_OURS;
}

enum rdv_err se_wrap_header_get(struct se_wrap_header *out, struct rdv_span bytes)
{
    *out = (struct se_wrap_header){ .older = bytes.n == HEADER_OLDER };
    if (bytes.n != header_bytes(out))
        return RDV_ERR_RANGE;
    if (!out->older) {
        if (bytes.p[0] != 0)
            return RDV_ERR_RANGE;
        memcpy(out->id, bytes.p + 3, sizeof(out->id));
        bytes.p++;
    }
    out->index = bytes.p[0];
    out->param = bytes.p[1];
    return is_part(out, 0) ? RDV_OK : RDV_ERR_RANGE;
}

static void header_put(uint8_t *out, const struct se_wrap_header *header)
{
    if (!header->older) {
        *out++ = 0;
        memcpy(out + 2, header->id, sizeof(header->id));
    }
    out[0] = header->index;
    out[1] = header->param;
}

static bool reads_as(struct se_wrap_header *out, struct rdv_span blob, size_t header)
{
    const size_t overhead = header + NONCE_BYTES + TAG_BYTES;

    return blob.n > overhead &&
           se_wrap_header_get(out, (struct rdv_span){ blob.p, header }) == RDV_OK &&
           is_part(out, blob.n - overhead);
}

enum rdv_err se_wrap_peek(struct se_wrap_header *out, struct rdv_span blob)
{
    return reads_as(out, blob, HEADER_OURS) || reads_as(out, blob, HEADER_OLDER) ? RDV_OK
                                                                                 : RDV_ERR_RANGE;
}

/* --- blob ------------------------------------------------------------------------------------- */

/* The key of blobs with this header, which `bytes` shows. */
static enum rdv_err key_of(uint8_t key[KEY_BYTES], const struct se_wrap_header *header,
                           const uint8_t *bytes, struct rdv_span secret)
{
    uint8_t info[sizeof(LABEL) - 1 + HEADER_OURS];

    if (secret.n == 0 || (header->older && secret.n != KEY_BYTES))
        return RDV_ERR_RANGE;
    if (header->older) {
        memcpy(key, secret.p, KEY_BYTES);
        return RDV_OK;
    }
    memcpy(info, LABEL, sizeof(LABEL) - 1);
    memcpy(info + sizeof(LABEL) - 1, bytes, HEADER_OURS);
    se_hkdf_sha256(key, KEY_BYTES, secret, RDV_LIT(""), (struct rdv_span){ info, sizeof(info) });
    return RDV_OK;
}

static enum rdv_err prepare(struct se_aead **out, const struct se_wrap_header *header,
                            const uint8_t *bytes, struct rdv_span secret)
{
    uint8_t key[KEY_BYTES] = { 0 };
    enum rdv_err err;

    if ((err = key_of(key, header, bytes, secret)) == RDV_OK)
        err = se_aead_new(out, SE_AES_128_CCM, (struct rdv_span){ key, sizeof(key) });
    rdv_wipe(key, sizeof(key));
    return err;
}

enum rdv_err se_wrap_seal(struct rdv_buf *out, const struct se_wrap_header *header,
                          struct rdv_span secret, struct rdv_span part)
{
    const size_t prefix = header_bytes(header) + NONCE_BYTES;
    struct se_aead *aead = NULL;
    uint8_t bytes[PREFIX_MAX], *p;
    enum rdv_err err;

    if (part.n == 0 || !is_part(header, part.n))
        return RDV_ERR_RANGE;
    header_put(bytes, header);
    rdv_random(bytes + header_bytes(header), NONCE_BYTES);
    if ((err = prepare(&aead, header, bytes, secret)) != RDV_OK ||
        (err = rdv_buf_room(out, &p, prefix + part.n + TAG_BYTES)) != RDV_OK)
        goto out;
    memcpy(p, bytes, prefix);
    if ((err = se_aead_seal(aead, p + prefix, p + prefix + part.n, p + header_bytes(header),
                            (struct rdv_span){ p, prefix }, part)) == RDV_OK)
        rdv_buf_grew(out, prefix + part.n + TAG_BYTES);
out:
    se_aead_free(aead);
    return err;
}

enum rdv_err se_wrap_open(struct rdv_buf *out, struct se_wrap_header *header,
                          struct rdv_span secret, struct rdv_span blob)
{
    struct rdv_span prefix = blob, part;
    struct se_aead *aead = NULL;
    uint8_t *p;
    enum rdv_err err;

    if ((err = se_wrap_peek(header, blob)) != RDV_OK)
        return err;
    prefix.n = header_bytes(header) + NONCE_BYTES;
    part = (struct rdv_span){ blob.p + prefix.n, blob.n - prefix.n - TAG_BYTES };
    if ((err = prepare(&aead, header, blob.p, secret)) != RDV_OK ||
        (err = rdv_buf_room(out, &p, part.n)) != RDV_OK)
        goto out;
    if ((err = se_aead_open(aead, p, part.p + part.n, blob.p + header_bytes(header), prefix,
                            part)) == RDV_OK)
        rdv_buf_grew(out, part.n);
out:
    se_aead_free(aead);
    return err;
}
