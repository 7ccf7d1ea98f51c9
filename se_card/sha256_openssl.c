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

void se_sha256_finish(struct se_sha256_state *s, uint8_t digest[4 * SE_SHA256_WORDS])
{
    SHA256_CTX ctx;

    put(&ctx, s);
    RDV_INVARIANT(SHA256_Final(digest, &ctx) == 1); /* which wipes what it has of the data */
    rdv_wipe(&ctx, sizeof(ctx));
    se_sha256_start(s);
}
