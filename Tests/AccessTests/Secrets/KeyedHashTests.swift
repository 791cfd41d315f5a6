import Testing

@testable import Access

@Suite struct KeyedHashTests {
  @Test func theSameTextHasTheSameHashUnderOneKeyAlone() throws {
    let (one, other) = (KeyedHash(), KeyedHash())
    let hash = try #require(one("secret"))
    #expect(one("secret") == hash)
    #expect(one("secres") != hash)
    #expect(one("") != hash)
    #expect(other("secret") != hash)
  }

  @Test func secretsAreComparedWhole() {
    #expect(areSame([1, 2, 3], [1, 2, 3]))
    #expect(!areSame([1, 2, 3], [1, 2, 4]))
    #expect(!areSame([0, 2, 3], [1, 2, 3]))
    #expect(!areSame([1, 2], [1, 2, 3]))
    #expect(areSame([UInt8](), []))
  }
}
