/// The proxies whose word is taken for where a sender is, by what they say it in.
package struct TrustedProxies: Sendable, Hashable {
  /// Those that begin each connection with a header of the PROXY protocol.
  package var protocolHeaders: [IPNetwork] = []
  /// Those that name the sender in `x-forwarded-for`.
  package var forwardedFor: [IPNetwork] = []

  package init() {}

  func sendProtocolHeader(_ address: IPAddress) -> Bool { protocolHeaders.contains { $0.contains(address) } }

  func sayForwarded(_ address: IPAddress) -> Bool { forwardedFor.contains { $0.contains(address) } }

  /// Hops of `x-forwarded-for` that are looked at.
  static let maxHops = 32

  /// The sender by `x-forwarded-for`: of the addresses, each added by the one after it, the last that is none of the
  /// trusted proxies, or the first if all are. Nil if the last is no address; what stands before one that is none
  /// counts as not said.
  func sender(by headers: HTTPHeaders) -> IPAddress? {
    var found: IPAddress?
    var hops = 0
    for value in headers[canonicalForm: "x-forwarded-for"].reversed() {
      guard hops < Self.maxHops, let address = Self.address(value) else { return found }
      hops &+= 1
      found = address
      guard sayForwarded(address) else { return found }
    }
    return found
  }

  /// The address of an item, which some proxies give a port.
  private static func address(_ item: Substring) -> IPAddress? {
    if let address = IPAddress(item) { return address }
    if item.first == "[" {
      guard let end = item.firstIndex(of: "]") else { return nil }
      let rest = item[item.index(after: end)...]
      return rest.isEmpty || rest.first == ":" ? IPAddress(item[item.index(after: item.startIndex)..<end]) : nil
    }
    guard let colon = item.lastIndex(of: ":") else { return nil }
    return IPAddress(item[..<colon])
  }
}
