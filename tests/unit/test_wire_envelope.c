/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schema/wire/envelope.h"

#include <string.h>

#include "se_card/ec.h"
#include "se_card/hash.h"
#include "tests/support/notation.h"
#include "tests/support/test.h"
#include "tests/support/vectors.h"

#define VECTORS "tests/vectors/envelope/envelopes.txt"
#define DOCUMENT "docs/envelope.md"

/* Writes it again around the signature it had. */
static void write_again(struct rdv_buf *out, const struct rdv_envelope *in,
                        struct rdv_span signature)
{
    struct rdv_buf protected = RDV_BUF(RDV_ENVELOPE_PROTECTED_MAX);
    struct rdv_buf payload = RDV_BUF(RDV_ENVELOPE_MAX);
    struct rdv_cose parts = { .signature = signature };

    T_MUST_OK(rdv_envelope_put_protected(&protected, in));
    T_MUST_OK(rdv_envelope_put_payload(&payload, in));
    parts.protected = rdv_buf_view(&protected);
    parts.payload = rdv_buf_view(&payload);
    T_MUST_OK(rdv_cose_put(out, &parts));
    T_TRUE(rdv_buf_len(out) <= parts.payload.n + RDV_ENVELOPE_OVERHEAD);
    rdv_buf_free(&protected);
    rdv_buf_free(&payload);
}

static enum rdv_err verify(const struct rdv_cose *parts, struct rdv_span point)
{
    struct rdv_buf signs = RDV_BUF(RDV_ENVELOPE_MAX);
    uint8_t digest[SE_SHA256_BYTES];
    struct se_ec *ec = NULL;
    enum rdv_err err;

    T_MUST_OK(se_ec_new(&ec));
    T_MUST_OK(rdv_cose_put_signed(&signs, parts));
    se_sha256(digest, rdv_buf_view(&signs));
    err = se_ec_verify_rs(ec, SE_CURVE_K1, parts->signature, point,
                          (struct rdv_span){ digest, sizeof(digest) });
    rdv_buf_free(&signs);
    se_ec_free(ec);
    return err;
}

/* --- vectors ---------------------------------------------------------------------------------- */

static struct rdv_span key, a_vector;
static const char *wanted;
static unsigned n_good, n_bad;

static void judge(const struct t_vector *vector)
{
    const struct rdv_span bytes = vector->bytes;
    struct rdv_buf again = RDV_BUF(RDV_ENVELOPE_MAX);
    struct rdv_envelope got;
    struct rdv_cose parts;
    enum rdv_err want, err;

    if (strcmp(vector->word, "key") == 0) {
        key = bytes;
        return;
    }
    want = rdv_err_of(vector->word, strlen(vector->word));
    if ((err = rdv_envelope_get(&got, &parts, bytes)) == RDV_OK) {
        err = verify(&parts, key);
        write_again(&again, &got, parts.signature);
        T_SPAN(rdv_buf_view(&again), bytes);
    }
    if (!T_ERR(err, want))
        CU_FAIL_FATAL(vector->name);
    (void)(want == RDV_OK ? n_good++ : n_bad++);
    rdv_buf_free(&again);
}

static void the_vectors_are_read_as_they_say(void)
{
    n_good = n_bad = 0;
    t_vectors(VECTORS, judge);
    T_UINT(n_good, 9);
    T_TRUE(n_bad > 70);
}

static void pick(const struct t_vector *vector)
{
    if (strcmp(vector->name, wanted) == 0)
        a_vector = vector->bytes;
}

static struct rdv_span vector(const char *name)
{
    wanted = name;
    a_vector = (struct rdv_span){ NULL, 0 };
    t_vectors(VECTORS, pick);
    T_MUST(a_vector.n > 0);
    return a_vector;
}

static void an_entry_says_what_was_posted(void)
{
    const struct rdv_span first = vector("first"), second = vector("second");
    uint8_t hash[SE_SHA256_BYTES];
    struct rdv_envelope got;
    struct rdv_cose parts;

    T_MUST_OK(rdv_envelope_get(&got, &parts, second));
    T_UINT(got.topic.kind, RDV_TOPIC_RECORD);
    T_TEXT(rdv_span_of(got.topic.sen), "key1.com");
    T_UINT(got.topic.record, 0x0A);
    T_UINT((uint64_t)got.time, 1800000060);
    T_UINT(got.entry.seq, 2);
    T_UINT(got.entry.n, 2);
    T_TEXT(got.entry.author, "sensor1");
    T_TEXT(got.entry.type, "text/plain");
    T_TEXT(got.entry.content, "21.7");
    se_sha256(hash, first);
    T_SPAN(((struct rdv_span){ got.entry.prev, sizeof(got.entry.prev) }),
           ((struct rdv_span){ hash, sizeof(hash) }));
}

