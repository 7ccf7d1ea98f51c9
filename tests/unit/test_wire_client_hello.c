/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/client_hello.h"

#include <string.h>

#include "schema/wire/tls_record.h"
#include "tests/support/test.h"
#include "tests/unit/alloc_fault.h"
#include "tests/unit/client_hellos.h"

static struct rdv_span without_header(struct rdv_span record)
{
    return (struct rdv_span){ record.p + RDV_TLS_HEADER, record.n - RDV_TLS_HEADER };
}

/* Decodes a hello with these extensions. */
static enum rdv_err decode(struct rdv_client_hello *out, const char *extensions)
{
    struct rdv_buf message = RDV_BUF(4096);
    enum rdv_err err;

    t_hello_make(&message, extensions);
    err = rdv_client_hello_decode(out, rdv_buf_view(&message));
    rdv_buf_free(&message); /* what the spans point to is not looked at */
    return err;
}

static void refuses(const char *extensions)
{
    struct rdv_client_hello hello;

    T_ERR(decode(&hello, extensions), RDV_ERR_FORMAT);
    T_TRUE(!hello.has_server_name && hello.cipher_suites.n == 0);
}

/* Collects from these bytes; the message stays readable until the next call. */
static enum rdv_err collect(struct rdv_client_hello *out, size_t *used, struct rdv_span in)
{
    static uint8_t memory[RDV_CLIENT_HELLO_MAX];
    struct rdv_buf message = RDV_BUF(RDV_CLIENT_HELLO_MAX);
    const enum rdv_err err = rdv_client_hello_collect(out, used, &message, in);
    struct rdv_span *const spans[] = { &out->cipher_suites, &out->server_name,
                                       &out->first_identity };

    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        if (spans[i]->p != NULL)
            spans[i]->p = memory + (spans[i]->p - rdv_buf_view(&message).p);
    }
    if (rdv_buf_len(&message) > 0)
        memcpy(memory, rdv_buf_view(&message).p, rdv_buf_len(&message));
    rdv_buf_free(&message);
    return err;
}

static void reads_what_openssl_sends(void)
{
    const struct rdv_span record = t_hex(t_hello_psk);
    struct rdv_client_hello hello;
    size_t used;

    T_OK(collect(&hello, &used, record));
    T_UINT(used, record.n);
    T_TRUE(hello.has_server_name);
    T_TEXT(hello.server_name, "key1.com");
    T_SPAN(hello.cipher_suites, t_hex("1304 00FF"));
    T_TRUE(hello.has_supported_versions && hello.offers_tls13);
    T_TRUE(hello.has_groups && hello.offers_group);
    T_TRUE(hello.has_psk && hello.has_psk_modes && hello.offers_psk_dhe);
    T_TEXT(hello.first_identity, "Client_identity");
}

static void reads_a_hello_of_tls_1_2(void)
{
    const struct rdv_span record = t_hex(t_hello_tls12);
    struct rdv_client_hello hello;
    size_t used;

    T_OK(collect(&hello, &used, record));
    T_UINT(used, record.n);
    T_TRUE(!hello.has_server_name && !hello.has_supported_versions && !hello.offers_tls13);
    T_TRUE(hello.has_groups && hello.offers_group);
    T_TRUE(!hello.has_psk && !hello.has_psk_modes && hello.first_identity.n == 0);
}

static void needs_no_extensions(void)
{
    struct rdv_client_hello hello;
    const struct rdv_span bare =
            t_hex("01 00002B 0303"
                  "0000000000000000000000000000000000000000000000000000000000000000"
                  "00 0004 1304 1301 01 00");

    T_OK(rdv_client_hello_decode(&hello, bare));
    T_SPAN(hello.cipher_suites, t_hex("1304 1301"));
    T_TRUE(!hello.has_server_name);
    T_OK(decode(&hello, ""));
    T_TRUE(!hello.has_server_name);
}

static void refuses_what_is_no_client_hello(void)
{
    static const char *const strangers[] = {
        "47455420",
        "17 0303 0001 00",
        "15 0301 0002 0246",
        "16 0301 0001 02",
        "16 0301 0000",
        "16 0200",
        "80",
    };
    struct rdv_client_hello hello;
    size_t used;

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        T_ERR(collect(&hello, &used, t_hex(strangers[i])), RDV_ERR_FORMAT);
        T_UINT(used, 0);
    }
}

