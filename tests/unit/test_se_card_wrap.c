/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/wrap.h"

#include <string.h>

#include "tests/support/test.h"

#define SECRET "1234567890ABCDEF1234567890ABCDEF"

/* Vector BLOB-0 of tests/vectors/tls-se.txt. */
static const char blob_public[] = "10008EA7E1A64252BF632DBDB716B189C1179C054005A626E8F8DC98196B37BF"
                                  "2D6C37C1E8F188AA8B20C196A2D5F20E38A471ECD10F35E1565310E6FBD6A2AE"
                                  "6121A535A5EF86D55AF1B2936A948899E747A288A1DECE20144A1D1B571DE7";
static const char plain_public[] =
        "0411E4E60C0A2461F3A94FC2F7ACBB6C527855BD08C90B91320AE79617862853"
        "1033B6C4FCC6C04DD8B278D97238B6C34501FC120D461A16EBB35756D3CFDD43"
        "D2";
static const char blob_private[] =
        "108063212026F892AF0C8ADD1E73E2AF3E7A867F8AEB85B653EFDEDC22128228"
        "D9813DA6039F6B5C913BFD775F5593C2576B1B093437AB8B2F8731086263";
static const char plain_private[] =
        "435B6E516AB693CA54267D5BB50956D9C2F54F90449F16D0034A3B2D64EEEF10";

/* Ours, made with another implementation (Python's cryptography). */
static const char blob_secret[] = "003000e1e2e3e4a0a1a2a3a4a5a6a7a8a9aaab01252a80cd2fb839316716b6ea"
                                  "94ced4aeb779618d19ac75425477b92050cc89";
static const char plain_secret[] = "2b7e151628aed2a6abf7158809cf4f3c";
static const char blob_exponent[] = "002001ec000001a0a1a2a3a4a5a6a7a8a9aaabc5ef94c647566cd05f86a01c"
                                    "29c4ffa3837575";
static const char secret_exponent[] = "0102030405060708090a0b0c0d0e0f10";

static struct se_wrap_header header_of(const char *digits)
{
    struct se_wrap_header header;

    T_MUST_OK(se_wrap_header_get(&header, t_hex(digits)));
    return header;
}

static enum rdv_err open_with(struct rdv_span secret, struct rdv_span blob)
{
    struct rdv_buf out = RDV_BUF(SE_WRAP_PART_MAX);
    struct se_wrap_header header;
    const enum rdv_err err = se_wrap_open(&out, &header, secret, blob);

    T_TRUE((rdv_buf_len(&out) == 0) == (err != RDV_OK));
    rdv_buf_free(&out);
    return err;
}

static void opens(const char *blob, const char *secret, const char *plain, const char *header)
{
    const struct se_wrap_header want = header_of(header);
    struct rdv_buf out = RDV_BUF(SE_WRAP_PART_MAX);
    struct se_wrap_header got;

    T_OK(se_wrap_open(&out, &got, t_hex(secret), t_hex(blob)));
    T_SPAN(rdv_buf_view(&out), t_hex(plain));
    T_TRUE(got.older == want.older && got.index == want.index && got.param == want.param);
    T_TRUE(memcmp(got.id, want.id, sizeof(want.id)) == 0);
    rdv_buf_free(&out);
}

static void opens_what_others_made(void)
{
    opens(blob_public, SECRET, plain_public, "1000");
    opens(blob_private, SECRET, plain_private, "1080");
    opens(blob_secret, "1234", plain_secret, "003000e1e2e3e4");
    opens(blob_exponent, secret_exponent, "010001", "002001ec000001");
}

static void every_changed_bit_is_noticed(void)
{
    static const char *const blobs[] = { blob_private, blob_exponent };
    static const char *const secrets[] = { SECRET, secret_exponent };

    for (size_t i = 0; i < 2; i++) {
        const struct rdv_span whole = t_hex(blobs[i]), secret = t_hex(secrets[i]);
        uint8_t changed[64];

        for (size_t bit = 0; bit < 8 * whole.n; bit++) {
            struct se_wrap_header header;
            enum rdv_err want = RDV_ERR_AUTH;

            memcpy(changed, whole.p, whole.n);
            changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            /* In the header a change can also make it something that does not exist. */
            if (bit / 8 < 3 &&
                se_wrap_peek(&header, (struct rdv_span){ changed, whole.n }) != RDV_OK)
                want = RDV_ERR_RANGE;
            T_ERR(open_with(secret, (struct rdv_span){ changed, whole.n }), want);
        }
    }
}

