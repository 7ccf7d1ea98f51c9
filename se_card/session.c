/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/session.h"

#include "se_card/accounts.h"

void se_session_init(struct se_session *s, struct se_element *el, int64_t account)
{
    *s = (struct se_session){ .el = el, .account = account };
}

enum rdv_err se_session_refresh(struct se_session *s)
{
    enum rdv_err err;

    if (s->me_version != s->el->accounts_version) {
        err = se_accounts_get(s->el, &s->me, s->account);
        if (err != RDV_OK)
            return err == RDV_ERR_ABSENT ? RDV_ERR_DENIED : err;
        s->me_version = s->el->accounts_version;
    }
    return s->me.enabled ? RDV_OK : RDV_ERR_DENIED;
}
