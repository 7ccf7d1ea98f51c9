/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/client_hellos.h"

#include "schema/wire/tls_record.h"
#include "tests/support/test.h"

const char t_hello_psk[] =
        "1603010136010001320303A2BA90FE732334F4CFC6D4DDCE2EA0FF9F836B4831BCB2FE3E5A981D855539CD20"
        "A5F8695FBC81E5E06404C1709C81D5E2877797B1561DFEE69EF481A9902A5EFD0004130400FF010000E50000"
        "000D000B0000086B6579312E636F6D000B000403000102000A00040002001700230000001600000017000000"
        "0D001E001C040305030603080708080809080A080B080408050806040105010601002B0003020304002D0002"
        "01010033004700450017004104524F55B138941E3B8E84C83F5CEDC10470A6DC0B252858EB772C32565A5370"
        "11BAF27188D58C5A5A87B87AAADAA6F88F15B9284F00B3B66EB3FC0E66B796FCD90029003A0015000F436C69"
        "656E745F6964656E7469747900000000002120CCF91F0C9D22DFF24CE4B588A1A2D5FEE00B375FEF4162AEFF"
        "006B2D950294F6";

const char t_hello_tls12[] =
        "16030100B7010000B30303454504A6509ACFE3A69057B1A0E3B09E46B96C3269965A8486CEA774F9D8266800"
        "0038C02CC030009FCCA9CCA8CCAAC02BC02F009EC024C028006BC023C0270067C00AC0140039C009C0130033"
        "009D009C003D003C0035002F00FF01000052000B000403000102000A000C000A001D0017001E001900180023"
        "00000016000000170000000D002A0028040305030603080708080809080A080B080408050806040105010601"
        "030303010302040205020602";

static void put_u24(struct rdv_buf *out, size_t n)
{
    T_MUST_OK(rdv_put_u8(out, (uint8_t)(n >> 16)));
    T_MUST_OK(rdv_put_u16(out, (uint16_t)n));
}

/* All before the extensions: type, length, version, random, no session, two suites, no compression.
 */
static void put_start(struct rdv_buf *out, size_t extension_bytes)
{
    static const uint8_t random[32] = { 0x52, 0x44, 0x56 };

    T_MUST_OK(rdv_put_u8(out, 1));
    put_u24(out, 2 + 32 + 1 + 6 + 2 + 2 + extension_bytes);
    T_MUST_OK(rdv_put_u16(out, 0x0303));
    T_MUST_OK(rdv_put_bytes(out, (struct rdv_span){ random, sizeof(random) }));
    T_MUST_OK(rdv_put_bytes(out, t_hex("00 0004 1304 1301 01 00")));
    T_MUST_OK(rdv_put_u16(out, (uint16_t)extension_bytes));
}

void t_hello_make(struct rdv_buf *out, const char *extensions)
{
    const struct rdv_span bytes = t_hex(extensions);

    put_start(out, bytes.n);
    T_MUST_OK(rdv_put_bytes(out, bytes));
}

void t_hello_make_long(struct rdv_buf *out, const char *extensions, size_t n)
{
    const size_t fixed = 4 + 2 + 32 + 1 + 6 + 2 + 2 + 4;
    const struct rdv_span bytes = t_hex(extensions);
    const size_t padding = n - fixed - bytes.n;

    T_MUST(n >= fixed + bytes.n);
    put_start(out, 4 + padding + bytes.n);
    T_MUST_OK(rdv_put_u16(out, 21)); /* RFC 7685 */
    T_MUST_OK(rdv_put_u16(out, (uint16_t)padding));
    for (size_t i = 0; i < padding; i++)
        T_MUST_OK(rdv_put_u8(out, 0));
    T_MUST_OK(rdv_put_bytes(out, bytes));
}

void t_hello_put_records(struct rdv_buf *out, struct rdv_span message, size_t n)
{
    struct rdv_reader rd = { message };
    struct rdv_span piece;

    while (rd.rest.n > 0) {
        T_MUST_OK(rdv_get_bytes(&rd, &piece, rd.rest.n < n ? rd.rest.n : n));
        T_MUST_OK(rdv_put_u8(out, RDV_TLS_HANDSHAKE));
        T_MUST_OK(rdv_put_u16(out, 0x0301));
        T_MUST_OK(rdv_put_u16(out, (uint16_t)piece.n));
        T_MUST_OK(rdv_put_bytes(out, piece));
    }
}