static void a_blob_cut_off_or_lengthened_is_refused(void)
{
    const struct rdv_span fixed = t_hex(blob_private), some = t_hex(blob_secret);
    const struct rdv_span older = t_hex(SECRET), ours = t_hex("1234");
    uint8_t longer[128] = { 0 };

    memcpy(longer, fixed.p, fixed.n);
    for (size_t n = 0; n <= sizeof(longer); n++) {
        if (n != fixed.n)
            T_TRUE(open_with(older, (struct rdv_span){ longer, n }) != RDV_OK);
    }
    memset(longer, 0, sizeof(longer));
    memcpy(longer, some.p, some.n);
    for (size_t n = 0; n <= sizeof(longer); n++) {
        /* A secret has from 1 to 64 bytes. */
        const bool fits = n > 35 && n <= 35 + 64;

        if (n != some.n)
            T_ERR(open_with(ours, (struct rdv_span){ longer, n }),
                  fits ? RDV_ERR_AUTH : RDV_ERR_RANGE);
    }
}

static void a_blob_under_another_secret_is_refused(void)
{
    T_ERR(open_with(t_hex("1334567890ABCDEF1234567890ABCDEF"), t_hex(blob_public)), RDV_ERR_AUTH);
    T_ERR(open_with(t_hex("123400"), t_hex(blob_secret)), RDV_ERR_AUTH);
    T_ERR(open_with(RDV_LIT(""), t_hex(blob_secret)), RDV_ERR_RANGE);
    T_ERR(open_with(t_hex("1234"), t_hex(blob_public)), RDV_ERR_RANGE);
}

static void a_header_of_nothing_there_is_is_refused(void)
{
    static const char *const headers[] = {
        "",
        "10",
        "100000",
        "001000000000",
        "0010000000000000", /* lengths */
        "4000",
        "8000",
        "FF80", /* index */
        "1001",
        "1081",
        "0084",
        "2002",
        "2085", /* param */
        "207F",
        "3001",
        "3080",
        "3F01",
        "01100000000000",
        "FF100000000000", /* type */
        "00400000000000",
        "00108100000000",
    };
    struct se_wrap_header header;

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        T_ERR(se_wrap_header_get(&header, t_hex(headers[i])), RDV_ERR_RANGE);
}

static void a_part_of_another_length_is_not_sealed(void)
{
    static const struct {
        const char *header;
        size_t least, most;
    } cases[] = {
        { "0000", 65, 65 },   { "1F80", 32, 32 },   { "2000", 256, 256 },        { "2F01", 1, 4 },
        { "2080", 128, 128 }, { "2F84", 128, 128 }, { "00300000000000", 1, 64 }, { "3F00", 1, 64 },
    };
    const uint8_t part[SE_WRAP_PART_MAX + 1] = { 0 };
    const struct rdv_span secret = t_hex(SECRET);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct se_wrap_header header = header_of(cases[i].header);

        for (size_t n = 0; n <= sizeof(part); n++) {
            const bool fits = n >= cases[i].least && n <= cases[i].most;
            struct rdv_buf out = RDV_BUF(1024);

            T_ERR(se_wrap_seal(&out, &header, secret, (struct rdv_span){ part, n }),
                  fits ? RDV_OK : RDV_ERR_RANGE);
            T_TRUE((rdv_buf_len(&out) > 0) == fits);
            rdv_buf_free(&out);
        }
    }
}

static void a_secret_of_another_length_does_not_seal(void)
{
    const struct se_wrap_header older = header_of("3000"), ours = header_of("00300000000000");
    const uint8_t secret[64] = { 0 };
    const struct rdv_span part = { secret, 1 };
    struct rdv_buf out = RDV_BUF(8192);

    for (size_t n = 0; n <= sizeof(secret); n++) {
        const struct rdv_span span = { secret, n };

        T_ERR(se_wrap_seal(&out, &older, span, part),
              n == SE_WRAP_OLDER_SECRET ? RDV_OK : RDV_ERR_RANGE);
        T_ERR(se_wrap_seal(&out, &ours, span, part), n > 0 ? RDV_OK : RDV_ERR_RANGE);
    }
    rdv_buf_free(&out);
}

