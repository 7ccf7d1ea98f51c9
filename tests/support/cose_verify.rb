# SPDX-License-Identifier: GPL-3.0-or-later
# Verifies messages of a card with code that is not ours: the COSE library of Debian's ruby-cose, and
# OpenSSL. Knows nothing of envelopes.
#
#   cose_verify.rb KEY < LINES      KEY: 04 X Y in hex; LINES: "TOPIC HEX", of mosquitto_sub
#
# Writes for each line "good" or "bad", the topic that is signed, n, and the payload in hex.
require "cose"

N = -65537
TOPIC = -65540

# The library builds a key in a way that OpenSSL 3 refuses ("pkeys are immutable"); here it is read
# from SubjectPublicKeyInfo (RFC 5480) instead. All else is the library's.
class PublicKey < COSE::Key::EC2
  SECP256K1 = ["3056301006072a8648ce3d020106052b8104000a034200"].pack("H*")

  def to_pkey
    OpenSSL::PKey::EC.new(SECP256K1 + "\x04".b + x + y)
  end
end

point = [ARGV.fetch(0)].pack("H*")
compressed = (2 + point.bytes.last % 2).chr.b + point[1, 32]
key = PublicKey.new(kid: OpenSSL::Digest::SHA256.digest(compressed)[0, 8], alg: -47, crv: 8,
                    x: point[1, 32], y: point[33, 32])

$stdin.each_line do |line|
  begin
    message = COSE::Sign1.deserialize([line.split.last].pack("H*"))
    message.verify(key)
    claims = message.protected_headers[15]
    puts "good #{claims[TOPIC]} #{claims[N]} #{message.payload.unpack1('H*')}"
  rescue COSE::Error, CBOR::MalformedFormatError, EOFError => e
    puts "bad #{e.message}"
  end
end
