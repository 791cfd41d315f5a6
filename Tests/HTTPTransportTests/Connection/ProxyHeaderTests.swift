import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct ProxyHeaderTests {
  private func read(_ text: String) -> ProxyHeader { ProxyHeader.read(ByteBuffer(string: text)) }
  private func read(_ bytes: [UInt8]) -> ProxyHeader { ProxyHeader.read(ByteBuffer(bytes: bytes)) }

  private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

  private static func binary(_ command: UInt8, _ family: UInt8, _ content: [UInt8]) -> [UInt8] {
    signature + [command, family, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
  }

  /// From 192.0.2.1:56324 to 198.51.100.1:4317.
  private static let ipv4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0xDC, 0x04, 0x10, 0xDD]
  /// From [2001:db8::1]:56324 to [2001:db8::2]:4317.
  private static let ipv6: [UInt8] =
    [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1, 0x20, 0x01, 0x0D, 0xB8]
    + [UInt8](repeating: 0, count: 11) + [2, 0xDC, 0x04, 0x10, 0xDD]

  private func source(_ header: ProxyHeader) -> String? {
    guard case .whole(_, let source?) = header else { return nil }
    return source.address.text(port: source.port)
  }

  @Test func readsBothVersions() {
    let line = "PROXY TCP4 192.0.2.1 198.51.100.1 56324 4317\r\n"
    #expect(source(read(line)) == "192.0.2.1:56324")
    #expect(source(read(line + "PRI * HTTP/2.0")) == "192.0.2.1:56324")
    #expect(source(read("PROXY TCP6 2001:db8::1 2001:db8::2 56324 4317\r\n")) == "[2001:db8::1]:56324")
    #expect(source(read(Self.binary(0x21, 0x11, Self.ipv4))) == "192.0.2.1:56324")
    #expect(source(read(Self.binary(0x21, 0x21, Self.ipv6))) == "[2001:db8::1]:56324")
    let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 10, 0, 0, 9]
    #expect(source(read(Self.binary(0x21, 0x21, mapped + mapped + [0, 1, 0, 2]))) == "10.0.0.9:1")
    #expect(source(read("PROXY TCP6 ::ffff:10.0.0.9 ::1 1 2\r\n")) == "10.0.0.9:1")
    let extended = Self.binary(0x21, 0x11, Self.ipv4 + [4, 0, 1, 0])
    #expect(read(extended + [1, 2]) == .whole(byteCount: extended.count, source: .init(address: .ipv4, port: 56324)))
  }

  @Test func whatTheProxyDoesNotSayIsNotKnown() {
    for bytes in [
      Self.binary(0x20, 0x00, []), Self.binary(0x20, 0x11, Self.ipv4), Self.binary(0x21, 0x00, [1, 2, 3]),
      Self.binary(0x21, 0x31, [UInt8](repeating: 0, count: 216)),
    ] {
      #expect(read(bytes) == .whole(byteCount: bytes.count, source: nil))
    }
    #expect(read("PROXY UNKNOWN\r\n") == .whole(byteCount: 15, source: nil))
    #expect(read("PROXY UNKNOWN ffff::1 x 1 2\r\n") == .whole(byteCount: 29, source: nil))
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 1 2 3\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.1 56324 4317\n", "PROXY TCP4 192.0.2.1  198.51.100.1 1 2\r\n",
    "PROXY TCP4 ::1 198.51.100.1 1 2\r\n", "PROXY TCP6 192.0.2.1 ::1 1 2\r\n", "PROXY TCP5 192.0.2.1 192.0.2.1 1 2\r\n",
    "PROXY TCP4 192.0.2.1 198.51.100.1 65536 2\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 -1 2\r\n",
    "PROXY TCP4 192.0.2 198.51.100.1 1 2\r\n", "PROXY\r\n", "PROXY \r\n", "proxy TCP4", "\r\nX",
    "PROXY TCP4 192.0.2.1 198.51.100.1 1\u{0} 2\r\n",
  ])
  func refusesOtherText(_ text: String) {
    #expect(read(text) == .malformed)
  }

  @Test func refusesOtherBytes() {
    for bytes in [
      Self.binary(0x11, 0x11, Self.ipv4), Self.binary(0x22, 0x11, Self.ipv4), Self.binary(0x21, 0x12, Self.ipv4),
      Self.binary(0x21, 0x22, Self.ipv6), Self.binary(0x21, 0x41, Self.ipv4), Self.binary(0x21, 0x11, [1, 2, 3]),
      Self.binary(0x21, 0x21, Self.ipv4), Self.binary(0x21, 0x31, Self.ipv4), Self.binary(0x21, 0x11, []),
    ] {
      #expect(read(bytes) == .malformed)
    }
  }

  @Test func aHeaderHasALimit() {
    let most = ProxyHeader.maxBytes - 16
    let whole = Self.binary(0x21, 0x11, Self.ipv4 + [UInt8](repeating: 0, count: most - 12))
    #expect(source(read(whole)) == "192.0.2.1:56324" && whole.count == 2048)
    let long = Self.binary(0x21, 0x11, Self.ipv4 + [UInt8](repeating: 0, count: most - 11))
    #expect(read(long) == .malformed && read(Array(long.prefix(16))) == .malformed)
    let unknown = "PROXY UNKNOWN " + String(repeating: "x", count: 107 - 16)
    #expect(read(unknown + "\r\n") == .whole(byteCount: 107, source: nil))
    #expect(read(unknown + "x\r\n") == .malformed)
    #expect(read(String((unknown + "xxxx").prefix(106))) == .incomplete)
  }

  /// A header that has not come whole is waited for wherever it is cut, and no byte behind it changes what it says.
  @Test func mayBeCutAtEveryByte() {
    let headers = [
      Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324 4317\r\n".utf8), Array("PROXY UNKNOWN\r\n".utf8),
      Self.binary(0x21, 0x11, Self.ipv4 + [4, 0, 1, 0]), Self.binary(0x21, 0x21, Self.ipv6),
      Self.binary(0x20, 0, []),
    ]
    for header in headers {
      let whole = read(header)
      for count in 0..<header.count { #expect(read(Array(header.prefix(count))) == .incomplete) }
      for byte in [0, 10, 13, 0xFF] as [UInt8] { #expect(read(header + [byte]) == whole) }
    }
  }

  /// Whatever one byte is changed to, a header is read within its bytes or not at all.
  @Test func anyByteMayBeWrong() {
    for header in [
      Array("PROXY TCP6 2001:db8::1 ::1 1 2\r\n".utf8), Self.binary(0x21, 0x11, Self.ipv4),
      Self.binary(0x21, 0x21, Self.ipv6),
    ] {
      for index in header.indices {
        for value in UInt8.min...UInt8.max {
          var changed = header
          changed[index] = value
          if case .whole(let byteCount, _) = read(changed) { #expect(byteCount <= changed.count) }
        }
      }
    }
  }
}

extension IPAddress {
  fileprivate static let ipv4 = IPAddress(high: 0, low: 0xFFFF_C000_0201)
}