static void too_little_room_leaves_nothing(void)
{
    const struct rdv_span blob = t_hex(blob_private);
    struct se_wrap_header header = header_of("1080");
    struct rdv_buf out = RDV_BUF(31), blobs = RDV_BUF(2 + 12 + 32 + 15);

    T_ERR(se_wrap_open(&out, &header, t_hex(SECRET), blob), RDV_ERR_LIMIT);
    T_ERR(se_wrap_seal(&blobs, &header, t_hex(SECRET), t_hex(plain_private)), RDV_ERR_LIMIT);
    T_UINT(rdv_buf_len(&out) + rdv_buf_len(&blobs), 0);
    rdv_buf_free(&out);
    rdv_buf_free(&blobs);
}

/* Every header there is with every length there is: what comes out is what went in, in the same
 * layout, so none is ever taken for the other. Returns 1 if there is such a part. */
static unsigned round_trip(struct se_wrap_header header, size_t n)
{
    static const uint8_t secret_bytes[SE_WRAP_OLDER_SECRET] = { 0x12, 0x34 };
    const struct rdv_span secret = { secret_bytes, sizeof(secret_bytes) };
    uint8_t part[SE_WRAP_PART_MAX];
    struct rdv_buf blob = RDV_BUF(1024), out = RDV_BUF(SE_WRAP_PART_MAX);
    struct se_wrap_header seen = { 0 };
    bool good = true;

    memset(part, (int)n, sizeof(part));
    if (se_wrap_seal(&blob, &header, secret, (struct rdv_span){ part, n }) != RDV_OK)
        return 0;
    good = rdv_buf_len(&blob) == n + 28 + (header.older ? 2 : 7) &&
           se_wrap_open(&out, &seen, secret, rdv_buf_view(&blob)) == RDV_OK &&
           rdv_span_equal(rdv_buf_view(&out), (struct rdv_span){ part, n }) &&
           seen.older == header.older && seen.index == header.index && seen.param == header.param &&
           memcmp(seen.id, header.id, sizeof(seen.id)) == 0;
    if (!good)
        T_TRUE(good);
    rdv_buf_free(&blob);
    rdv_buf_free(&out);
    return 1;
}

static void every_blob_is_read_in_the_layout_it_was_written_in(void)
{
    static const uint8_t params[] = { 0x00, 0x01, 0x80, 0x81, 0x82, 0x83, 0x84 };
    unsigned parts = 0;

    for (unsigned index = 0; index < 0x40; index++) {
        for (size_t p = 0; p < sizeof(params); p++) {
            for (size_t n = 1; n <= SE_WRAP_PART_MAX; n++) {
                struct se_wrap_header header = { true, (uint8_t)index, params[p], { 0 } };

                if (n > 65 && n != 128 && n != 256)
                    continue;
                parts += round_trip(header, n);
                header.older = false;
                memset(header.id, 0xec, sizeof(header.id));
                parts += round_trip(header, n);
            }
        }
    }
    T_UINT(parts, 2 * (32 * 2 + 16 * (1 + 4 + 5) + 16 * 64));
}

static void two_blobs_of_the_same_part_differ(void)
{
    const struct se_wrap_header header = header_of("1080");
    struct rdv_buf a = RDV_BUF(1024), b = RDV_BUF(1024);

    T_OK(se_wrap_seal(&a, &header, t_hex(SECRET), t_hex(plain_private)));
    T_OK(se_wrap_seal(&b, &header, t_hex(SECRET), t_hex(plain_private)));
    T_TRUE(memcmp(rdv_buf_view(&a).p + 2, rdv_buf_view(&b).p + 2, 12) != 0);
    rdv_buf_free(&a);
    rdv_buf_free(&b);
}

static CU_TestInfo tests[] = {
    T_CASE(opens_what_others_made),
    T_CASE(every_changed_bit_is_noticed),
    T_CASE(a_blob_cut_off_or_lengthened_is_refused),
    T_CASE(a_blob_under_another_secret_is_refused),
    T_CASE(a_header_of_nothing_there_is_is_refused),
    T_CASE(a_part_of_another_length_is_not_sealed),
    T_CASE(a_secret_of_another_length_does_not_seal),
    T_CASE(too_little_room_leaves_nothing),
    T_CASE(every_blob_is_read_in_the_layout_it_was_written_in),
    T_CASE(two_blobs_of_the_same_part_differ),
    T_END,
};

T_SUITE(se_card_wrap, tests);
