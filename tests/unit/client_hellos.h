/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ClientHellos for tests: two that OpenSSL sent, and the means to make wrong ones. */
#ifndef RDV_TESTS_UNIT_CLIENT_HELLOS_H
#define RDV_TESTS_UNIT_CLIENT_HELLOS_H

#include "base/bytes.h"

/* One record of OpenSSL 3.0: s_client -tls1_3 -servername key1.com -groups P-256 -ciphersuites
 * TLS_AES_128_CCM_SHA256 -psk_identity Client_identity -psk KEY. */
extern const char t_hello_psk[];

/* One record of OpenSSL 3.0: s_client -tls1_2. No server name, no key, no supported_versions. */
extern const char t_hello_tls12[];

/* Extensions, whole, in hex. */
#define T_SNI_KEY1 "0000 000D 000B 00 0008 6B6579312E636F6D"
#define T_VERSIONS_13 "002B 0003 02 0304"
#define T_GROUPS_P256 "000A 0004 0002 0017"
#define T_PSK_MODES_DHE "002D 0002 01 01"
#define T_PSK_ID "0029 000D 0008 0002 6964 00000000 0001 00"

/* Appends a ClientHello, without a record, that has these extensions (hex). */
void t_hello_make(struct rdv_buf *out, const char *extensions);

/* The same with an extension of no meaning before them, so that the message has n bytes in all. */
void t_hello_make_long(struct rdv_buf *out, const char *extensions, size_t n);

/* Appends the message cut into handshake records of at most n bytes each. */
void t_hello_put_records(struct rdv_buf *out, struct rdv_span message, size_t n);

#endif
