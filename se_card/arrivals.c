/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/arrivals.h"

void se_arrivals_add(struct se_arrivals *a, int64_t account, struct rdv_span address)
{
    if (a->n == SE_ARRIVALS_MAX)
        return;
    a->at[a->n].account = account;
    se_guard_host(a->at[a->n].host, address);
    a->n++;
}

enum rdv_err se_arrivals_write(struct se_arrivals *a, struct se_store *store, int64_t now)
{
    const size_t n = a->n;
    enum rdv_err err = RDV_OK;

    a->n = 0;
    for (size_t i = 0; i < n && err == RDV_OK; i++)
        err = se_store_address_add(store, a->at[i].account, a->at[i].host, now, SE_ADDRESSES_MAX);
    return err;
}
