import Testing

@testable import LogExport

@Suite struct RetryInfoTests {
  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }

  /// A google.rpc.Status with a detail of the given type whose RetryInfo holds this encoded Duration.
  private func status(
    _ duration: [UInt8], type: String = "type.googleapis.com/google.rpc.RetryInfo"
  ) -> [UInt8] {
    let any = field(1, Array(type.utf8)) + field(2, field(1, duration))
    return [0x08, 0x08] + field(2, Array("busy".utf8)) + field(3, any)
  }

  @Test func readsSecondsAndNanos() {
    #expect(RetryInfo(status: status([0x08, 0x05]))?.delay == .seconds(5))
    #expect(RetryInfo(status: status([0x08, 0xac, 0x02]))?.delay == .seconds(300))
    #expect(RetryInfo(status: status([0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]))?.delay == .milliseconds(500))
    #expect(RetryInfo(status: status([]))?.delay == .zero)
  }

  @Test func passesOverOtherDetails() {
    let other = field(3, field(1, Array("type.googleapis.com/google.rpc.Help".utf8)) + field(2, [1, 2, 3]))
    #expect(RetryInfo(status: other + status([0x08, 0x05]))?.delay == .seconds(5))
    #expect(RetryInfo(status: status([0x08, 0x05], type: "type.googleapis.com/google.rpc.Other")) == nil)
    #expect(RetryInfo(status: []) == nil)
  }

  @Test func negativeAndImpossibleWaitsAreNone() {
    let minusOne: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    #expect(RetryInfo(status: status([0x08] + minusOne)) == nil)
    #expect(RetryInfo(status: status([0x10] + minusOne)) == nil)
    #expect(RetryInfo(status: status([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])) == nil)
  }

  @Test func cutAnywhereItIsNoneOrTheSame() {
    let whole = status([0x08, 0x05])
    for count in 0..<whole.count { #expect(RetryInfo(status: Array(whole[..<count])) == nil) }
  }

  @Test func hostileBytesEndTheReading() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var bytes = status([0x08, 0x05, 0x10, 0x01])
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let delay = RetryInfo(status: bytes)?.delay { #expect(delay >= .zero) }
    }
  }
}
