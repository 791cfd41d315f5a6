import HTTPTransport
import Testing

@testable import Access

@Suite struct HeaderCredentialsTests {
  private func read(_ values: [String], scheme: String = "Bearer", maxBytes: Int = 8) -> HeaderCredentials {
    let headers = HTTPHeaders(values.map { ("Authorization", $0) })
    let head = HTTPRequestHead(method: "POST", path: "/", headers: headers)
    return HeaderCredentials(head, name: "authorization", scheme: scheme, maxBytes: maxBytes)
  }

  @Test func readsWhatStandsBehindTheScheme() {
    #expect(read(["Bearer abc"]) == .text("abc"))
    #expect(read(["bEARER   abc"]) == .text("abc"))
    #expect(read(["Bearer "]) == .text(""))
    #expect(read(["abc"], scheme: "") == .text("abc"))
  }

  @Test(arguments: ["Basic abc", "Bearerabc", "Bearer", "Bear", "", "Bearer\tabc"])
  func anotherSchemeIsNone(_ value: String) { #expect(read([value]) == .absent) }

  @Test func lengthHasALimitAndSeveralFieldsAreNone() {
    #expect(read([]) == .absent)
    #expect(read(["Bearer 12345678"]) == .text("12345678"))
    #expect(read(["Bearer 123456789"]) == .unusable)
    #expect(read(["Bearer a", "Bearer b"]) == .unusable)
  }
}
