/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers modulo the order of P-256, by OpenSSL's big numbers. All are 32 bytes, big-endian. */
#ifndef RDV_TESTS_SUPPORT_MOD_N_H
#define RDV_TESTS_SUPPORT_MOD_N_H

#include <stdint.h>

void t_mod_n_reduce(uint8_t out[32], const uint8_t a[32]);
void t_mod_n_add(uint8_t out[32], const uint8_t a[32], const uint8_t b[32]);
void t_mod_n_mul(uint8_t out[32], const uint8_t a[32], const uint8_t b[32]);
/* a is not 0 modulo n. */
void t_mod_n_inverse(uint8_t out[32], const uint8_t a[32]);

#endif