static void refuses_lengths_that_disagree(void)
{
    static const size_t places[] = { 3, 38, 72, 77 }; /* message, session, suites, extensions */
    const struct rdv_span good = without_header(t_hex(t_hello_psk));
    struct rdv_client_hello hello;
    uint8_t bytes[400];

    T_MUST(good.n <= sizeof(bytes));
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (int more = -1; more <= 1; more += 2) {
            memcpy(bytes, good.p, good.n);
            bytes[places[i]] = (uint8_t)(bytes[places[i]] + more);
            T_ERR(rdv_client_hello_decode(&hello, (struct rdv_span){ bytes, good.n }),
                  RDV_ERR_FORMAT);
        }
    }
}

static void refuses_an_odd_list_of_suites_and_a_foreign_version(void)
{
    struct rdv_buf message = RDV_BUF(4096);
    struct rdv_client_hello hello;
    uint8_t *bytes;

    t_hello_make(&message, T_SNI_KEY1);
    bytes = message.p + message.start;
    bytes[4] = 2;
    T_ERR(rdv_client_hello_decode(&hello, rdv_buf_view(&message)), RDV_ERR_FORMAT);
    bytes[4] = 3;
    T_OK(rdv_client_hello_decode(&hello, rdv_buf_view(&message)));
    bytes[40] = 3; /* three bytes of suites; the fourth counts two of compression */
    bytes[44] = 2;
    T_ERR(rdv_client_hello_decode(&hello, rdv_buf_view(&message)), RDV_ERR_FORMAT);
    rdv_buf_free(&message);
}

static void refuses_bytes_of_another_message_behind_it(void)
{
    struct rdv_buf message = RDV_BUF(4096), records = RDV_BUF(4096);
    struct rdv_client_hello hello;
    size_t used;

    t_hello_make(&message, T_SNI_KEY1);
    T_MUST_OK(rdv_put_u8(&message, 1));
    t_hello_put_records(&records, rdv_buf_view(&message), 4096);
    T_ERR(collect(&hello, &used, rdv_buf_view(&records)), RDV_ERR_FORMAT);
    T_ERR(rdv_client_hello_decode(&hello, rdv_buf_view(&message)), RDV_ERR_FORMAT);
    rdv_buf_free(&message);
    rdv_buf_free(&records);
}

static void records_behind_it_are_not_touched(void)
{
    struct rdv_buf in = RDV_BUF(4096);
    struct rdv_client_hello hello;
    size_t used, n;

    T_MUST_OK(rdv_put_bytes(&in, t_hex(t_hello_psk)));
    n = rdv_buf_len(&in);
    T_MUST_OK(rdv_put_bytes(&in, t_hex("14 0303 0001 01 47455420")));
    T_OK(collect(&hello, &used, rdv_buf_view(&in)));
    T_UINT(used, n);
    rdv_buf_free(&in);
}

static void refuses_another_record_in_its_midst(void)
{
    const struct rdv_span message = without_header(t_hex(t_hello_psk));
    static const char *const between[] = { "14 0303 0001 01", "17", "16 0301 0000" };
    struct rdv_client_hello hello;
    size_t used;

    for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
        struct rdv_buf in = RDV_BUF(4096);

        t_hello_put_records(&in, (struct rdv_span){ message.p, 100 }, 100);
        T_OK(collect(&hello, &used, rdv_buf_view(&in)));
        T_UINT(used, 0);
        T_MUST_OK(rdv_put_bytes(&in, t_hex(between[i])));
        T_ERR(collect(&hello, &used, rdv_buf_view(&in)), RDV_ERR_FORMAT);
        rdv_buf_free(&in);
    }
}

static void refuses_two_extensions_of_a_kind(void)
{
    refuses(T_SNI_KEY1 T_SNI_KEY1);
    refuses(T_VERSIONS_13 T_VERSIONS_13);
    refuses(T_GROUPS_P256 T_GROUPS_P256);
    refuses(T_PSK_MODES_DHE T_PSK_MODES_DHE);
    refuses(T_PSK_ID T_PSK_ID);
    refuses(T_SNI_KEY1 T_VERSIONS_13 T_SNI_KEY1);
}

static void refuses_a_server_name_that_could_be_read_two_ways(void)
{
    refuses("0000 0008 0006 00 0001 61 00 00");      /* the list ends within the second */
    refuses("0000 000A 0008 00 0001 61 00 0001 62"); /* two names */
    refuses("0000 0007 0004 00 0001 61 00");         /* bytes behind the list */
    refuses("0000 0006 0004 01 0001 61");            /* not a host name */
    refuses("0000 0002 0000");
    refuses("0000 0000");
}

