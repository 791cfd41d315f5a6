import Foundation
import Testing

@testable import Access

@Suite struct SignedTokenTests {
  private func encoded(_ text: String) -> String { TestKey.base64URL(Data(text.utf8)) }

  private func fault(_ header: String, _ claims: String = "{}", signature: String = "AA") -> TokenFault? {
    fault(of: "\(encoded(header)).\(encoded(claims)).\(signature)")
  }

  private func fault(of token: String, maxDepth: Int = 4) -> TokenFault? {
    do throws(TokenFault) {
      _ = try SignedToken(token, maxDepth: maxDepth)
      return nil
    } catch {
      return error
    }
  }

  @Test func aTokenIsTakenApart() throws {
    let header = #"{"typ":"JWT","alg":"RS256","kid":"k","jku":"https://elsewhere/"}"#
    let text = "\(encoded(header)).\(encoded(#"{"sub":"a"}"#)).AQI"
    let token = try SignedToken(text, maxDepth: 4)
    #expect(token.algorithm == .rs256 && token.keyID == "k" && token.claims == ["sub": .string("a")])
    #expect(token.signature == [1, 2] && String(decoding: token.signed, as: UTF8.self) == String(text.dropLast(4)))
  }

  @Test(arguments: [
    "none", "None", "nOnE", "HS256", "HS384", "HS512", "rs256", "RS1", "ES256K", "A128GCM", "", "RS256\u{0}",
  ]) func otherAlgorithmsAreNotTaken(_ name: String) {
    let text = name.replacing("\u{0}", with: "\\u0000")
    #expect(fault(#"{"alg":"\#(text)"}"#) == .algorithm)
  }

  @Test(arguments: [
    ("{}", TokenFault.algorithm), (#"{"alg":5}"#, .algorithm), (#"{"alg":["RS256"]}"#, .algorithm),
    (#"{"alg":"RS256","alg":"RS256"}"#, .malformed), (#"{"alg":"RS256","crit":["b64"],"b64":false}"#, .malformed),
    (#"{"alg":"RS256","kid":5}"#, .malformed), ("[]", .malformed), ("", .malformed), ("x", .malformed),
  ]) func aHeaderHasToBeInOrder(_ header: String, expected: TokenFault) {
    #expect(fault(header) == expected)
  }

  @Test func partsHaveToBeInOrder() {
    let header = #"{"alg":"ES256"}"#
    #expect(fault(header) == nil)
    for claims in ["", "[]", "5", "{", #"{"a":1,"a":2}"#] { #expect(fault(header, claims) == .malformed) }
    for signature in ["", "A", "A=", "AB", "A+/A", "AA==", "AA AA", "ÄÖ"] {
      #expect(fault(header, signature: signature) == .malformed, "\(signature)")
    }
    for text in ["", ".", "..", "a.b", "a.b.c.d", "a..c"] { #expect(fault(of: text) == .malformed, "\(text)") }
  }

  @Test func claimsHaveALimitOfDepth() {
    let header = encoded(#"{"alg":"ES256"}"#)
    func token(_ depth: Int) -> String {
      let lists = String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
      return "\(header).\(encoded("{\"a\":\(lists.isEmpty ? "1" : lists)}")).AA"
    }
    #expect(fault(of: token(4)) == nil && fault(of: token(5)) == .malformed)
    #expect(fault(of: token(10_000)) == .malformed)
  }

  @Test func threePartsAreTheFormOfATokenOfThisKind() {
    #expect(SignedToken.hasForm("a.b.c") && SignedToken.hasForm(".."))
    #expect(!SignedToken.hasForm("opaque") && !SignedToken.hasForm("a.b") && !SignedToken.hasForm("a.b.c.d.e"))
  }

  @Test func everyChangeOfACharacterIsFound() async throws {
    let pair = try await TestKey(.es256)
    let key = try #require(try KeySet(Array(TestKey.set([pair]).utf8), maxKeys: 1).keys.first)
    #expect(await key.prepare(for: .es256))
    let text = Array(try pair.token(#"{"sub":"somebody","exp":4102444800}"#).utf8)
    #expect(try SignedToken(String(decoding: text, as: UTF8.self), maxDepth: 4).isSigned(by: key) == true)
    for index in text.indices {
      for byte in [UInt8(ascii: "A"), UInt8(ascii: "Z"), UInt8(ascii: "9"), UInt8(ascii: "."), text[index] ^ 1] {
        guard byte != text[index] else { continue }
        var changed = text
        changed[index] = byte
        let token = try? SignedToken(String(decoding: changed, as: UTF8.self), maxDepth: 4)
        #expect(token?.isSigned(by: key) != true, "\(index)")
      }
      let cut = try? SignedToken(String(decoding: text[..<index], as: UTF8.self), maxDepth: 4)
      #expect(cut?.isSigned(by: key) != true, "\(index)")
    }
  }
}
