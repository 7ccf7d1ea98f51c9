/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the log, and where its chains stand. */
#include <string.h>

#include "se_card/store_sqlite.h"

enum rdv_err se_store_chain_get(struct se_store *st, struct se_chain *out, unsigned chain)
{
    sqlite3_stmt *s = se_sql_use(st, chain == SE_CHAIN_CARD ? SQL_CHAIN_GET_CARD : SQL_CHAIN_GET);
    enum rdv_err err;

    *out = (struct se_chain){ 0 };
    if (chain != SE_CHAIN_CARD)
        (void)sqlite3_bind_int64(s, 1, chain);
    if ((err = se_sql_first_row(st, s)) == RDV_OK) {
        const struct rdv_span hash = se_sql_blob(s, 2);

        out->n = sqlite3_column_int64(s, 0);
        out->seq = sqlite3_column_int64(s, 1);
        if (hash.n == sizeof(out->hash)) /* if not, it is found to be another one (chain.h) */
            memcpy(out->hash, hash.p, sizeof(out->hash));
    }
    se_sql_finish(st);
    return err == RDV_ERR_ABSENT ? RDV_OK : err; /* nothing was ever written to it */
}

enum rdv_err se_store_chain_put(struct se_store *st, unsigned chain, const struct se_chain *in)
{
    sqlite3_stmt *s = se_sql_use(st, chain == SE_CHAIN_CARD ? SQL_CHAIN_PUT_CARD : SQL_CHAIN_PUT);

    (void)sqlite3_bind_int64(s, 1, in->n);
    (void)sqlite3_bind_int64(s, 2, in->seq);
    se_sql_bind_blob(s, 3, (struct rdv_span){ in->hash, sizeof(in->hash) });
    if (chain != SE_CHAIN_CARD)
        (void)sqlite3_bind_int64(s, 4, chain);
    return se_sql_run(st, s);
}

enum rdv_err se_store_log_add(struct se_store *st, const struct se_log_line *in,
                              struct rdv_span sealed)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_LOG_ADD);
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, in->seq);
    (void)sqlite3_bind_int64(s, 2, in->chain);
    (void)sqlite3_bind_int64(s, 3, in->n);
    (void)sqlite3_bind_int64(s, 4, in->time);
    (void)sqlite3_bind_int64(s, 5, in->author);
    (void)sqlite3_bind_int64(s, 6, (int64_t)sealed.n);
    if ((err = se_sql_run(st, s)) != RDV_OK)
        return err;
    s = se_sql_use(st, SQL_ENVELOPE_ADD);
    (void)sqlite3_bind_int64(s, 1, in->seq);
    se_sql_bind_blob(s, 2, sealed);
    return se_sql_run(st, s);
}

enum rdv_err se_store_log_lines(struct se_store *st, struct se_log_line *out, size_t *n,
                                int64_t seq)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_LOG_FROM);
    const size_t most = *n;
    enum rdv_err err;

    (void)sqlite3_bind_int64(s, 1, seq);
    (void)sqlite3_bind_int64(s, 2, (int64_t)most);
    err = se_sql_first_row(st, s);
    for (*n = 0; err == RDV_OK && *n < most; err = se_sql_next_row(st, s))
        out[(*n)++] = (struct se_log_line){
            .seq = sqlite3_column_int64(s, 0),
            .chain = (unsigned)sqlite3_column_int(s, 1),
            .n = sqlite3_column_int64(s, 2),
            .time = sqlite3_column_int64(s, 3),
            .author = sqlite3_column_int64(s, 4),
            .bytes = sqlite3_column_int64(s, 5),
        };
    se_sql_finish(st);
    return err == RDV_ERR_ABSENT ? RDV_OK : err;
}

enum rdv_err se_store_log_from(struct se_store *st, struct se_log_line *out, int64_t seq)
{
    size_t n = 1;
    enum rdv_err err;

    *out = (struct se_log_line){ 0 };
    if ((err = se_store_log_lines(st, out, &n, seq)) != RDV_OK)
        return err;
    return n == 1 ? RDV_OK : RDV_ERR_ABSENT;
}

enum rdv_err se_store_log_envelope(struct se_store *st, struct rdv_span *sealed, int64_t seq)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_ENVELOPE_GET);
    enum rdv_err err;

    *sealed = (struct rdv_span){ NULL, 0 };
    (void)sqlite3_bind_int64(s, 1, seq);
    if ((err = se_sql_first_row(st, s)) == RDV_OK)
        *sealed = se_sql_blob(s, 0);
    return err;
}

enum rdv_err se_store_log_drop(struct se_store *st, int64_t from, int64_t to)
{
    static const enum se_sql both[] = { SQL_LOG_DROP, SQL_ENVELOPE_DROP };
    enum rdv_err err = RDV_OK;

    for (size_t i = 0; i < 2 && err == RDV_OK; i++) {
        sqlite3_stmt *s = se_sql_use(st, both[i]);

        (void)sqlite3_bind_int64(s, 1, from);
        (void)sqlite3_bind_int64(s, 2, to);
        err = se_sql_run(st, s);
    }
    return err;
}

/* --- consumers -------------------------------------------------------------------------------- */

enum rdv_err se_store_consumer_from(struct se_store *st, struct se_consumer *out,
                                    struct rdv_span from)
{
    sqlite3_stmt *s = se_sql_use(st, SQL_CONSUMER_FROM);
    enum rdv_err err;

    *out = (struct se_consumer){ .name = "" };
    se_sql_bind_span(s, 1, from);
    if ((err = se_sql_first_row(st, s)) == RDV_OK &&
        (err = se_sql_text(out->name, sizeof(out->name), s, 0)) == RDV_OK) {
        out->account = sqlite3_column_int64(s, 1);
        out->seq = sqlite3_column_int64(s, 2);
        out->moved = sqlite3_column_int64(s, 3);
    }
    se_sql_finish(st);
    return err;
}

static enum rdv_err run_for_consumer(struct se_store *st, enum se_sql which,
                                     const struct se_consumer *in)
{
    sqlite3_stmt *s = se_sql_use(st, which);

    se_sql_bind_text(s, 1, in->name);
    if (which == SQL_CONSUMER_ADD)
        (void)sqlite3_bind_int64(s, 2, in->account);
    if (which != SQL_CONSUMER_DROP) {
        (void)sqlite3_bind_int64(s, 3, in->seq);
        (void)sqlite3_bind_int64(s, 4, in->moved);
    }
    return se_sql_run(st, s);
}

enum rdv_err se_store_consumer_add(struct se_store *st, const struct se_consumer *in)
{
    return run_for_consumer(st, SQL_CONSUMER_ADD, in);
}

enum rdv_err se_store_consumer_move(struct se_store *st, const struct se_consumer *in)
{
    return run_for_consumer(st, SQL_CONSUMER_MOVE, in);
}

enum rdv_err se_store_consumer_drop(struct se_store *st, const struct se_consumer *in)
{
    return run_for_consumer(st, SQL_CONSUMER_DROP, in);
}