static void keys_say_what_signs(void)
{
    struct rdv_envelope got;
    struct rdv_cose parts;

    T_MUST_OK(rdv_envelope_get(&got, &parts, vector("two-keys")));
    T_UINT(got.topic.kind, RDV_TOPIC_KEY);
    T_UINT(got.keys.n, 2);
    T_SPAN(((struct rdv_span){ got.keys.keys[0].kid, RDV_COSE_KID_BYTES }),
           ((struct rdv_span){ got.kid, sizeof(got.kid) }));
    T_SPAN(((struct rdv_span){ got.keys.keys[0].x, 32 }), ((struct rdv_span){ key.p + 1, 32 }));
    T_SPAN(((struct rdv_span){ got.keys.keys[0].y, 32 }), ((struct rdv_span){ key.p + 33, 32 }));
}

static void entries_about_the_card_have_no_record(void)
{
    struct rdv_envelope got;
    struct rdv_cose parts;

    T_MUST_OK(rdv_envelope_get(&got, &parts, vector("restored")));
    T_UINT(got.topic.kind, RDV_TOPIC_CARD);
    T_UINT(got.entry.seq, (uint64_t)3 << 40 | 1);
    T_UINT(got.entry.n, 1);
}

/* --- the document ----------------------------------------------------------------------------- */

static void says(struct rdv_span bytes, const char *block)
{
    struct rdv_buf notation = RDV_BUF(4096), tight = RDV_BUF(4096);

    T_MUST(t_notation(&notation, bytes));
    for (size_t i = 0; i < rdv_buf_len(&notation); i++) {
        if (rdv_buf_view(&notation).p[i] != ' ')
            T_MUST_OK(rdv_put_u8(&tight, rdv_buf_view(&notation).p[i]));
    }
    T_TEXT(rdv_buf_view(&tight), t_block(DOCUMENT, block));
    rdv_buf_free(&notation);
    rdv_buf_free(&tight);
}

static void the_document_shows_what_is_read(void)
{
    const struct rdv_span point = t_hex(t_block(DOCUMENT, "hex key"));
    const struct rdv_span entry = t_hex(t_block(DOCUMENT, "hex entry"));
    const struct rdv_span head = t_hex(t_block(DOCUMENT, "hex head"));
    uint8_t hash[SE_SHA256_BYTES];
    struct rdv_envelope got;
    struct rdv_cose parts;

    T_MUST_OK(rdv_envelope_get(&got, &parts, entry));
    T_OK(verify(&parts, point));
    says(parts.protected, "diag entry-header");
    T_UINT(parts.protected.n, 151);
    T_SPAN(parts.payload, t_hex(t_block(DOCUMENT, "hex entry-payload")));
    T_MUST_OK(rdv_envelope_get(&got, &parts, head));
    T_OK(verify(&parts, point));
    says(parts.protected, "diag head-header");
    says(parts.payload, "diag head-payload");
    se_sha256(hash, entry);
    T_SPAN(((struct rdv_span){ got.head.hash, sizeof(got.head.hash) }),
           ((struct rdv_span){ hash, sizeof(hash) }));
}

/* --- refusals --------------------------------------------------------------------------------- */

static struct rdv_envelope an_entry(void)
{
    return (struct rdv_envelope){
        .topic = { RDV_TOPIC_RECORD, "key1.com", 0x0A },
        .time = 1800000000,
        .entry = { .seq = 1,
                   .n = 1,
                   .author = RDV_LIT("root"),
                   .type = RDV_LIT("text/plain"),
                   .content = RDV_LIT("21.5") },
    };
}

static void not_written(const struct rdv_envelope *in)
{
    struct rdv_buf out = RDV_BUF(RDV_ENVELOPE_MAX);

    T_ERR(rdv_envelope_put_protected(&out, in), RDV_ERR_RANGE);
    T_ERR(rdv_envelope_put_payload(&out, in), RDV_ERR_RANGE);
    T_UINT(rdv_buf_len(&out), 0);
    rdv_buf_free(&out);
}

static void what_would_not_be_read_is_not_written(void)
{
    struct rdv_envelope in;

#define WITH(change)      \
    do {                  \
        in = an_entry();  \
        change;           \
        not_written(&in); \
    } while (0)
    WITH(in.topic.sen[0] = '\0');
    WITH(in.topic.kind = RDV_TOPIC_STATUS);
    WITH(in.topic.kind = RDV_TOPIC_CARD); /* of the type of a record's content */
    WITH(in.time = -1);
    WITH(in.entry.seq = 0);
    WITH(in.entry.n = 0);
    WITH(in.entry.n = 2);
    WITH(in.entry.prev[31] = 1);
    WITH(in.entry.author = RDV_LIT(""));
    WITH(in.entry.author = RDV_LIT(" root"));
    WITH(in.entry.type = RDV_LIT(RDV_TYPE_HEAD));
    WITH(in.entry.content.n = RDV_RPC_CONTENT_MAX + 1);
    WITH((in.topic.kind = RDV_TOPIC_HEAD, in.head = (struct rdv_head){ .n = 1, .until = in.time }));
    WITH((in.topic.kind = RDV_TOPIC_HEAD, in.head = (struct rdv_head){ .until = in.time - 1 }));
    WITH((in.topic.kind = RDV_TOPIC_KEY, in.keys = (struct rdv_key_set){ .n = 0 }));
    WITH((in.topic.kind = RDV_TOPIC_KEY, in.keys = (struct rdv_key_set){ .n = 5 }));
#undef WITH
}

