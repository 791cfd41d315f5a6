import Testing

@testable import LogPipeline

@Suite struct TenantNameTests {
  @Test(arguments: [
    "a", "acme", "Acme Inc.", "équipe-1", "租户", "\u{FFFC}\u{FFFE}", String(repeating: "x", count: 128), "\u{A0}",
  ])
  func theseAreNames(_ name: String) { #expect(TenantName.problem(of: name.utf8) == nil) }

  @Test(arguments: ["", "a\n", "\u{0}", "a\u{7F}", "a\u{85}b", "\u{9F}", "tab\tbed", "\u{FFFD}", "a\u{FFFD}b"])
  func theseAreNone(_ name: String) { #expect(TenantName.problem(of: name.utf8) != nil) }

  @Test func oneByteTooMuchIsToldWithBothNumbers() {
    let problem = TenantName.problem(of: String(repeating: "x", count: 129).utf8)
    #expect(problem == "the name of a tenant has 129 bytes: the limit is 128 bytes")
  }
}
