import Glibc
import NIOCore

/// Which proxy connections to destinations go through: one for all (`proxy_url`), or what the environment says in
/// `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, or in lower case, with the rules of Go's net/http.
package struct ProxySettings: Sendable, Equatable {
  private var given: Endpoint?
  private var http: Endpoint?
  private var https: Endpoint?
  private var exceptions = ProxyExceptions("")

  /// No proxy.
  package static let none = ProxySettings()

  private init() {}

  /// One proxy for all connections, those to this machine included.
  package init(proxy address: String) throws(SenderConfigurationError) { given = try Self.proxy(address, "proxy_url") }

  /// What variables of the environment say. In what a web server runs as a CGI program, `HTTP_PROXY` may come from a
  /// header field `Proxy` of a request: it is refused there.
  package init(environment: (String) -> String?) throws(SenderConfigurationError) {
    func value(_ name: String) -> (name: String, text: String)? {
      for name in [name, name.lowercased()] {
        if let text = environment(name), !text.isEmpty { return (name, text) }
      }
      return nil
    }
    if let (name, text) = value("HTTP_PROXY") {
      guard environment("REQUEST_METHOD") == nil else {
        throw SenderConfigurationError("\(name): not taken from a CGI program's environment (REQUEST_METHOD is set)")
      }
      http = try Self.proxy(text, name)
    }
    if let (name, text) = value("HTTPS_PROXY") { https = try Self.proxy(text, name) }
    exceptions = ProxyExceptions(value("NO_PROXY")?.text ?? "")
  }

  /// What the environment of the process says.
  package static func ofProcess() throws(SenderConfigurationError) -> ProxySettings {
    try ProxySettings { getenv($0).flatMap { String(validatingCString: $0) } }
  }

  private static func proxy(_ text: String, _ name: String) throws(SenderConfigurationError) -> Endpoint {
    guard let proxy = try? Endpoint(parsing: text), proxy.path.isEmpty, !proxy.isTLS else {
      throw SenderConfigurationError("\(name): expected the http:// address of a proxy")
    }
    return proxy
  }

  /// The proxy for connections to an endpoint; nil for none. gRPC takes that for `https`, as elsewhere.
  package func proxy(for endpoint: Endpoint, isGRPC: Bool = false) -> Endpoint? {
    if let given { return given }
    guard let proxy = endpoint.isTLS || isGRPC ? https : http else { return nil }
    return endpoint.isLoopback || exceptions.hold(for: endpoint) ? nil : proxy
  }
}

/// The hosts that are reached without a proxy (`NO_PROXY`): addresses, networks and domains between commas, each
/// perhaps with a port; `*` for all.
struct ProxyExceptions: Sendable, Equatable {
  private enum Rule: Sendable, Equatable {
    case all
    case network([UInt8], prefixBits: Int)
    case address([UInt8], port: String?)
    /// Begins with a dot. `itself`: the name without the dot is meant too.
    case domain(String, itself: Bool, port: String?)
  }

  private let rules: [Rule]

  init(_ text: String) {
    rules = text.lowercased().split(separator: ",").compactMap { Self.rule(String($0.filter { $0 > " " })) }
  }

  private static func rule(_ text: String) -> Rule? {
    if text == "*" { return .all }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 {
      guard let address = bytes(String(parts[0])), let bits = Int(parts[1]), (0...address.count * 8).contains(bits)
      else { return nil }
      return .network(address, prefixBits: bits)
    }
    if let address = bytes(text) { return .address(address, port: nil) }
    let (host, port) = split(text)
    if let address = bytes(host) { return .address(address, port: port) }
    let domain = host.hasPrefix("*.") ? String(host.dropFirst()) : host
    if domain.isEmpty || domain == "." { return nil }
    return domain.hasPrefix(".")
      ? .domain(domain, itself: false, port: port) : .domain("." + domain, itself: true, port: port)
  }

  /// The host, without brackets, and the port behind it, if there is one.
  private static func split(_ text: String) -> (host: String, port: String?) {
    let colon = text.lastIndex(of: ":")
    let isPort = colon.map { text[$0...].dropFirst().allSatisfy { $0.isNumber } } ?? false
    let host = isPort ? text[..<(colon ?? text.endIndex)] : text[...]
    return (
      String(host).filter { $0 != "[" && $0 != "]" }, isPort ? colon.map { String(text[$0...].dropFirst()) } : nil
    )
  }

  /// The 4 or 16 bytes of an IP address; one of IPv4 that is mapped into IPv6 has 4. Nil for anything else.
  private static func bytes(_ text: String) -> [UInt8]? {
    switch try? SocketAddress(ipAddress: text, port: 0) {
    case .v4(let address): return withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
    case .v6(let address):
      let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
      let isMapped = bytes.prefix(12) == ([UInt8](repeating: 0, count: 10) + [0xff, 0xff])[...]
      return isMapped ? Array(bytes.suffix(4)) : bytes
    default: return nil
    }
  }

  func hold(for endpoint: Endpoint) -> Bool {
    let host = endpoint.host.lowercased()
    let address = Self.bytes(host)
    return rules.contains { rule in
      switch rule {
      case .all: true
      case .network(let network, let bits): address.map { Self.agree($0, network, bits: bits) } ?? false
      case .address(let other, let port): other == address && (port.map { $0 == "\(endpoint.port)" } ?? true)
      case .domain(let domain, let itself, let port):
        (host.hasSuffix(domain) || itself && host == domain.dropFirst())
          && (port.map { $0 == "\(endpoint.port)" } ?? true)
      }
    }
  }

  private static func agree(_ one: [UInt8], _ other: [UInt8], bits: Int) -> Bool {
    guard one.count == other.count else { return false }
    return (0..<bits).allSatisfy { one[$0 / 8] & (0x80 >> ($0 % 8)) == other[$0 / 8] & (0x80 >> ($0 % 8)) }
  }
}
