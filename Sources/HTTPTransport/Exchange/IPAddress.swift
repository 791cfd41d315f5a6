import Glibc
import NIOCore

/// An IP address. One of IPv4 is the same as the IPv6 one that it is mapped into: RFC 4291 section 2.5.5.2.
package struct IPAddress: Sendable, Hashable {
  /// The 16 bytes, the first ones high.
  let high: UInt64
  let low: UInt64

  private static let mapped: UInt64 = 0xFFFF_0000_0000

  init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// The four bytes of an IPv4 address, or the sixteen of an IPv6 one.
  init?(bytes: some Collection<UInt8>) {
    let halves = [bytes.prefix(8), bytes.dropFirst(8)].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    switch bytes.count {
    case 4: self.init(high: 0, low: Self.mapped | halves[0])
    case 16: self.init(high: halves[0], low: halves[1])
    default: return nil
    }
  }

  /// An address as text, without port, brackets and zone.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 {
      self.init(bytes: bytes.prefix(4))
    } else if unsafe inet_pton(AF_INET6, text, &bytes) == 1 {
      self.init(bytes: bytes)
    } else {
      return nil
    }
  }

  /// Nil for what is no IP address.
  init?(_ address: SocketAddress?) {
    switch address {
    case .v4(let address): unsafe self.init(bytes: withUnsafeBytes(of: address.address.sin_addr) { unsafe Array($0) })
    case .v6(let address): unsafe self.init(bytes: withUnsafeBytes(of: address.address.sin6_addr) { unsafe Array($0) })
    case .unixDomainSocket, nil: return nil
    }
  }

  /// Whether it is one of IPv4.
  package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  private var bytes: [UInt8] {
    [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 &- 8 &* $0)) } }
  }

  /// The shortest form: RFC 5952.
  package var text: String {
    let bytes = isIPv4 ? Array(bytes.suffix(4)) : bytes
    var text = [CChar](repeating: 0, count: 46)
    guard unsafe inet_ntop(isIPv4 ? AF_INET : AF_INET6, bytes, &text, 46) != nil else { return "unknown" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `ip:port`, or `[ip]:port` for IPv6.
  func text(port: UInt16) -> String { isIPv4 ? "\(text):\(port)" : "[\(text)]:\(port)" }
}

/// Addresses that have their first bits in common, as `10.0.0.0/8`.
package struct IPNetwork: Sendable, Hashable {
  private let first: IPAddress
  /// How many bits of the sixteen bytes count.
  private let bits: Int

  /// The address `::` alone, which nobody has.
  package static let nobody = IPNetwork(first: IPAddress(high: 0, low: 0), bits: 128)

  private init(first: IPAddress, bits: Int) { (self.first, self.bits) = (first, bits) }

  /// A network in CIDR notation, or one address; nil if it is neither, or has bits set past its prefix.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(parts[0]) else { return nil }
    let isIPv4 = !parts[0].contains(":")
    let most = isIPv4 ? 32 : 128
    var prefix = most
    if parts.count == 2 {
      guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let given = Int(parts[1]), given <= most
      else { return nil }
      prefix = given
    }
    bits = isIPv4 ? prefix &+ 96 : prefix
    first = address
    guard masked(address) == address else { return nil }
  }

  package func contains(_ address: IPAddress) -> Bool { masked(address) == first }

  /// In CIDR notation; of one address the address alone.
  package var text: String {
    let prefix = first.isIPv4 && bits >= 96 ? bits &- 96 : bits
    return bits == 128 ? first.text : "\(first.text)/\(prefix)"
  }

  private func masked(_ address: IPAddress) -> IPAddress {
    let highBits = min(bits, 64)
    let lowBits = max(bits &- 64, 0)
    return IPAddress(high: address.high & mask(highBits), low: address.low & mask(lowBits))
  }

  private func mask(_ bits: Int) -> UInt64 { bits == 0 ? 0 : ~0 << UInt64(64 &- bits) }
}
