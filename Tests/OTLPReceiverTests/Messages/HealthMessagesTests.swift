import Testing

@testable import OTLPReceiver

@Suite struct HealthMessagesTests {
  private func service(_ bytes: [UInt8]) -> String? { bytes.withUnsafeBytes { HealthMessages.service(in: $0) } }

  @Test func theServiceIsRead() {
    #expect(service([]) == "")
    #expect(service(field(1, Array("a.B".utf8))) == "a.B")
    #expect(service(field(9, [1, 2]) + field(1, Array("a".utf8))) == "a")
  }

  @Test func damageIsNil() {
    #expect(service([0x0A, 5, 1]) == nil)
    #expect(service(field(1, [0xFF])) == nil)
    #expect(service([0xFF]) == nil)
  }

  @Test func theStatusIsItsNumber() {
    #expect(HealthMessages.response(.serving) == [0x08, 1])
    #expect(HealthMessages.response(.notServing) == [0x08, 2])
    #expect(HealthMessages.response(.serviceUnknown) == [0x08, 3])
  }
}
