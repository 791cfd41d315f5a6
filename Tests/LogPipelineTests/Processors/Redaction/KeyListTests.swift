import Testing

@testable import LogPipeline

@Suite struct KeyListTests {
  private func contains(_ set: KeySet, _ key: String) -> Bool {
    Array(key.utf8).withUnsafeBytes { set.contains($0) }
  }

  @Test func aSetHasItsKeysAndNoOthers() {
    let keys = (0..<1000).map { "key.\($0)" }
    let set = KeySet(keys + keys)
    #expect(keys.allSatisfy { contains(set, $0) })
    #expect((1000..<3000).allSatisfy { !contains(set, "key.\($0)") })
    #expect(!contains(set, "") && !contains(set, "key.") && !contains(set, "key.10000"))
  }

  @Test func anEmptySetHasNothingAndAnEmptyKeyMayBeOne() {
    #expect(!contains(KeySet([]), "") && KeySet([]).isEmpty)
    #expect(contains(KeySet([""]), "") && !contains(KeySet([""]), "a"))
  }
}
