import HTTPTransport

/// From where the page and what it reads may be asked: whoever asks, a browser may do so for whatever page it shows.
/// One of another site must not have it read logs or change something: neither by a name of its own that leads here
/// (DNS rebinding), nor by requests from its own pages.
struct AdminAccess: Sendable {
  /// The host that the port is configured with; requests may ask for that too.
  let host: String

  /// Header fields of every answer that is not for others.
  static let headers = HTTPHeaders([
    ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ])

  /// The head of an answer that is not for others, nor to be kept.
  static func head(_ contentType: String) -> HTTPHeaders {
    var headers = headers
    headers.add(name: "Content-Type", value: contentType)
    headers.add(name: "Cache-Control", value: "no-store")
    return headers
  }

  /// A field that the page gives what changes something; the page of another site cannot, unless it is allowed to.
  static let pageField = "sluice-page"

  /// Why a request is not answered, as a sentence; nil if it is. `names` are further names of the gateway.
  func refusal(
    of head: HTTPRequestHead, changing: Bool = false, names: Set<String> = []
  ) -> (denial: AdminDenial, sentence: String)? {
    guard let asked = head.headers.first(name: "host"), isName(asked, names) else {
      return (
        .name, "the page and what it reads answer to the name localhost (Host), and to those of service.admin.hosts"
      )
    }
    if Self.isFromElsewhere(head) { return (.site, "the page of another site asks (Origin)") }
    if changing, Self.isOfBrowser(head), !head.headers.contains(name: Self.pageField) {
      return (.site, "a browser that has something changed gives the field Sluice-Page, as the page does")
    }
    return nil
  }

  /// Why a request is not answered that only the page makes, as it lacks the page's field; nil if it is.
  func lack(of head: HTTPRequestHead, isOfPage: Bool) -> (denial: AdminDenial, sentence: String)? {
    if !isOfPage || head.headers.contains(name: Self.pageField) { return nil }
    return (.site, "a request that is no page's of another site has the field Sluice-Page")
  }

  /// Whether whoever asks is on this machine. What else is 127.0.0.0/8 may be a proxy that brings requests from
  /// elsewhere.
  static func isOfThisMachine(_ address: String) -> Bool {
    ["127.0.0.1", "::1", "::ffff:127.0.0.1"].contains(address)
  }

  /// What those elsewhere are told where nobody is asked who they are.
  static let onlyHere =
    "the page and what it reads are for this machine: ask localhost here, or through a tunnel "
    + "(ssh -L 8888:localhost:8888, kubectl port-forward); service.admin.auth lets others in"

  private func isName(_ authority: String, _ names: Set<String>) -> Bool {
    var name = authority.lowercased()
    if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
      let rest = name[name.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return false }
      name = String(name[..<end].dropFirst())
    } else if let colon = name.firstIndex(of: ":") {
      name = String(name[..<colon])
    }
    if name.hasSuffix(".") { name.removeLast() }
    let isLocal = name == "localhost" || name.hasSuffix(".localhost") || Self.isOfThisMachine(name)
    return isLocal || (!host.isEmpty && name == host.lowercased()) || names.contains(name)
  }

  /// Whether a browser says that another site's page has it ask; a link that is followed is none of that. Before a
  /// gateway without TLS may stand a proxy that has it.
  private static func isFromElsewhere(_ head: HTTPRequestHead) -> Bool {
    if let origin = head.headers.first(name: "origin") {
      let host = head.headers.first(name: "host") ?? ""
      return origin != "https://\(host)" && (head.isTLS || origin != "http://\(host)")
    }
    let site = head.headers.first(name: "sec-fetch-site") ?? "none"
    let isLink = head.headers.first(name: "sec-fetch-mode") == "navigate"
    return site != "none" && site != "same-origin" && !isLink
  }

  private static func isOfBrowser(_ head: HTTPRequestHead) -> Bool {
    ["origin", "sec-fetch-site", "sec-fetch-mode"].contains { head.headers.contains(name: $0) }
  }
}
