import Testing

@testable import HTTPTransport

@Suite struct DestinationNameTests {
  private func bytes(_ names: [String]) -> [[UInt8]] { names.map { Array($0.utf8) } }

  private func isNamed(_ host: String, _ names: [String], _ addresses: [String] = [], reached: String) -> Bool {
    DestinationName(host).isNamed(
      bytes(names), addresses.compactMap { IPAddress($0) }, reached: IPAddress(reached))
  }

  /// What the library has taken for the name is taken; what it may have taken for the address alone has to have the
  /// name.
  @Test func aNameIsLookedForWhereTheAddressThatWasReachedWouldDo() {
    #expect(isNamed("a.test", ["other.test"], ["10.0.0.2"], reached: "10.0.0.1"))
    #expect(!isNamed("a.test", ["other.test"], ["10.0.0.1"], reached: "10.0.0.1"))
    #expect(!isNamed("a.test", [], ["10.0.0.1"], reached: "10.0.0.1"))
    #expect(!isNamed("a.test", [], ["::ffff:10.0.0.1"], reached: "10.0.0.1"))
    #expect(isNamed("A.test.", ["x", "a.test"], ["10.0.0.1"], reached: "10.0.0.1"))
    #expect(!DestinationName("a.test").isNamed([], [], reached: nil))
  }

  @Test(arguments: [
    ("a.test", "*.test", true), ("a.b.test", "*.test", false), ("a.b.test", "*.b.test", true),
    ("test", "*.test", false),
    (".test", "*.test", false), ("a.test", "*", false), ("a.test", "*.", false), ("ab.test", "a*.test", false),
    ("*.test", "*.test", true), ("a.test", "", false),
  ])
  func aStarStandsForOneLabel(_ host: String, _ pattern: String, _ expected: Bool) {
    #expect(isNamed(host, [pattern], ["10.0.0.1"], reached: "10.0.0.1") == expected)
  }

  /// Whatever address was reached: behind a proxy that is another.
  @Test func anAddressIsLookedForAmongAddresses() {
    #expect(isNamed("10.0.0.7", [], ["10.0.0.7"], reached: "10.0.0.1"))
    #expect(!isNamed("10.0.0.7", ["10.0.0.7"], ["10.0.0.1"], reached: "10.0.0.1"))
    #expect(isNamed("2001:db8:0::7", [], ["10.0.0.1", "2001:db8::7"], reached: "10.0.0.1"))
  }
}
