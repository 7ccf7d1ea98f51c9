/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/rights.h"

#include <stddef.h>

bool se_rights_allow(const struct se_store_account *account, uint32_t right)
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
