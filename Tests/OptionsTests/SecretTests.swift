import Options
import Testing

@Suite struct SecretTests {
  private let secret = Secret("pa55")

  @Test func isRevealedOnlyOnRequest() {
    #expect(secret.reveal() == "pa55")
    #expect("\(secret)" == "[REDACTED]")
    #expect(String(reflecting: secret) == "[REDACTED]")
  }

  @Test func isNotDumped() {
    var text = ""
    dump(["key": (1, secret)], to: &text)
    #expect(!text.contains("pa55"))
    #expect(text.contains("[REDACTED]"))
  }
}
