/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_tools/rdv/pin.h"

#include "tests/support/test.h"

/* Made by Python's cryptography, of the digest 000102..1F. */
#define KEY                                                            \
    "04F973A0B87062C389D125D8199E803B832B6AC6BF7867A4F6CD87506060FC4C" \
    "584B4A0A3F26C988C54C236B224C48BB605B265949E65C098ECD87A581CA10E2" \
    "5D"
#define SIGNATURE                                                      \
    "3044022047E68475AE3ED503C81D79C06C9AB4E5E7344F974FED1685D5B70643" \
    "4A65BCF602201E1424A87E887DE042BE346353AA658AFE0C04382D2AEBBF8F5E" \
    "55DA7E9C1412"
#define DIGEST "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

static enum rdv_err verify(struct rdv_span signature, const char *digest)
{
    uint8_t key[TOOL_CARD_KEY_BYTES];

    T_MUST_OK(tool_pin_read(key, KEY));
    return tool_pin_verify(key, t_hex(digest).p, signature);
}

static void a_proof_is_verified(void)
{
    T_OK(verify(t_hex(SIGNATURE), DIGEST));
}

static void another_digest_is_no_proof(void)
{
    T_ERR(verify(t_hex(SIGNATURE),
                 "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1E"),
          RDV_ERR_AUTH);
}

static void refused(struct rdv_span signature)
{
    T_ERR(verify(signature, DIGEST), RDV_ERR_AUTH);
}

static void a_changed_or_cut_signature_is_no_proof(void)
{
    t_every_bit_flip(t_hex(SIGNATURE), refused);
    t_every_prefix(t_hex(SIGNATURE), refused);
}

static void what_is_no_key_is_refused(void)
{
    uint8_t key[TOOL_CARD_KEY_BYTES];

    T_ERR(tool_pin_read(key, ""), RDV_ERR_FORMAT);
    T_ERR(tool_pin_read(key, KEY "00"), RDV_ERR_FORMAT);
    T_ERR(tool_pin_read(key, "02" DIGEST), RDV_ERR_FORMAT);
    T_ERR(tool_pin_read(key, "04" DIGEST DIGEST), RDV_ERR_FORMAT); /* not on the curve */
    T_ERR(tool_pin_read(key, "04 " DIGEST), RDV_ERR_FORMAT);
}

static CU_TestInfo tests[] = {
    T_CASE(a_proof_is_verified),
    T_CASE(another_digest_is_no_proof),
    T_CASE(a_changed_or_cut_signature_is_no_proof),
    T_CASE(what_is_no_key_is_refused),
    T_END,
};

T_SUITE(rdv_pin, tests);
