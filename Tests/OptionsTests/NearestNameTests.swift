import Options
import Testing

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("max_recv_msg_size", "max_recv_msg_size_mib"), ("endpiont", "endpoint"), ("Endpoint", "endpoint"),
    ("maxRecvMsgSizeMiB", "max_recv_msg_size_mib"), ("tsl", "tls"), ("time", "timeout"),
  ])
  func findsAMisspeltName(_ name: String, _ expected: String) {
    let names = ["endpoint", "max_recv_msg_size_mib", "tls", "timeout", "auth"]
    #expect(nearest(to: name, among: names) == expected)
  }

  @Test(arguments: ["", "x", "completely_different", String(repeating: "endpoint", count: 17)])
  func findsNothingForANameThatIsNotNear(_ name: String) {
    #expect(nearest(to: name, among: ["endpoint", "tls", "auth"]) == nil)
  }

  @Test func prefersTheNearest() {
    #expect(nearest(to: "cert_fil", among: ["key_file", "cert_files", "cert_file"]) == "cert_file")
  }

  @Test func doesNotSuggestTheNameItself() {
    #expect(nearest(to: "otlp", among: ["otlp"]) == nil)
  }

  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 1), ("abc", "abc", 0),
  ])
  func countsEdits(_ a: String, _ b: String, _ expected: Int) {
    #expect(editDistance(Array(a.utf8), Array(b.utf8)) == expected)
  }

  @Test func wordsTheSuggestion() {
    #expect(suggestion(for: "tsl", among: ["tls"]) == " (did you mean \"tls\"?)")
    #expect(suggestion(for: "zzz", among: ["tls"]) == "")
  }
}