static void types_of_content_have_a_form(void)
{
    char longest[RDV_MEDIA_TYPE_MAX + 2] = "x/";

    memset(longest + 2, 'y', sizeof(longest) - 2);
    T_TRUE(rdv_media_type_is_valid((struct rdv_span){ (uint8_t *)longest, RDV_MEDIA_TYPE_MAX }));
    T_TRUE(!rdv_media_type_is_valid(
            (struct rdv_span){ (uint8_t *)longest, RDV_MEDIA_TYPE_MAX + 1 }));
    T_TRUE(rdv_media_type_is_valid(RDV_LIT("a/b")));
    T_TRUE(rdv_media_type_is_valid(RDV_LIT("text/plain; charset=utf-8")));
    T_TRUE(rdv_media_type_is_valid(RDV_LIT("application/rdv")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("application/rdv-x")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("APPLICATION/RDV-x")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("/")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("a/")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("/b")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("text")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT(" text/plain")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("text/plain ")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("text/pl\nain")));
    T_TRUE(!rdv_media_type_is_valid(RDV_LIT("text/pl\xc3\xa4n")));
}

/* A message whose payload has n bytes of nothing in particular. */
static enum rdv_err get_of_size(size_t n)
{
    struct rdv_buf protected = RDV_BUF(RDV_ENVELOPE_PROTECTED_MAX), payload = RDV_BUF(n);
    struct rdv_buf message = RDV_BUF(n + RDV_ENVELOPE_OVERHEAD);
    const uint8_t signature[RDV_COSE_SIGNATURE_BYTES] = { 0 };
    const struct rdv_envelope in = an_entry();
    struct rdv_envelope got;
    struct rdv_cose parts;
    uint8_t *room;
    enum rdv_err err;

    T_MUST_OK(rdv_buf_room(&payload, &room, n));
    memset(room, 'x', n);
    T_MUST_OK(rdv_envelope_put_protected(&protected, &in));
    parts = (struct rdv_cose){ rdv_buf_view(&protected), { room, n }, { signature, 64 } };
    T_MUST_OK(rdv_cose_put(&message, &parts));
    err = rdv_envelope_get(&got, &parts, rdv_buf_view(&message));
    rdv_buf_free(&protected);
    rdv_buf_free(&payload);
    rdv_buf_free(&message);
    return err;
}

static void content_of_a_mebibyte_is_read_and_no_more(void)
{
    T_OK(get_of_size(RDV_RPC_CONTENT_MAX));
    T_ERR(get_of_size(RDV_RPC_CONTENT_MAX + 1), RDV_ERR_FORMAT);
    T_ERR(get_of_size(RDV_RPC_CONTENT_MAX + 1024), RDV_ERR_LIMIT);
}

static void the_longest_header_has_room(void)
{
    struct rdv_buf protected = RDV_BUF(RDV_ENVELOPE_PROTECTED_MAX);
    struct rdv_envelope got;
    struct rdv_cose parts;

    T_MUST_OK(rdv_envelope_get(&got, &parts, vector("longest")));
    got.entry.n = got.entry.seq = UINT64_MAX;
    T_OK(rdv_envelope_put_protected(&protected, &got));
    rdv_buf_free(&protected);
}

static struct rdv_span whole;

static void decode(struct rdv_span in)
{
    struct rdv_envelope got;
    struct rdv_cose parts;

    if (rdv_envelope_get(&got, &parts, in) == RDV_OK) /* then it says something else */
        T_TRUE(in.n == whole.n && memcmp(in.p, whole.p, in.n) != 0 &&
               verify(&parts, key) != RDV_OK);
}

static void no_prefix_and_no_flipped_bit_leads_astray(void)
{
    static const char *const names[] = { "second", "restored", "head", "keys" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        whole = vector(names[i]);
        t_every_prefix(whole, decode);
        t_every_bit_flip(whole, decode);
    }
}

static CU_TestInfo tests[] = {
    T_CASE(the_vectors_are_read_as_they_say),
    T_CASE(an_entry_says_what_was_posted),
    T_CASE(keys_say_what_signs),
    T_CASE(entries_about_the_card_have_no_record),
    T_CASE(the_document_shows_what_is_read),
    T_CASE(what_would_not_be_read_is_not_written),
    T_CASE(types_of_content_have_a_form),
    T_CASE(content_of_a_mebibyte_is_read_and_no_more),
    T_CASE(the_longest_header_has_room),
    T_CASE(no_prefix_and_no_flipped_bit_leads_astray),
    T_END,
};

T_SUITE(wire_envelope, tests);
