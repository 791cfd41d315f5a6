/// What begins an answer: RFC 9113 section 8.3.2.
struct HTTP2ResponseHead {
  let status: Int
  let headers: HTTPHeaders
  /// A body, or trailers, will follow.
  let hasBody: Bool
}

/// Where a client's requests go: RFC 9113 section 8.3.1.
struct HTTP2Origin {
  let scheme: String
  /// Host and port, for requests that do not name their own.
  let authority: String

  /// The origin at a host, which may be an IPv6 address without brackets.
  init(host: String, port: Int, isTLS: Bool) {
    scheme = isTLS ? "https" : "http"
    authority = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
