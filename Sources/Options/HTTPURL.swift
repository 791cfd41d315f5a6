/// An `http` or `https` URL without credentials: where an exporter sends.
package struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
  /// True for `https`.
  package var isTLS: Bool
  /// A name or address, without brackets.
  package var host: String
  /// The TCP port, the scheme's own if the URL names none.
  package var port: UInt16
  /// Begins with `/`.
  package var path: String

  /// A URL of its parts.
  package init(isTLS: Bool, host: String, port: UInt16, path: String) {
    self.isTLS = isTLS
    self.host = host
    self.port = port
    self.path = path
  }

  /// The URL as text, the port only if it is not the scheme's own.
  package var description: String {
    let host = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    return "\(isTLS ? "https" : "http")://\(host)\(port == (isTLS ? 443 : 80) ? "" : ":\(port)")\(path)"
  }

  /// Reads an absolute URL (RFC 3986 section 4.3, with authority); no path is `/`.
  package static func parse(_ text: String) throws(OptionMismatch) -> HTTPURL {
    let hasAt = text.utf8.contains(UInt8(ascii: "@"))
    guard let separator = text.firstRange(ofText: "://") else {
      let host = text.utf8.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
      let isURL = !hasAt && !host.isEmpty && (try? parse("http://" + text)) != nil
      throw OptionMismatch(
        "a URL with http:// or https://", suggestion: isURL ? "http://" + text : nil, hidesText: hasAt)
    }
    let scheme = text[..<separator.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else {
      throw OptionMismatch("a URL with http:// or https://", hidesText: hasAt)
    }
    let rest = text[separator.upperBound...]
    let authorityEnd = rest.utf8.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
    let authority = String(rest[..<authorityEnd])
    if authority.utf8.contains(UInt8(ascii: "@")) {
      throw OptionMismatch("a URL without user and password; the exporter has options for them", hidesText: true)
    }
    let path = try parse(path: String(rest[authorityEnd...]))
    let (host, port) = try parse(authority: authority, defaultPort: scheme == "https" ? 443 : 80)
    return HTTPURL(isTLS: scheme == "https", host: host, port: port, path: path)
  }

  private static func parse(
    authority: String, defaultPort: UInt16
  ) throws(OptionMismatch) -> (host: String, port: UInt16) {
    if authority.hasPrefix("[") ? authority.hasSuffix("]") : !authority.utf8.contains(UInt8(ascii: ":")) {
      let endpoint = try endpoint("\(authority):\(defaultPort)")
      return (endpoint.host, endpoint.port)
    }
    let endpoint = try endpoint(authority)
    return (endpoint.host, endpoint.port)
  }

  private static func endpoint(_ text: String) throws(OptionMismatch) -> Endpoint {
    guard let endpoint = try? Endpoint.parse(text), !endpoint.host.isEmpty, endpoint.port > 0 else {
      throw OptionMismatch("a URL with a host and, if any, a port from 1 to 65535")
    }
    return endpoint
  }

  private static func parse(path: String) throws(OptionMismatch) -> String {
    guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw OptionMismatch("a URL of visible ASCII characters")
    }
    guard !path.utf8.contains(UInt8(ascii: "#")) else { throw OptionMismatch("a URL without a fragment (\"#\")") }
    guard !path.utf8.contains(UInt8(ascii: "?")) else {
      throw OptionMismatch("a URL without a query (\"?\")", hidesText: true)
    }
    return path.hasPrefix("/") ? path : "/" + path
  }
}

extension OptionType where Value == HTTPURL {
  /// An `http` or `https` URL; credentials in it are refused.
  package static var url: OptionType {
    OptionType(
      name: "URL", placeholder: HTTPURL(isTLS: false, host: "", port: 80, path: "/"),
      parse: { (text) throws(OptionMismatch) in try HTTPURL.parse(text) }, show: { .text($0.description) })
  }
}
