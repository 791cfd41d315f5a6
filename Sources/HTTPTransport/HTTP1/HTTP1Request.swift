import NIOHTTP1

/// A fault of an HTTP/1.1 head that the transport answers itself.
struct HTTP1Fault: Equatable {
  let status: Int
  let reason: String
  /// What it counts as; by its status if nil.
  private var named: HTTPAbuse?

  init(status: Int, reason: String) {
    self.status = status
    self.reason = reason
  }

  /// The answer to a client that goes over a budget.
  init(_ excess: HTTPExcess) {
    self.init(status: 400, reason: excess.description)
    named = excess.abuse
  }

  var abuse: HTTPAbuse { named ?? (status == 431 ? .headerTooLarge : .badRequest) }
}

extension HTTP1Fault {
  /// What is wrong with a head that the parser let through; nil for a good one.
  init?(_ head: NIOHTTP1.HTTPRequestHead) {
    let hosts = head.headers["host"].count
    let codings = head.headers["transfer-encoding"]
    if hosts > 1 || (hosts == 0 && !head.version.isHTTP10) {
      // RFC 9112 section 3.2.
      self.init(status: 400, reason: "\(hosts) Host fields instead of one")
    } else if let host = head.headers.first(name: "host"), !HTTPFieldRules.isHost(host) {
      // RFC 9112 section 3.2.
      self.init(status: 400, reason: "a Host field that names no host")
    } else if !codings.isEmpty, head.headers.contains(name: "content-length") {
      // RFC 9112 section 6.1: request smuggling.
      self.init(status: 400, reason: "both Content-Length and Transfer-Encoding")
    } else if !codings.isEmpty, head.version.isHTTP10 {
      // RFC 9112 section 6.1.
      self.init(status: 400, reason: "Transfer-Encoding in HTTP/1.0")
    } else if !codings.isEmpty, codings.count > 1 || codings.first?.lowercased() != "chunked" {
      // RFC 9112 section 6.1.
      self.init(status: 501, reason: "a transfer coding other than chunked")
    } else if head.headers["content-length"].count > 1 {
      // RFC 9112 section 6.3.
      self.init(status: 400, reason: "more than one Content-Length")
    } else {
      return nil
    }
  }

  /// The answer to what the parser could not read.
  init(_ error: any Error, options: HTTPServerOptions) {
    if case .headerOverflow? = error as? HTTPParserError {
      self.init(
        status: 431,
        reason: "header fields exceed \(options.maxHeaderBytes) bytes or \(options.maxHeaderCount) fields")
    } else {
      self.init(status: 400, reason: "not a valid HTTP/1.1 request")
    }
  }
}

extension HTTPVersion {
  /// True for HTTP/1.0 and before: no chunks, no keep-alive unless asked for.
  fileprivate var isHTTP10: Bool { major < 1 || (major == 1 && minor == 0) }
}

/// What one HTTP/1.1 exchange needs to know of its request.
struct HTTP1Exchange {
  var head: HTTPRequestHead
  let isHTTP10: Bool
  let expectsContinue: Bool
  /// The client wants to go on with this connection: RFC 9112 section 9.3.
  let keepsAlive: Bool
  /// Length of the body, nil when it is chunked.
  let bodyBytes: Int?

  init(_ head: NIOHTTP1.HTTPRequestHead, from peer: HTTPPeer) {
    let (path, query) = HTTPTarget.split(head.uri)
    self.head = HTTPRequestHead(
      method: head.method.rawValue, path: path, query: query, headers: head.headers, version: .http1,
      from: peer)
    isHTTP10 = head.version.isHTTP10
    // RFC 9110 section 10.1.1.
    expectsContinue =
      !isHTTP10 && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    keepsAlive = head.isKeepAlive
    let isChunked = head.headers.contains(name: "transfer-encoding")
    bodyBytes = isChunked ? nil : HTTPFieldRules.contentLength(head.headers) ?? 0
  }
}