static void an_empty_server_name_is_still_one(void)
{
    struct rdv_client_hello hello;

    T_OK(decode(&hello, "0000 0005 0003 00 0000"));
    T_TRUE(hello.has_server_name && hello.server_name.n == 0);
}

static void without_a_name_it_says_so(void)
{
    struct rdv_client_hello hello;

    T_OK(decode(&hello, T_VERSIONS_13 T_GROUPS_P256));
    T_TRUE(!hello.has_server_name && hello.offers_tls13 && hello.offers_group);
}

static void tells_the_key_exchange_modes_apart(void)
{
    struct rdv_client_hello hello;

    T_OK(decode(&hello, "002D 0002 01 00"));
    T_TRUE(hello.has_psk_modes && !hello.offers_psk_dhe);
    T_OK(decode(&hello, "002D 0003 02 0001"));
    T_TRUE(hello.offers_psk_dhe);
    T_OK(decode(&hello, "002D 0001 00"));
    T_TRUE(hello.has_psk_modes && !hello.offers_psk_dhe);
    refuses("002D 0003 01 01 00");
    refuses("002D 0002 02 01");
}

static void tells_versions_and_groups_apart(void)
{
    struct rdv_client_hello hello;

    T_OK(decode(&hello, "002B 0003 02 0303"
                        "000A 0004 0002 0018"));
    T_TRUE(hello.has_supported_versions && !hello.offers_tls13);
    T_TRUE(hello.has_groups && !hello.offers_group);
    T_OK(decode(&hello, "002B 0005 04 0303 0304"
                        "000A 0006 0004 0018 001D"));
    T_TRUE(hello.offers_tls13 && hello.offers_group);
    refuses("002B 0002 01 03");
    refuses("002B 0004 02 0304 00");
    refuses("000A 0003 0001 00");
    refuses("000A 0005 0002 0017 00");
}

static void reads_the_offered_keys_to_their_end(void)
{
    struct rdv_client_hello hello;

    T_OK(decode(&hello, T_PSK_ID));
    T_TRUE(hello.has_psk && hello.first_identity.n == 2);
    T_OK(decode(&hello, "0029 0014 000F 0002 6964 00000000 0001 61 00000001 0001 00"));
    T_UINT(hello.first_identity.n, 2);
    refuses("0029 0002 0000");
    refuses("0029 000A 0008 0002 6964 00000000");            /* no binders */
    refuses("0029 0009 0004 0002 6964 0001 00");             /* no age */
    refuses("0029 000E 0008 0002 6964 00000000 0001 00 00"); /* bytes behind the binders */
    refuses("0029 000E 0009 0002 6964 00000000 00 0001 00"); /* bytes behind the identities */
}

static void the_offered_keys_come_last(void)
{
    refuses(T_PSK_ID T_SNI_KEY1);
    refuses(T_PSK_ID "0016 0000");
}

static void however_it_is_cut_into_records_it_reads_the_same(void)
{
    const struct rdv_span message = without_header(t_hex(t_hello_psk));

    for (size_t n = 1; n <= message.n; n++) {
        struct rdv_buf in = RDV_BUF(4096);
        struct rdv_client_hello hello;
        size_t used;

        t_hello_put_records(&in, message, n);
        T_OK(collect(&hello, &used, rdv_buf_view(&in)));
        T_UINT(used, rdv_buf_len(&in));
        T_TEXT(hello.server_name, "key1.com");
        T_TEXT(hello.first_identity, "Client_identity");
        rdv_buf_free(&in);
    }
}

static void a_message_has_a_longest_length(void)
{
    for (size_t n = RDV_CLIENT_HELLO_MAX - 1; n <= RDV_CLIENT_HELLO_MAX + 1; n++) {
        struct rdv_buf message = RDV_BUF(20000), in = RDV_BUF(20000);
        struct rdv_client_hello hello;
        const bool fits = n <= RDV_CLIENT_HELLO_MAX;
        size_t used;

        t_hello_make_long(&message, T_SNI_KEY1, n);
        t_hello_put_records(&in, rdv_buf_view(&message), RDV_TLS_PLAIN_MAX / 2);
        T_ERR(collect(&hello, &used, rdv_buf_view(&in)), fits ? RDV_OK : RDV_ERR_LIMIT);
        T_UINT(used, fits ? rdv_buf_len(&in) : 0);
        rdv_buf_clear(&in); /* the message's header alone tells */
        t_hello_put_records(&in, (struct rdv_span){ rdv_buf_view(&message).p, 4 }, 4);
        T_ERR(collect(&hello, &used, rdv_buf_view(&in)), fits ? RDV_OK : RDV_ERR_LIMIT);
        rdv_buf_free(&message);
        rdv_buf_free(&in);
    }
}

