import Testing

@testable import LogPipeline

@Suite struct IPAddressTests {
  private func address(_ text: String) -> IPAddress? { text.withBytes { IPAddress($0) } }

  @Test(
    arguments: [
      ("0.0.0.0", 0, 0xFFFF_0000_0000), ("10.1.2.255", 0, 0xFFFF_0A01_02FF), ("::", 0, 0), ("::1", 0, 1),
      ("2001:db8::8a2e:370:7334", 0x2001_0DB8_0000_0000, 0x0000_8A2E_0370_7334),
      ("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004, 0x0005_0006_0007_0008), ("1::", 0x0001_0000_0000_0000, 0),
      ("::ffff:10.0.0.1", 0, 0xFFFF_0A00_0001), ("FE80::A", 0xFE80_0000_0000_0000, 10),
      ("1:2:3:4:5:6:7::", 0x0001_0002_0003_0004, 0x0005_0006_0007_0000),
      ("1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004, 0x0005_0006_0102_0304),
      ("::2:3:4:5:6:7:8", 0x0000_0002_0003_0004, 0x0005_0006_0007_0008),
    ] as [(String, UInt64, UInt64)])
  func addressesAreRead(_ text: String, _ high: UInt64, _ low: UInt64) {
    #expect(address(text)?.high == high)
    #expect(address(text)?.low == low)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "1..2.3", ".1.2.3", "1.2.3.", "1.2.3.a", ":", ":::", "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:",
    "fe80::1%eth0",
    "1:2:3:4:5:6:7:8::", " 1.2.3.4",
  ])
  func whatIsNoAddressIsRefused(_ text: String) {
    #expect(address(text) == nil)
  }

  @Test func addressesBecomeBytes() {
    #expect(written { address("65.66.67.68")?.appendBytes(to: &$0) } == "ABCD")
    var writer = ByteWriter(capacityBytes: 64)
    address("1:2:3:4:5:6:7:8")?.appendBytes(to: &writer)
    #expect(writer.array == [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8])
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3/32", "10.1.2.3", true),
    ("10.1.2.3/32", "10.1.2.2", false), ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false),
    ("::/0", "10.0.0.1", true), ("2001:db8::/33", "2001:db8:7fff::", true), ("2001:db8::/33", "2001:db8:8000::", false),
    ("2001:db8::/64", "2001:db8::1:0:0:1", true), ("::1/128", "::1", true), ("::1/128", "::2", false),
    ("10.1.2.3/24", "10.1.2.99", true),
  ])
  func networksHoldAddresses(_ network: String, _ text: String, _ holds: Bool) throws {
    let network = try #require(network.withBytes { IPNetwork($0) })
    #expect(network.contains(try #require(address(text))) == holds)
  }

  @Test(arguments: [
    "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "::/129", "x/8", "10.0.0.0/8/8", "",
  ])
  func whatIsNoNetworkIsRefused(_ text: String) {
    #expect(text.withBytes { IPNetwork($0) } == nil)
  }

  /// The baseline of corelight's specification.
  @Test func flowsHaveOneIDInBothDirections() throws {
    var flow = CommunityID(
      source: try #require(address("128.232.110.120")), sourcePort: 34855,
      destination: try #require(address("66.35.250.204")), destinationPort: 80)
    #expect(written { _ = flow.append(to: &$0) } == "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
    swap(&flow.source, &flow.destination)
    swap(&flow.sourcePort, &flow.destinationPort)
    #expect(written { _ = flow.append(to: &$0) } == "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")
    flow.seed = 1
    #expect(written { _ = flow.append(to: &$0) } == "1:3V71V58M3Ksw/yuFALMcW0LAHvc=")
    #expect("UDP".withBytes { CommunityID.transport($0) } == 17)
    #expect("udp".withBytes { CommunityID.transport($0) } == nil)
  }

  @Test(arguments: [
    ("4539578763621486", true), ("4539 5787 6362 1486", true), ("4539578763621487", false), ("0", true), ("", false),
    ("18", true),
    ("45-39", nil), ("x", nil),
  ])
  func numbersAreChecked(_ text: String, _ isValid: Bool?) {
    #expect(text.withBytes { LuhnText.isValid($0) } == isValid)
  }

  @Test func idsAreWritten() {
    #expect(written { UUIDText.appendVersion4(.max, .max, to: &$0) } == "ffffffff-ffff-4fff-bfff-ffffffffffff")
    #expect(written { UUIDText.appendVersion4(0, 0, to: &$0) } == "00000000-0000-4000-8000-000000000000")
    #expect(
      written { UUIDText.appendVersion7(unixNano: 0x017F_22E2_79B0 * 1_000_000, 0xCC3, 0x18C4_DC0C_0C07_398F, to: &$0) }
        == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
  }
}
