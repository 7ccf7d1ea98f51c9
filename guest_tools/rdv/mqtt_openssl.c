/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/mqtt_exit.h"

#include <openssl/crypto.h>

enum rdv_err tool_mqtt_may_exit(void)
{
    return OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) == 1 ? RDV_OK : RDV_ERR_NOMEM;
}
