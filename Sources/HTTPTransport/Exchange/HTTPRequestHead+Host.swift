extension HTTPRequestHead {
  /// The address of the sender without the port, and without brackets.
  package var remoteHost: String { remoteAddress.withoutPort }
}

extension String {
  /// The address of `ip:port` or `[ip]:port`; other text as it is.
  fileprivate var withoutPort: String {
    guard let colon = lastIndex(of: ":") else { return self }
    let address = self[..<colon]
    return address.first == "[" ? String(address.dropFirst().dropLast()) : String(address)
  }
}
