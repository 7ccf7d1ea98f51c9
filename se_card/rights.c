/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/rights.h"

#include <stddef.h>
#include <string.h>

static const struct {
    uint32_t right;
    const char *name;
} names[] = {
    { SE_RIGHT_READ, "read" },        { SE_RIGHT_WRITE, "write" },   { SE_RIGHT_KEYGEN, "keygen" },
    { SE_RIGHT_SIGN, "sign" },        { SE_RIGHT_SECRET, "secret" }, { SE_RIGHT_EXPORT, "export" },
    { SE_RIGHT_PUBLISH, "publish" },  { SE_RIGHT_AUDIT, "audit" },   { SE_RIGHT_RSA, "rsa" },
    { SE_RIGHT_ECHO, "echo" },        { SE_NEEDS_ROOT, "root" }, /* nobody can be given these */
    { SE_NEEDS_LOG, "read|publish" },
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))
#define N_RIGHTS (N_NAMES - 2)

const char *se_right_name(uint32_t right)
{
    for (size_t i = 0; i < N_NAMES; i++) {
        if (names[i].right == right)
            return names[i].name;
    }
    return "none";
}

static uint32_t right_named(struct rdv_span name)
{
    for (size_t i = 0; i < N_RIGHTS; i++) {
        if (rdv_span_is(name, names[i].name))
            return names[i].right;
    }
    return 0;
}

enum rdv_err se_rights_decode(uint32_t *out, struct rdv_span *bad, struct rdv_span text)
{
    uint32_t rights = 0;

    *out = 0;
    if (rdv_span_is(text, "none"))
        return RDV_OK;
    for (;;) {
        const uint8_t *comma = text.n == 0 ? NULL : memchr(text.p, ',', text.n);
        const size_t n = comma == NULL ? text.n : (size_t)(comma - text.p);
        const uint32_t right = right_named((struct rdv_span){ text.p, n });

        if (right == 0) {
            *bad = (struct rdv_span){ text.p, n };
            return RDV_ERR_ABSENT;
        }
        rights |= right;
        if (comma == NULL)
            break;
        text.p += n + 1;
        text.n -= n + 1;
    }
    *out = rights;
    return RDV_OK;
}

enum rdv_err se_rights_put(struct rdv_buf *out, uint32_t rights)
{
    bool any = false;
    enum rdv_err err;

    for (size_t i = 0; i < N_RIGHTS; i++) {
        if ((rights & names[i].right) == 0)
            continue;
        if ((any && (err = rdv_put_u8(out, ',')) != RDV_OK) ||
            (err = rdv_put_text(out, names[i].name)) != RDV_OK)
            return err;
        any = true;
    }
    return any ? RDV_OK : rdv_put_text(out, "none");
}

bool se_rights_allow(const struct se_account *account, uint32_t right)
{
    if (account->root || right == SE_NEEDS_NOTHING)
        return true;
    return right != SE_NEEDS_ROOT && (account->rights & right) != 0;
}

enum rdv_err se_rights_set_class(uint32_t *rights, uint8_t class, uint8_t mask)
{
    static const struct {
        uint32_t use;   /* granted by bit 04 */
        uint32_t write; /* granted by bit 08 */
    } classes[] = {
        { SE_RIGHT_SIGN, 0 },
        { SE_RIGHT_KEYGEN, 0 },
        { SE_RIGHT_RSA, 0 },
        { SE_RIGHT_SECRET, 0 },
        { SE_RIGHT_READ, SE_RIGHT_WRITE },
        { SE_RIGHT_ECHO, 0 },
    };
    const uint32_t before = *rights;

    if (class >= sizeof(classes) / sizeof(classes[0]) || (mask & ~0x0FU) != 0 ||
        ((mask & 8) != 0 && classes[class].write == 0))
        return RDV_ERR_RANGE;
    *rights = before & ~(classes[class].use | classes[class].write);
    if ((mask & 4) != 0)
        *rights |= classes[class].use;
    if ((mask & 8) != 0)
        *rights |= classes[class].write;
    return RDV_OK;
}
