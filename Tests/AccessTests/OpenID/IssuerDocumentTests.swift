import Testing

@testable import Access

@Suite struct IssuerDocumentTests {
  private func problem(_ text: String, needsTLS: Bool = true) -> String? {
    do throws(KeyProblem) {
      _ = try IssuerDocument.keysAddress(in: Array(text.utf8), of: "https://i", needsTLS: needsTLS)
      return nil
    } catch {
      return error.reason
    }
  }

  private func document(_ address: String) -> String { #"{"issuer":"https://i","jwks_uri":"\#(address)"}"# }

  @Test func theDocumentHasAPlaceOfItsOwn() {
    let address = "https://i/realm/.well-known/openid-configuration"
    #expect(IssuerDocument.address(of: "https://i/realm") == address)
    #expect(IssuerDocument.address(of: "https://i/realm/") == address)
  }

  @Test func theAddressOfKeysIsFound() throws {
    let text = #"{"issuer":"https://other","jwks_uri":"https://keys.example/?p=a","more":[1]}"#
    let address = try IssuerDocument.keysAddress(in: Array(text.utf8), of: nil, needsTLS: true)
    #expect(address == "https://keys.example/?p=a")
    #expect(problem(text) == "the document is that of another issuer: https://other")
    #expect(problem(#"{"jwks_uri":"https://k/"}"#) == "the document is that of another issuer")
  }

  @Test func keysComeOverTLSIfTheIssuerHasIt() {
    #expect(problem(document("http://k/")) == "jwks_uri does not begin with https://, as the issuer does")
    #expect(problem(document("http://k/"), needsTLS: false) == nil)
    #expect(problem(document("HTTPS://k/")) == nil)
    for address in ["file:///etc/passwd", "k", "", "ftp://k/"] {
      #expect(problem(document(address), needsTLS: false) == "jwks_uri is no URL", "\(address)")
    }
    #expect(problem(document("https://k/a b")) == "jwks_uri is no URL")
    #expect(problem(document(#"https://k/\r\nHost: x"#)) == "jwks_uri is no URL")
  }

  @Test func whatIsNoDocumentIsRefused() {
    #expect(problem("<html>") == "the issuer's document is no JSON at byte 0")
    #expect(problem("[]") == "the document is that of another issuer")
    #expect(problem(#"{"issuer":"https://i"}"#) == "the document has no jwks_uri")
    #expect(problem(#"{"issuer":"https://i","jwks_uri":5}"#) == "the document has no jwks_uri")
    #expect(problem(document("https://k/" + String(repeating: "x", count: 2038))) == nil)
    #expect(
      problem(document("https://k/" + String(repeating: "x", count: 2039)))
        == "jwks_uri has 2049 bytes: the limit is 2048 bytes")
  }
}
