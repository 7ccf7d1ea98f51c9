/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The edge of libcrypto, 3.0 of Debian 12. Behind it, on a secret scalar, valgrind finds:
 *
 *   BN_bin2bn       skips zero bytes at the front and zero words at the top; our scalars are above
 *                   n / 2 and have neither
 *   EC_POINT_mul    asks whether the scalar is longer than the order, which it never is, and
 * whether the top word of a coordinate of the product is 0 (chance 2^-64)
 *
 * and nothing else: no index, and no branch that goes another way for another scalar.
 */
#include <string.h>

#include <openssl/bn.h>

#include "base/invariant.h"
#include "tests/ctime/secrets.h"

BIGNUM *__real_BN_bin2bn(const unsigned char *s, int n, BIGNUM *out);
BIGNUM *__wrap_BN_bin2bn(const unsigned char *s, int n, BIGNUM *out);

BIGNUM *__wrap_BN_bin2bn(const unsigned char *s, int n, BIGNUM *out)
{
    unsigned char shown[32];
    const bool secret = t_is_hidden(s, sizeof(shown));

    RDV_INVARIANT(n == sizeof(shown));
    memcpy(shown, s, sizeof(shown));
    t_show(shown, sizeof(shown));
    RDV_INVARIANT(!secret || shown[0] >= 0x7F); /* as every number above n / 2 */
    return __real_BN_bin2bn(shown, n, out);
}
