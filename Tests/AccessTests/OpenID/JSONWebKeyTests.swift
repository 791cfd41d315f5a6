import Testing

@testable import Access

@Suite struct JSONWebKeyTests {
  private func key(_ text: String) throws -> JSONWebKey? {
    try JSONWebKey(try JSONValue(Array(text.utf8), maxDepth: 4))
  }

  private func problem(_ text: String) -> String? {
    do {
      return try key(text) == nil ? "passed over" : nil
    } catch {
      return (error as? KeyProblem)?.reason ?? "\(error)"
    }
  }

  @Test(arguments: SignatureAlgorithm.allCases) func aKeyOfEachAlgorithmChecksSignaturesOfIt(
    _ algorithm: SignatureAlgorithm
  ) async throws {
    let pair = try await TestKey(algorithm)
    let key = try #require(try key(pair.jwk))
    #expect(key.id == "one" && key.algorithms == [algorithm])
    let token = try SignedToken(pair.token("{}"), maxDepth: 4)
    #expect(token.isSigned(by: key) == nil)
    #expect(await key.prepare(for: algorithm))
    #expect(token.isSigned(by: key) == true)
    for place in [0, token.signature.count / 2, token.signature.count - 1] {
      var signature = token.signature
      signature[place] ^= 1
      #expect(try key.verifier(of: algorithm)?.verify(signature, signs: token.signed) != true)
    }
    var signed = token.signed
    signed[0] ^= 1
    #expect(try key.verifier(of: algorithm)?.verify(token.signature, signs: signed) == false)
    for signature: [UInt8] in [[], [0], Array(repeating: 0, count: token.signature.count)] {
      #expect((try? key.verifier(of: algorithm)?.verify(signature, signs: token.signed)) != true)
    }
    let other = try await TestKey(algorithm, otherRSA: true)
    let foreign = try SignedToken(other.token("{}"), maxDepth: 4)
    #expect(foreign.isSigned(by: key) == false)
  }

  @Test func aKeyWithoutAlgorithmIsForAllOfItsKind() async throws {
    let rsa = try await TestKey(.rs256)
    let key = try #require(try key("{\(rsa.material)}"))
    #expect(key.id == nil && key.algorithms == SignatureAlgorithm.rsa)
    #expect(await key.prepare(for: .ps512))
    #expect(await key.prepare(for: .es256) == false)
    let curve = try await TestKey(.es384)
    #expect(try self.key("{\(curve.material)}")?.algorithms == [.es384])
  }

  @Test func whatIsForSomethingElseIsPassedOver() async throws {
    let material = try await TestKey(.es256).material
    for members in [
      #""use":"enc""#, #""key_ops":["encrypt"]"#, #""alg":"RSA-OAEP""#, #""alg":"HS256""#, #""alg":"none""#,
    ] {
      #expect(problem("{\(members),\(material)}") == "passed over", "\(members)")
    }
    #expect(problem(#"{"kty":"oct","k":"c2VjcmV0"}"#) == "passed over")
    #expect(problem(#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#) == "passed over")
    #expect(problem(#"{"kty":"OKP","crv":"X25519","x":"AA"}"#) == "passed over")
    #expect(problem(#"{"key_ops":["verify"],\#(material)}"#) == nil)
  }

  @Test func whatIsMalformedIsRefused() async throws {
    let material = try await TestKey(.es256).material
    #expect(problem("{}") == "has no kty")
    #expect(problem(#"{"kty":"RSA","e":"AQAB"}"#) == "has no member n")
    #expect(problem(#"{"kty":"RSA","n":"a b","e":"AQAB"}"#) == "has a member n that is no base64url")
    #expect(problem(#"{"alg":"ES384",\#(material)}"#) == "has an alg that does not go with its kty")
    #expect(problem(#"{"alg":"RS256",\#(material)}"#) == "has an alg that does not go with its kty")
    // No point of the curve, and one that is too short.
    let zeros = String(repeating: "A", count: 43)
    for x in [zeros, "AAAA"] {
      #expect(problem(#"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(zeros)"}"#)?.hasPrefix("is no key") == true)
    }
    #expect(problem(#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#)?.hasPrefix("is no key") == true)
  }

  @Test func keysOfRSAHaveALengthFromTo() {
    func rsa(bytes: Int, exponent: String = "AQAB") -> String {
      // All bits set: an odd number of as many bits.
      let modulus = String(repeating: "_", count: bytes / 3 * 4) + ["", "_w", "__8"][bytes % 3]
      return #"{"kty":"RSA","n":"\#(modulus)","e":"\#(exponent)"}"#
    }
    #expect(problem(rsa(bytes: 256)) == nil && problem(rsa(bytes: 1024)) == nil)
    #expect(problem(rsa(bytes: 255))?.hasPrefix("is no key") == true)
    #expect(problem(rsa(bytes: 1025)) == "has a member n of 1025 bytes: the limit is 1024 bytes")
    #expect(problem(rsa(bytes: 256, exponent: "AQAAAAE")) == "has a member e of 5 bytes: the limit is 4 bytes")
    for exponent in ["AA", "Ag", "AQ"] {
      #expect(problem(rsa(bytes: 256, exponent: exponent))?.hasPrefix("is no key") == true, "\(exponent)")
    }
  }
}
