#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes envelopes.txt: made from docs/envelope.md alone, with no code of the card.

    ./make.py > envelopes.txt

The key is published here, and good for nothing else.
"""
import hashlib
import hmac

# --- secp256k1 (SEC 2), ECDSA with the nonces of RFC 6979, s low --------------------------------
P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        m = 3 * a[0] * a[0] * pow(2 * a[1], -1, P)
    else:
        m = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (m * m - a[0] - b[0]) % P
    return x, (m * (a[0] - x) - a[1]) % P


def times(k, point):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point = add(point, point)
        k >>= 1
    return out


def sha(data):
    return hashlib.sha256(data).digest()


def nonce(secret, digest):
    v, k = b"\1" * 32, b"\0" * 32
    seed = secret.to_bytes(32, "big") + (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    for i in (b"\0", b"\1"):
        k = hmac.digest(k, v + i + seed, "sha256")
        v = hmac.digest(k, v, "sha256")
    v = hmac.digest(k, v, "sha256")
    return int.from_bytes(v, "big")


def sign(secret, data, high=False):
    digest = sha(data)
    k = nonce(secret, digest)
    r = times(k, G)[0] % N
    s = pow(k, -1, N) * (int.from_bytes(digest, "big") + r * secret) % N
    if (s > N // 2) != high:
        s = N - s
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Key:
    def __init__(self, name):
        self.secret = int.from_bytes(sha(name), "big") % N
        x, y = times(self.secret, G)
        self.x, self.y = x.to_bytes(32, "big"), y.to_bytes(32, "big")
        self.kid = sha(bytes([2 + y % 2]) + self.x)[:8]


KEY = Key(b"rdv test vectors")
OTHER = Key(b"another card")


# --- CBOR (RFC 8949), deterministic unless told otherwise ----------------------------------------
class Raw(bytes):
    """Encoded already."""


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    for i, size in enumerate((1, 2, 4, 8)):
        if n < 256**size:
            return bytes([major << 5 | 24 + i]) + n.to_bytes(size, "big")


def enc(v):
    if isinstance(v, Raw):
        return bytes(v)
    if isinstance(v, bool):
        return b"\xf5" if v else b"\xf4"
    if v is None:
        return b"\xf6"
    if isinstance(v, int):
        return head(0, v) if v >= 0 else head(1, -1 - v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    if isinstance(v, str):
        return head(3, len(v.encode())) + v.encode()
    if isinstance(v, list):
        return head(4, len(v)) + b"".join(map(enc, v))
    return head(5, len(v)) + b"".join(sorted(enc(k) + enc(x) for k, x in v.items()))


# --- envelopes -----------------------------------------------------------------------------------
ZERO = b"\0" * 32
N_, PREV, AUTHOR, TOPIC = -65537, -65538, -65539, -65540


def claims(sub, sen="key1.com", time=1800000000):
    return {1: sen, 2: sub, 6: time, TOPIC: "rdv/%s/%s" % (sen, sub)}


def entry(sub="record/0A", seq=1, n=1, prev=ZERO, author="root", **more):
    return claims(sub, **more) | {7: seq.to_bytes(8, "big"), N_: n, PREV: prev, AUTHOR: author}


def protected(cwt, kind="text/plain", alg=-47, kid=KEY.kid):
    return {1: alg, 3: kind, 4: kid, 15: cwt}


def wrap(prot, payload, key=KEY, high=False):
    prot = prot if isinstance(prot, bytes) else enc(prot)
    signed = enc(["Signature1", prot, b"", payload])
    return b"\xd2" + enc([prot, {}, payload, sign(key.secret, signed, high)])


def note(payload=b"21.5", key=KEY, high=False, kind="text/plain", **more):
    return wrap(protected(entry(**more), kind), payload, key, high)


HEAD = "application/rdv-head+cbor"
KEYS = "application/cose-key-set"
CARD = "application/rdv-card+cbor"


def state(n, digest, time=1800000100, until=1800003700, record=10):
    return {"n": n, "hash": digest, "time": time, "until": until, "record": record}


def a_head(payload, sub="head/0A", time=1800000100, kind=HEAD):
    payload = payload if isinstance(payload, bytes) else enc(payload)
    return wrap(protected(claims(sub, time=time), kind), payload)


def public(key, **more):
    return {1: 2, 2: key.kid, 3: -47, -1: 8, -2: key.x, -3: key.y} | {
        int(k[1:]) * (-1 if k[0] == "m" else 1): v for k, v in more.items()}


def keys(items, kind=KEYS):
    return wrap(protected(claims("key"), kind), enc(items))


def with_claims(change, **more):
    c = entry(**more)
    change(c)
    return wrap(protected(c), b"21.5")


def unsorted(v):
    """A map in the order given."""
    return Raw(head(5, len(v)) + b"".join(enc(k) + enc(x) for k, x in v.items()))


first = note()
second = note(b"21.7", seq=2, n=2, prev=sha(first), time=1800000060, author="sensor1")
third = note(b"", seq=5, n=3, prev=sha(second), time=1800000090, kind="application/octet-stream")
longest = wrap(
    protected(entry("record/FF", sen="abcdefghijklm.0", seq=2**63 - 1, n=2**63 - 1, prev=b"\xff" * 32,
                    author="a" * 64, time=2**63 - 1), "t/" + "x" * 125), bytes(range(256)) * 4)
restored = wrap(protected(entry("card", seq=3 << 40 | 1), CARD),
                enc({"event": "restored", "epoch": 3}))
the_head = a_head(state(2, sha(second)))
the_keys = keys([public(KEY)])

good = [
    ("first", first), ("second", second), ("cleared", third), ("longest", longest),
    ("restored", restored), ("head", the_head), ("head-of-nothing", a_head(state(0, ZERO))),
    ("keys", the_keys), ("two-keys", keys([public(KEY), public(OTHER)])),
]

plain = protected(entry())
body = enc(plain)
signature = first[-64:]
bad = [
    # The message.
    ("short", "nothing", b""),
    ("short", "cut", first[:-1]),
    ("short", "cut-in-the-header", first[:40]),
    ("trailing", "a-byte-more", first + b"\0"),
    ("trailing", "twice", first + first),
    ("format", "no-tag", first[1:]),
    ("format", "tag-of-a-mac", b"\xd1" + first[1:]),
    ("format", "tag-in-two-bytes", b"\xd8\x12" + first[1:]),
    ("format", "unprotected-alg", b"\xd2" + enc([body, {1: -47}, b"21.5", signature])),
    ("format", "detached", b"\xd2" + enc([body, {}, None, signature])),
    ("format", "text-for-payload", b"\xd2" + enc([body, {}, "21.5", signature])),
    ("format", "payload-length-in-two-bytes",
     b"\xd2" + enc([body, {}, Raw(b"\x58\x0421.5"), signature])),
    ("format", "payload-in-pieces", b"\xd2" + enc([body, {}, Raw(b"\x5f\x4421.5\xff"), signature])),
    ("format", "array-of-any-length", b"\xd2\x9f" + enc([body, {}, b"21.5", signature])[1:] + b"\xff"),
    ("format", "short-signature", b"\xd2" + enc([body, {}, b"21.5", signature[:63]])),
    ("format", "high-s", note(high=True)),
    ("format", "no-header", wrap(b"", b"21.5")),
    # The header.
    ("format", "es256", wrap(protected(entry(), alg=-7), b"21.5")),
    ("format", "alg-in-three-bytes", wrap(protected(entry(), alg=Raw(b"\x39\x00\x2e")), b"21.5")),
    ("format", "type-as-a-number", wrap(protected(entry(), kind=42), b"21.5")),
    ("format", "short-kid", wrap(protected(entry(), kid=KEY.kid[:7]), b"21.5")),
    ("format", "labels-out-of-order",
     wrap(enc(unsorted({1: -47, 4: KEY.kid, 3: "text/plain", 15: entry()})), b"21.5")),
    ("format", "a-label-more", wrap(plain | {5: b"\0"}, b"21.5")),
    ("format", "a-label-twice",
     wrap(b"\xa5" + body[1:4] + body[1:], b"21.5")),
    ("format", "bytes-behind-the-header", wrap(body + b"\0", b"21.5")),
    # The claims.
    ("format", "no-topic", with_claims(lambda c: c.pop(TOPIC))),
    ("format", "no-prev", with_claims(lambda c: c.pop(PREV))),
    ("format", "a-claim-more", with_claims(lambda c: c.update({4: 1900000000}))),
    ("format", "topic-of-another-record", with_claims(lambda c: c.update({TOPIC: "rdv/key1.com/record/0B"}))),
    ("format", "topic-of-another-card", with_claims(lambda c: c.update({TOPIC: "rdv/key2.com/record/0A"}))),
    ("format", "record-in-lower-case", note(sub="record/0a")),
    ("format", "record-of-three-digits", note(sub="record/00A")),
    ("format", "subject-of-a-key", note(sub="key/0A")),
    ("format", "subject-of-the-bridge", wrap(protected(claims("status"), KEYS), enc([public(KEY)]))),
    ("format", "name-with-a-slash", note(sen="a/b")),
    ("format", "name-too-long", note(sen="abcdefghijklmnop")),
    ("format", "negative-time", note(time=-1)),
    ("format", "time-as-a-fraction", with_claims(lambda c: c.update({6: Raw(b"\xf9\x3c\x00")}))),
    ("format", "time-too-late", note(time=2**63)),
    ("format", "seq-0", note(seq=0)),
    ("format", "seq-of-four-bytes", with_claims(lambda c: c.update({7: b"\0\0\0\1"}))),
    ("format", "n-0", note(n=0)),
    ("format", "first-with-prev", note(prev=sha(first))),
    ("format", "second-without-prev", note(n=2)),
    ("format", "short-prev", note(n=2, prev=b"\1" * 31)),
    ("format", "nobody", note(author="")),
    ("format", "author-with-a-line-end", note(author="ro\not")),
    ("format", "author-too-long", note(author="a" * 65)),
    ("format", "type-without-a-slash", note(kind="text")),
    ("format", "type-too-long", note(kind="t/" + "x" * 126)),
    ("format", "type-of-a-head", note(enc(state(9, sha(first))), kind=HEAD)),
    ("format", "type-of-a-head-in-capitals", note(kind="Application/RDV-head+cbor")),
    ("format", "card-as-text", note(sub="card")),
    # Heads.
    ("format", "head-as-text", a_head(state(2, sha(second)), kind="text/plain")),
    ("format", "head-of-another-record", a_head(state(2, sha(second), record=11))),
    ("format", "head-of-another-time", a_head(state(2, sha(second), time=1800000101))),
    ("format", "head-past-its-end", a_head(state(2, sha(second), until=1800000099))),
    ("format", "head-of-nothing-with-hash", a_head(state(0, sha(second)))),
    ("format", "head-without-hash", a_head(state(2, ZERO))),
    ("format", "head-without-end",
     a_head({k: v for k, v in state(2, sha(second)).items() if k != "until"})),
    ("format", "head-with-more", a_head(state(2, sha(second)) | {"x": 1})),
    ("format", "head-out-of-order",
     a_head(enc(unsorted({"hash": sha(second), "n": 2, "time": 1800000100, "until": 1800003700,
                          "record": 10})))),
    ("format", "head-and-a-byte", a_head(enc(state(2, sha(second))) + b"\0")),
    ("format", "head-with-seq",
     wrap(protected(claims("head/0A", time=1800000100) | {7: b"\0" * 7 + b"\1"}, HEAD),
          enc(state(2, sha(second))))),
    # Keys.
    ("format", "no-keys", keys([])),
    ("format", "five-keys", keys([public(KEY)] * 5)),
    ("format", "key-on-p256", keys([public(KEY, m1=1)])),
    ("format", "key-for-es256", keys([public(KEY, p3=-7)])),
    ("format", "key-with-a-sign", keys([public(KEY, m3=True)])),
    ("format", "key-with-its-secret",
     keys([public(KEY, m4=KEY.secret.to_bytes(32, "big"))])),
    ("format", "keys-as-cbor", keys([public(KEY)], kind="application/cbor")),
    # Well formed, and not signed by the key.
    ("auth", "other-content", first.replace(b"\x4421.5", b"\x4421.6")),
    ("auth", "other-author", first.replace(b"\x64root", b"\x64toor")),
    ("auth", "other-signature", first[:-1] + bytes([first[-1] ^ 1])),
    ("auth", "no-signature", first[:-64] + bytes(64)),
    ("auth", "other-key", note(key=OTHER)),
    ("auth", "signature-of-another", first[:-64] + second[-64:]),
]

print("""# SPDX-License-Identifier: GPL-3.0-or-later
# Written by make.py. Each line: what a reader says, name, message in hex. "ok" decodes and verifies
# with the key of the line "key" (04 X Y, on secp256k1); "auth" decodes and does not verify; the
# rest are errors of base/err.def, and do not decode.""")
print("key - 04%s%s" % (KEY.x.hex().upper(), KEY.y.hex().upper()))
for name, message in good:
    print("ok", name, message.hex().upper())
for word, name, message in bad:
    assert not any(message == other for _, other in good), name
    print(word, name, message.hex().upper() or "-")
