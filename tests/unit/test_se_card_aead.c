/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "se_card/aead.h"

#include <string.h>

#include "tests/support/test.h"

#define MOST 3000

/* NIST SP 800-38C and GCM's published test cases, and CCM-1 of the card's scripts. */
static const struct {
    enum se_aead_kind kind;
    const char *key, *nonce, *aad, *plain, *cipher, *tag;
} cases[] = {
    { SE_AES_128_GCM, "00000000000000000000000000000000", "000000000000000000000000", "", "", "",
      "58e2fccefa7e3061367f1d57a4e7455a" },
    { SE_AES_128_GCM, "00000000000000000000000000000000", "000000000000000000000000", "",
      "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78",
      "ab6e47d42cec13bdf53a67b21257bddf" },
    { SE_AES_256_GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
      "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
      "b5"
      "25b16aedf5aa0de657ba637b39",
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
      "8838"
      "c5f61e6393ba7a0abcc9f662",
      "76fc6ece0f4e1768cddf8853bb2d551b" },
    { SE_AES_128_CCM, "01020304050607080910111213141516", "B1B2B3B4B5B6B7B8B9BABBBC", "A1A2A3A4A5",
      "D1D2D3", "55EF87", "3FAC1CC4E1042F01CA0B48B72BC88D7E" },
    { SE_AES_128_CCM, "000102030405060708090A0B0C0D0E0F", "101112131415161718191A1B",
      "A0A1A2A3A4A5A6A7A8A9AAABACAD", "202122232425262728292A2B2C2D2E2F30313233",
      "03949B8366D10B95228555EB5849F5A94B86E084", "A269DC2E14F5067C2E4514BB0ED4D129" },
};

#define N_CASES (sizeof(cases) / sizeof(cases[0]))

static struct se_aead *make(enum se_aead_kind kind, struct rdv_span key)
{
    struct se_aead *aead = NULL;

    T_MUST_OK(se_aead_init());
    T_MUST_OK(se_aead_new(&aead, kind, key));
    return aead;
}

static void published_cases_come_out(void)
{
    uint8_t out[200], tag[SE_AEAD_TAG_BYTES];

    for (size_t i = 0; i < N_CASES; i++) {
        struct se_aead *aead = make(cases[i].kind, t_hex(cases[i].key));
        const struct rdv_span plain = t_hex(cases[i].plain), cipher = t_hex(cases[i].cipher);

        for (unsigned again = 0; again < 2; again++) { /* a key is used many times */
            T_OK(se_aead_seal(aead, out, tag, t_hex(cases[i].nonce).p, t_hex(cases[i].aad), plain));
            T_SPAN(((struct rdv_span){ out, plain.n }), cipher);
            T_SPAN(((struct rdv_span){ tag, sizeof(tag) }), t_hex(cases[i].tag));
            T_OK(se_aead_open(aead, out, tag, t_hex(cases[i].nonce).p, t_hex(cases[i].aad),
                              cipher));
            T_SPAN(((struct rdv_span){ out, plain.n }), plain);
        }
        se_aead_free(aead);
    }
}

static void whatever_was_changed_is_refused_and_wiped(void)
{
    uint8_t out[200], bytes[200], aad[64], tag[SE_AEAD_TAG_BYTES], nonce[SE_AEAD_NONCE_BYTES];

    for (size_t i = 0; i < N_CASES; i++) {
        struct se_aead *aead = make(cases[i].kind, t_hex(cases[i].key));
        const struct rdv_span cipher = t_hex(cases[i].cipher), extra = t_hex(cases[i].aad);
        uint8_t *const parts[] = { bytes, aad, tag, nonce };
        const size_t lengths[] = { cipher.n, extra.n, sizeof(tag), sizeof(nonce) };

        memcpy(bytes, cipher.p, cipher.n);
        memcpy(aad, extra.p, extra.n);
        memcpy(tag, t_hex(cases[i].tag).p, sizeof(tag));
        memcpy(nonce, t_hex(cases[i].nonce).p, sizeof(nonce));
        for (size_t part = 0; part < 4; part++) {
            for (size_t bit = 0; bit < 8 * lengths[part]; bit++) {
                parts[part][bit / 8] ^= (uint8_t)(1U << bit % 8);
                memset(out, 0x55, sizeof(out));
                T_ERR(se_aead_open(aead, out, tag, nonce, (struct rdv_span){ aad, extra.n },
                                   (struct rdv_span){ bytes, cipher.n }),
                      RDV_ERR_AUTH);
                for (size_t k = 0; k < cipher.n; k++)
                    T_TRUE(out[k] == 0);
                parts[part][bit / 8] ^= (uint8_t)(1U << bit % 8);
            }
        }
        T_OK(se_aead_open(aead, out, tag, nonce, (struct rdv_span){ aad, extra.n },
                          (struct rdv_span){ bytes, cipher.n })); /* and the next one is fine */
        se_aead_free(aead);
    }
}

static void a_key_has_the_length_of_its_kind(void)
{
    static const uint8_t key[33];
    struct se_aead *aead;

    T_MUST_OK(se_aead_init());
    T_ERR(se_aead_new(&aead, SE_AES_128_CCM, (struct rdv_span){ key, 15 }), RDV_ERR_RANGE);
    T_ERR(se_aead_new(&aead, SE_AES_128_GCM, (struct rdv_span){ key, 32 }), RDV_ERR_RANGE);
    T_ERR(se_aead_new(&aead, SE_AES_256_GCM, (struct rdv_span){ key, 33 }), RDV_ERR_RANGE);
    T_ERR(se_aead_new(&aead, SE_AES_256_GCM, (struct rdv_span){ key, 16 }), RDV_ERR_RANGE);
}

static void every_length_goes_there_and_back_in_place(void)
{
    static uint8_t bytes[MOST], want[MOST];
    uint8_t key[32], nonce[SE_AEAD_NONCE_BYTES] = { 1 }, tag[SE_AEAD_TAG_BYTES];

    memset(key, 7, sizeof(key));
    for (size_t i = 0; i < sizeof(want); i++)
        want[i] = (uint8_t)(i * 31);
    for (int kind = 0; kind < SE_AEAD_KINDS; kind++) {
        struct se_aead *aead = make((enum se_aead_kind)kind,
                                    (struct rdv_span){ key, kind == SE_AES_256_GCM ? 32 : 16 });

        for (size_t n = 0; n <= MOST; n += n < 70 ? 1 : 293) {
            memcpy(bytes, want, n);
            T_OK(se_aead_seal(aead, bytes, tag, nonce, RDV_LIT("x"),
                              (struct rdv_span){ bytes, n }));
            T_OK(se_aead_open(aead, bytes, tag, nonce, RDV_LIT("x"),
                              (struct rdv_span){ bytes, n }));
            T_TRUE(memcmp(bytes, want, n) == 0);
        }
        se_aead_free(aead);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(published_cases_come_out),
    T_CASE(whatever_was_changed_is_refused_and_wiped),
    T_CASE(a_key_has_the_length_of_its_kind),
    T_CASE(every_length_goes_there_and_back_in_place),
    T_END,
};

T_SUITE(se_card_aead, tests);
