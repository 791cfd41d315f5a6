import Testing

@testable import Access

@Suite struct KeyedHashTests {
  @Test func theSameTextHasTheSameHashUnderOneKeyAlone() throws {
    let (one, other) = (KeyedHash(), KeyedHash())
    let hash = try #require(one.value(of: "secret"))
    #expect(one.value(of: "secret") == hash)
    #expect(one.value(of: "secres") != hash)
    #expect(one.value(of: "") != hash)
    #expect(other.value(of: "secret") != hash)
  }

  @Test func secretsAreComparedWhole() {
    #expect(areSame([1, 2, 3], [1, 2, 3]))
    #expect(!areSame([1, 2, 3], [1, 2, 4]))
    #expect(!areSame([0, 2, 3], [1, 2, 3]))
    #expect(!areSame([1, 2], [1, 2, 3]))
    #expect(areSame([UInt8](), []))
  }
}