static void refuses_a_record_too_long(void)
{
    struct rdv_client_hello hello;
    size_t used;

    T_OK(collect(&hello, &used, t_hex("16 0301 4100")));
    T_ERR(collect(&hello, &used, t_hex("16 0301 4101")), RDV_ERR_LIMIT);
}

static void refuses_a_message_in_too_many_records(void)
{
    for (size_t n = RDV_CLIENT_HELLO_RECORDS - 1; n <= RDV_CLIENT_HELLO_RECORDS + 1; n++) {
        struct rdv_buf message = RDV_BUF(20000), in = RDV_BUF(20000);
        struct rdv_client_hello hello;
        size_t used;

        t_hello_make_long(&message, T_SNI_KEY1, n);
        t_hello_put_records(&in, rdv_buf_view(&message), 1);
        T_ERR(collect(&hello, &used, rdv_buf_view(&in)),
              n <= RDV_CLIENT_HELLO_RECORDS ? RDV_OK : RDV_ERR_LIMIT);
        rdv_buf_free(&message);
        rdv_buf_free(&in);
    }
}

static void needs_more(struct rdv_span in)
{
    struct rdv_client_hello hello;
    size_t used;

    T_OK(collect(&hello, &used, in));
    T_UINT(used, 0);
}

static void does_not_decode(struct rdv_span in)
{
    struct rdv_client_hello hello;

    T_ERR(rdv_client_hello_decode(&hello, in), RDV_ERR_FORMAT);
}

static void never_half_decodes(struct rdv_span in)
{
    struct rdv_client_hello hello;
    size_t used;

    if (collect(&hello, &used, in) != RDV_OK || used == 0) {
        T_TRUE(!hello.has_server_name && !hello.has_psk && hello.cipher_suites.p == NULL);
    } else {
        T_TRUE(used == in.n && hello.server_name.n <= in.n && hello.first_identity.n <= in.n);
    }
}

static void waits_for_every_missing_byte_and_survives_every_flipped_bit(void)
{
    t_every_prefix(t_hex(t_hello_psk), needs_more);
    t_every_prefix(without_header(t_hex(t_hello_psk)), does_not_decode);
    t_every_bit_flip(t_hex(t_hello_psk), never_half_decodes);
    t_every_bit_flip(t_hex(t_hello_tls12), never_half_decodes);
}

static void without_memory_it_says_so(void)
{
    const struct rdv_span record = t_hex(t_hello_psk);
    enum rdv_err err = RDV_OK;

    for (t_alloc_sweep_begin(); t_alloc_sweep_next(); t_alloc_sweep_judge(err)) {
        struct rdv_client_hello hello;
        size_t used;

        err = collect(&hello, &used, record);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(reads_what_openssl_sends),
    T_CASE(reads_a_hello_of_tls_1_2),
    T_CASE(needs_no_extensions),
    T_CASE(refuses_what_is_no_client_hello),
    T_CASE(refuses_lengths_that_disagree),
    T_CASE(refuses_an_odd_list_of_suites_and_a_foreign_version),
    T_CASE(refuses_bytes_of_another_message_behind_it),
    T_CASE(records_behind_it_are_not_touched),
    T_CASE(refuses_another_record_in_its_midst),
    T_CASE(refuses_two_extensions_of_a_kind),
    T_CASE(refuses_a_server_name_that_could_be_read_two_ways),
    T_CASE(an_empty_server_name_is_still_one),
    T_CASE(without_a_name_it_says_so),
    T_CASE(tells_the_key_exchange_modes_apart),
    T_CASE(tells_versions_and_groups_apart),
    T_CASE(reads_the_offered_keys_to_their_end),
    T_CASE(the_offered_keys_come_last),
    T_CASE(however_it_is_cut_into_records_it_reads_the_same),
    T_CASE(a_message_has_a_longest_length),
    T_CASE(refuses_a_record_too_long),
    T_CASE(refuses_a_message_in_too_many_records),
    T_CASE(waits_for_every_missing_byte_and_survives_every_flipped_bit),
    T_CASE(without_memory_it_says_so),
    T_END,
};

T_SUITE(wire_client_hello, tests);
