import Testing

@testable import LogPipeline

@Suite struct HMACTests {
  private func code(_ key: [UInt8], _ text: String, _ function: HMACKey.Function = .sha256) -> String {
    var writer = ByteWriter()
    Array(text.utf8).withUnsafeBytes { HMACKey(id: "k", key: key, function: function).appendHex(of: $0, to: &writer) }
    return String(decoding: writer.array, as: UTF8.self)
  }

  /// RFC 4231, test cases 1, 2 and 6.
  @Test func knownAnswers() {
    #expect(
      code([UInt8](repeating: 0x0B, count: 20), "Hi There")
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      code(Array("Jefe".utf8), "what do ya want for nothing?")
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      code([UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First")
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  /// RFC 4231, test cases 1 and 6.
  @Test func knownAnswersWithSHA512() {
    #expect(
      code([UInt8](repeating: 0x0B, count: 20), "Hi There", .sha512)
        == "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854")
    #expect(
      code(
        [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First", .sha512)
        == "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598")
  }
}
