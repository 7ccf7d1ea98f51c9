/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/sha256.h"

#include <string.h>

/* These are the functions that let a state be put in and taken out. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/invariant.h"
#include "base/secret.h"

static void put(SHA256_CTX *ctx, const struct se_sha256_state *s)
{
    RDV_INVARIANT(SHA256_Init(ctx) == 1);
    memcpy(ctx->h, s->h, sizeof(s->h));
    ctx->Nl = (SHA_LONG)(s->n << 3); /* in bits */
    ctx->Nh = (SHA_LONG)(s->n >> 29);
    ctx->num = (unsigned)(s->n % SE_SHA256_BLOCK);
    memcpy(ctx->data, s->block, ctx->num);
}

void se_sha256_start(struct se_sha256_state *s)
{
    SHA256_CTX ctx;

    RDV_INVARIANT(SHA256_Init(&ctx) == 1);
    memset(s, 0, sizeof(*s));
    memcpy(s->h, ctx.h, sizeof(s->h));
}

void se_sha256_update(struct se_sha256_state *s, struct rdv_span bytes)
{
    SHA256_CTX ctx;

    put(&ctx, s);
    RDV_INVARIANT(SHA256_Update(&ctx, bytes.p, bytes.n) == 1);
    memcpy(s->h, ctx.h, sizeof(s->h));
    s->n += bytes.n;
    memcpy(s->block, ctx.data, ctx.num);
    rdv_wipe(&ctx, sizeof(ctx));
}

void se_sha256_finish(struct se_sha256_state *s, uint8_t digest[SE_SHA256_BYTES])
{
    SHA256_CTX ctx;

    put(&ctx, s);
    RDV_INVARIANT(SHA256_Final(digest, &ctx) == 1); /* which wipes what it has of the data */
    rdv_wipe(&ctx, sizeof(ctx));
    se_sha256_start(s);
}

/* --- HMAC ------------------------------------------------------------------------------------- */

static void feed(SHA256_CTX *ctx, struct rdv_span bytes)
{
    RDV_INVARIANT(bytes.n == 0 || SHA256_Update(ctx, bytes.p, bytes.n) == 1);
}

/* Begins with a block of the key, every byte changed by `with`. */
static void start_with_key(SHA256_CTX *ctx, struct rdv_span key, uint8_t with)
{
    uint8_t block[SE_SHA256_BLOCK];

    memset(block, with, sizeof(block));
    for (size_t i = 0; i < key.n; i++)
        block[i] ^= key.p[i];
    RDV_INVARIANT(SHA256_Init(ctx) == 1);
    feed(ctx, (struct rdv_span){ block, sizeof(block) });
    rdv_wipe(block, sizeof(block));
}

void se_sha256_hmac(uint8_t mac[SE_SHA256_BYTES], struct rdv_span key, const struct rdv_span *parts,
                    size_t n)
{
    uint8_t short_key[SE_SHA256_BYTES], inner[SE_SHA256_BYTES];
    SHA256_CTX ctx;

    if (key.n > SE_SHA256_BLOCK) {
        RDV_INVARIANT(SHA256_Init(&ctx) == 1);
        feed(&ctx, key);
        RDV_INVARIANT(SHA256_Final(short_key, &ctx) == 1);
        key = (struct rdv_span){ short_key, sizeof(short_key) };
    }
    start_with_key(&ctx, key, 0x36);
    for (size_t i = 0; i < n; i++)
        feed(&ctx, parts[i]);
    RDV_INVARIANT(SHA256_Final(inner, &ctx) == 1);
    start_with_key(&ctx, key, 0x5c);
    feed(&ctx, (struct rdv_span){ inner, sizeof(inner) });
    RDV_INVARIANT(SHA256_Final(mac, &ctx) == 1);
    rdv_wipe(short_key, sizeof(short_key));
    rdv_wipe(inner, sizeof(inner));
    rdv_wipe(&ctx, sizeof(ctx));
}
