/// A host and a port: an address to listen on, or one to connect to.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
  /// A name or address without brackets; empty for all interfaces.
  package var host: String
  /// The TCP port; 0 lets the system choose one to listen on.
  package var port: UInt16

  /// An endpoint of a host, without brackets, and a port.
  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// `host:port`, an IPv6 address in brackets.
  package var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Reads `host:port`, `[::1]:4317`, `:4317` or `0.0.0.0:0`.
  package static func parse(_ text: String, defaultPort: UInt16? = nil) throws(OptionMismatch) -> Endpoint {
    if text.hasPrefix("unix:") || text.hasPrefix("/") {
      throw OptionMismatch("host:port (Unix sockets are not supported)")
    }
    if let scheme = text.firstRange(ofText: "://") {
      let rest = String(text[scheme.upperBound...])
      let isEndpoint = (try? parse(rest)) != nil && !rest.utf8.contains(UInt8(ascii: "@"))
      throw OptionMismatch(
        "host:port without a scheme", suggestion: isEndpoint ? rest : nil,
        hidesText: text.utf8.contains(UInt8(ascii: "@")))
    }
    if text.utf8.contains(UInt8(ascii: "@")) { throw OptionMismatch("host:port without credentials", hidesText: true) }
    guard let (host, portText) = split(text) else { throw mismatch(text, defaultPort: defaultPort) }
    guard isHost(host) else { throw OptionMismatch("host:port with a host name or an IP address") }
    guard !portText.isEmpty, portText.utf8.allSatisfy(\.isASCIIDigit), let port = UInt16(portText) else {
      throw OptionMismatch("host:port with a port from 0 to 65535")
    }
    return Endpoint(host: host, port: port)
  }

  /// The two sides of the colon; nil if there is none or an IPv6 address stands without brackets.
  private static func split(_ text: String) -> (host: String, port: String)? {
    if text.hasPrefix("[") {
      guard let end = text.firstRange(ofText: "]:") else { return nil }
      let host = String(text[..<end.lowerBound].dropFirst())
      return host.utf8.contains(UInt8(ascii: ":")) ? (host, String(text[end.upperBound...])) : nil
    }
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
  }

  /// The message for a text that is not of two parts, with what was probably meant.
  private static func mismatch(_ text: String, defaultPort: UInt16?) -> OptionMismatch {
    let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
    if UInt16(text) != nil { return OptionMismatch("host:port", suggestion: "0.0.0.0:\(text)") }
    if colons > 1 {
      let lastColon = text.utf8.lastIndex(of: UInt8(ascii: ":")) ?? text.endIndex
      let (host, port) = (text[..<lastColon], text[lastColon...].dropFirst())
      let isAddress = isIPv6Text(String(host)) && UInt16(port) != nil && !text.hasPrefix("[")
      return OptionMismatch("host:port, an IPv6 address in brackets", suggestion: isAddress ? "[\(host)]:\(port)" : nil)
    }
    let suggestion = defaultPort.flatMap { colons == 0 && !text.isEmpty && isHost(text) ? "\(text):\($0)" : nil }
    return OptionMismatch("host:port", suggestion: suggestion)
  }

  /// Characters of a host name, an IPv4 address, or an IPv6 address with an optional zone; at most 253.
  static func isHost(_ text: String) -> Bool {
    guard text.utf8.count <= 253 else { return false }
    if text.utf8.contains(UInt8(ascii: ":")) { return isIPv6Text(text) }
    return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._".utf8.contains($0) }
  }

  /// Hexadecimal digits, colons and points, then perhaps `%` and a zone (RFC 4291 section 2.2, RFC 4007 section 11).
  private static func isIPv6Text(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first, address.count >= 2 else { return false }
    let isAddress = address.allSatisfy {
      $0.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20) || ":.".utf8.contains($0)
    }
    let isZone = parts.count < 2 || !parts[1].isEmpty && parts[1].allSatisfy(\.isASCIILetterOrDigit)
    return isAddress && isZone
  }
}

extension OptionType where Value == Endpoint {
  /// `host:port`; a host alone is refused with `defaultPort` in the suggestion.
  package static func endpoint(defaultPort: UInt16? = nil) -> OptionType {
    OptionType(
      name: "host:port", placeholder: Endpoint(host: "", port: 0),
      parse: { (text) throws(OptionMismatch) in try Endpoint.parse(text, defaultPort: defaultPort) },
      show: { .text($0.description) })
  }
}

extension OptionType where Value == String {
  /// A host name or an IP address, of IPv6 with or without brackets; empty for all interfaces.
  package static var host: OptionType {
    OptionType(
      name: "host", placeholder: "",
      parse: { (text) throws(OptionMismatch) in
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let host = isBracketed ? String(text.dropFirst().dropLast()) : text
        guard Endpoint.isHost(host), !isBracketed || host.utf8.contains(UInt8(ascii: ":")) else {
          throw OptionMismatch("a host name or an IP address")
        }
        return host
      }, show: { .text($0) })
  }
}

extension OptionType where Value == UInt16 {
  /// A TCP port; 0 lets the system choose.
  package static var port: OptionType {
    OptionType(
      name: "port", placeholder: 0,
      parse: { (text) throws(OptionMismatch) in
        guard text.utf8.allSatisfy(\.isASCIIDigit), let port = UInt16(text) else {
          throw OptionMismatch("a port from 0 to 65535")
        }
        return port
      }, show: { .bare("\($0)") })
  }
}
