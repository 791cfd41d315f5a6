import HTTPTransport
import struct NIOHTTP1.HTTPHeaders

/// Which web pages may send logs from browsers (config `cors`).
package struct CORSOptions: Sendable {
  /// Origins such as `https://app.example.com`; one `*` in each stands for any text, and `*` alone for every origin.
  /// Default none, which switches CORS off.
  package var allowedOrigins: [String] = []
  /// Request fields that pages may set besides those that the Fetch standard always allows and `content-type`.
  package var allowedHeaders: [String] = []
  /// Response fields that pages may read.
  package var exposedHeaders: [String] = []
  /// How long a browser may remember the permission, in seconds; nil leaves it to the browser.
  package var maxAgeSeconds: Int?

  package init() {}
}

/// Cross-origin permissions for browsers (Fetch standard, "HTTP CORS protocol").
struct CORS: Sendable {
  private let options: CORSOptions
  private let origins: [Pattern]

  /// Text with at most one `*` that stands for any text; letter case does not matter.
  private struct Pattern: Sendable {
    let prefix: String
    let suffix: String?

    init(_ text: String) {
      let parts = text.lowercased().split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
      prefix = parts.first.map(String.init) ?? ""
      suffix = parts.count > 1 ? String(parts[1]) : nil
    }

    func matches(_ text: String) -> Bool {
      guard let suffix else { return text == prefix }
      return text.utf8.count >= prefix.utf8.count + suffix.utf8.count && text.hasPrefix(prefix)
        && text.hasSuffix(suffix)
    }
  }

  /// Nil if no origin is allowed.
  init?(_ options: CORSOptions) {
    if options.allowedOrigins.isEmpty { return nil }
    self.options = options
    origins = options.allowedOrigins.map(Pattern.init)
  }

  private func allows(_ origin: String) -> Bool {
    let origin = origin.lowercased()
    return origins.contains { $0.matches(origin) }
  }

  /// The answer to a preflight, the question whether a request may be sent; nil if `head` is none. An origin that is
  /// not allowed gets an answer without permission.
  func preflight(_ head: HTTPRequestHead) -> HTTPResponse? {
    guard head.method == "OPTIONS", head.headers.contains(name: "origin"),
      let method = head.headers.first(name: "access-control-request-method")
    else { return nil }
    var headers: HTTPHeaders = ["vary": "Access-Control-Request-Method, Access-Control-Request-Headers"]
    if let origin = head.headers.first(name: "origin"), allows(origin), method == "POST" {
      headers.add(name: "access-control-allow-methods", value: "POST")
      let allowed = ["content-type", "content-encoding"] + options.allowedHeaders
      headers.add(name: "access-control-allow-headers", value: allowed.joined(separator: ", "))
      if let seconds = options.maxAgeSeconds { headers.add(name: "access-control-max-age", value: String(seconds)) }
    }
    return HTTPResponse(status: 200, headers: headers)
  }

  /// Adds the permission to read the answer, if the page that asked has it. Every origin is allowed only without the
  /// browser's credentials; a named one with them.
  func permit(_ head: HTTPRequestHead, in headers: inout HTTPHeaders) {
    headers.add(name: "vary", value: "Origin")
    guard let origin = head.headers.first(name: "origin"), allows(origin) else { return }
    if options.allowedOrigins.contains("*") {
      headers.add(name: "access-control-allow-origin", value: "*")
    } else {
      headers.add(name: "access-control-allow-origin", value: origin)
      headers.add(name: "access-control-allow-credentials", value: "true")
    }
    if !options.exposedHeaders.isEmpty {
      headers.add(name: "access-control-expose-headers", value: options.exposedHeaders.joined(separator: ", "))
    }
  }
}
