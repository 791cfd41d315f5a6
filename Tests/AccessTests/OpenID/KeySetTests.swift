import Testing

@testable import Access

@Suite struct KeySetTests {
  private func set(_ text: String, maxKeys: Int = 3) throws(KeyProblem) -> KeySet {
    try KeySet(Array(text.utf8), maxKeys: maxKeys)
  }

  private func problem(_ text: String, maxKeys: Int = 3) -> String? {
    do throws(KeyProblem) {
      _ = try set(text, maxKeys: maxKeys)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func keysAreFoundByNameAndAlgorithm() async throws {
    let (one, two) = (try await TestKey(.es256, id: "one"), try await TestKey(.rs256, id: "two"))
    let set = try set(#"{"keys":[\#(one.jwk),\#(two.jwk),{\#(two.material)}],"more":1}"#)
    #expect(set.count == 3 && set.names("two") && !set.names("three"))
    #expect(set.candidates(id: "one", .es256).map(\.id) == ["one"])
    #expect(set.candidates(id: "one", .rs256).isEmpty && set.candidates(id: "three", .es256).isEmpty)
    #expect(set.candidates(id: nil, .rs256).map(\.id) == ["two", nil])
    #expect(set.candidates(id: nil, .rs384).map(\.id) == [nil])
  }

  @Test func aSetIsTheSameIfItsKeysAre() async throws {
    let (one, two) = (try await TestKey(.es256, id: "one"), try await TestKey(.es256, id: "two"))
    let first = try set(TestKey.set([one, two]))
    let same = try set(TestKey.set([one, two]))
    let fewer = try set(TestKey.set([one]))
    #expect(first.isSame(as: same) && !first.isSame(as: fewer))
    #expect(fewer.has(first.keys[0]) && !fewer.has(first.keys[1]))
    let renamed = try set(#"{"keys":[{"kid":"other","alg":"ES256",\#(one.material)}]}"#)
    #expect(!renamed.has(first.keys[0]))
  }

  @Test func keysThatCannotBeUsedArePassedOver() async throws {
    let one = try await TestKey(.edDSA)
    let set = try set(#"{"keys":[{"kty":"oct","k":"AA"},{"kty":"RSA"},\#(one.jwk)]}"#)
    #expect(set.keys.map(\.id) == ["one"])
  }

  @Test func whatIsNoSetIsRefused() {
    #expect(problem("login") == "the key set is no JSON at byte 0")
    #expect(problem("{}") == "the key set has no list of keys")
    #expect(problem(#"{"keys":{}}"#) == "the key set has no list of keys")
    let none = "the key set has no key that signatures can be checked with"
    #expect(problem(#"{"keys":[]}"#) == none)
    #expect(problem(#"{"keys":[{"kty":"oct"},{"kty":"RSA"},5]}"#) == "\(none): key 2 has no member n")
    #expect(
      problem(String(repeating: "[", count: 100)) == "the key set is nested 17 levels deep or deeper: "
        + "the limit is 16 levels")
  }

  @Test func thereIsALimitOfKeys() async throws {
    let jwk = try await TestKey(.es256).jwk
    func many(_ count: Int) -> String { "{\"keys\":[\(Array(repeating: jwk, count: count).joined(separator: ","))]}" }
    #expect(problem(many(3)) == nil)
    #expect(problem(many(4)) == "the key set has 4 keys: the limit is 3 (limits.max_keys)")
    #expect(problem(many(10_000), maxKeys: 1000) == "the key set has 10000 keys: the limit is 1000 (limits.max_keys)")
  }
}
