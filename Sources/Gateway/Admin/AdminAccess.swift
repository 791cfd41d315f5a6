import HTTPTransport

/// Who may look at the page and at what it reads: whoever asks on this machine, for a name of this machine.
///
/// A browser on this machine asks too, for whatever page it shows. One of another site must not have it read logs:
/// neither by a name of its own that leads here (DNS rebinding), nor by requests from its own pages.
struct AdminAccess: Sendable {
  /// The host that the port is configured with; requests may ask for that too.
  let host: String

  /// Header fields of every answer that is not for others.
  static let headers = HTTPHeaders([
    ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ])

  /// Why a request is not answered, as a sentence; nil if it is.
  func refusal(of head: HTTPRequestHead) -> String? {
    guard Self.isOfThisMachine(head.remoteHost) else {
      return "the page and what it reads are for this machine: ask localhost here, or through a tunnel "
        + "(ssh -L 8888:localhost:8888, kubectl port-forward)"
    }
    guard let asked = head.headers.first(name: "host"), isName(asked) else {
      return "the page and what it reads answer to the name localhost (Host)"
    }
    if Self.isFromElsewhere(head) { return "the page of another site asks (Origin)" }
    return nil
  }

  /// What else is 127.0.0.0/8 may be a proxy that brings requests from elsewhere.
  private static func isOfThisMachine(_ address: String) -> Bool {
    ["127.0.0.1", "::1", "::ffff:127.0.0.1"].contains(address)
  }

  private func isName(_ authority: String) -> Bool {
    var name = authority.lowercased()
    if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
      name = String(name[..<end].dropFirst())
    } else if let colon = name.firstIndex(of: ":") {
      name = String(name[..<colon])
    }
    if name.hasSuffix(".") { name.removeLast() }
    let isLocal = name == "localhost" || name.hasSuffix(".localhost") || Self.isOfThisMachine(name)
    return isLocal || (!host.isEmpty && name == host.lowercased())
  }

  /// Whether a browser says that another site's page has it ask; a link that is followed is none of that.
  private static func isFromElsewhere(_ head: HTTPRequestHead) -> Bool {
    if let origin = head.headers.first(name: "origin") {
      return origin != "http://\(head.headers.first(name: "host") ?? "")"
    }
    let site = head.headers.first(name: "sec-fetch-site") ?? "none"
    let isLink = head.headers.first(name: "sec-fetch-mode") == "navigate"
    return site != "none" && site != "same-origin" && !isLink
  }
}
