/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/broker_paho.h"

#include <openssl/crypto.h>

/* Paho's threads are detached: the last of them may be ending while the process does. What such a
 * thread has of OpenSSL it frees itself; OpenSSL cleaning up on exit would free it, too. */
enum rdv_err rdv_broker_init(void)
{
    return OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL) == 1 ? RDV_OK : RDV_ERR_NOMEM;
}
