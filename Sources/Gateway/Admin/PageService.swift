import HTTPTransport
import NIOCore
import struct NIOHTTP1.HTTPHeaders

/// A port that answers each GET with a page.
final class PageService: HTTPService {
  /// What is answered.
  struct Page: Sendable, Equatable {
    var status: Int
    var text: String
    var contentType = "text/plain; charset=utf-8"
  }

  private let page: @Sendable (_ path: String) -> Page
  /// Requests have no body worth taking.
  private static let maxBodyBytes = 1024

  /// Answers with what `page` makes of a path.
  init(_ page: @escaping @Sendable (_ path: String) -> Page) { self.page = page }

  func plan(for head: inout HTTPRequestHead) -> HTTPBodyPlan {
    if head.method == "GET" || head.method == "HEAD" { return .collect(limitBytes: Self.maxBodyBytes, budget: nil) }
    return .refuse(Self.response(Page(status: 405, text: "only GET is answered here\n"), allow: "GET, HEAD"))
  }

  func refusal(of head: HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse {
    switch reason {
    case .tooLarge(let bytes, let limit):
      Self.response(Page(status: 413, text: "body of \(bytes) bytes, at most \(limit)\n"))
    case .overBudget, .overAccount, .timedOut, .undecided:
      Self.response(Page(status: 408, text: "body did not arrive\n"))
    }
  }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    responder.respond(Self.response(page(request.head.path)))
  }

  private static func response(_ page: Page, allow: String? = nil) -> HTTPResponse {
    var headers = HTTPHeaders([("Content-Type", page.contentType)])
    if let allow { headers.add(name: "Allow", value: allow) }
    return HTTPResponse(status: page.status, headers: headers, body: ByteBuffer(string: page.text))
  }
}
