import HTTPTransport
import LogStore
import NIOCore

/// A path under `/api/` that the page asks: what is demanded of who asks, how, with how large a body, and what answers.
///
/// What changes something, or brings text that is not to stand in an address, is a POST. It has to come with a header
/// field that a page of another site cannot send: a browser would ask before whether it may, and no answer says so.
struct AdminRoute: Sendable {
  enum Method: String, Sendable { case get = "GET", post = "POST" }

  let method: Method
  let path: String
  let demand: AdminDemand
  /// Bytes of a body at most.
  var maxBodyBytes = 1024
  /// Answers that are made at once at most.
  var maxAtOnce = 4
  /// Makes the answer, off the event loops.
  let answer: @Sendable (Request) async throws(AdminRefusal) -> AdminJSON

  /// What was asked, and by whom.
  struct Request: Sendable {
    let arguments: SelectArguments
    let body: [UInt8]
    /// Who asks from where, for the log.
    let asker: String

    /// Arguments stand in the address, or in the body if it is a form.
    init(_ request: HTTPRequest, _ pass: AdminPass) {
      let type = request.head.headers.first(name: "content-type") ?? ""
      let isForm = type.lowercased().hasPrefix("application/x-www-form-urlencoded")
      let form = isForm ? String(decoding: request.body, as: UTF8.self) : ""
      arguments = SelectArguments(query: request.head.query, form: form)
      body = request.body
      asker = pass.asker(of: request.head)
    }
  }

  var entrance: AdminEntrance {
    var entrance = AdminEntrance(demand, [method.rawValue], maxBodyBytes: maxBodyBytes)
    entrance.isOfPage = method == .post
    return entrance
  }
}

/// Why the page does not get what it asks for.
struct AdminRefusal: Error, Equatable {
  let status: Int
  let message: String

  init(_ message: String, status: Int = 400) {
    self.status = status
    self.message = message
  }
}

/// The routes of one port.
struct AdminRoutes: Sendable {
  private let routes: [String: AdminRoute]
  private let gates: [String: SearchGate]

  init(_ routes: [AdminRoute] = []) {
    self.routes = Dictionary(uniqueKeysWithValues: routes.map { ($0.path, $0) })
    gates = self.routes.mapValues { _ in SearchGate() }
  }

  var paths: [String] { routes.keys.sorted() }

  subscript(path: String) -> AdminRoute? { routes[path] }

  /// Answers a request for one of them.
  func respond(to request: HTTPRequest, _ route: AdminRoute, _ pass: AdminPass, through responder: HTTPResponder) {
    guard let gate = gates[route.path] else { return }
    if route.demand.changesSomething { pass.noteChange(request.head) }
    do throws(SearchesBusy) { try gate.enter(limit: route.maxAtOnce) } catch {
      let busy = AdminRefusal(
        "\(route.maxAtOnce) such requests are answered: the limit is \(route.maxAtOnce)", status: 429)
      return responder.respond(Self.text(busy).with("Retry-After", "1"))
    }
    Task {
      let response: HTTPResponse
      do throws(AdminRefusal) {
        response = Self.json(try await route.answer(AdminRoute.Request(request, pass)))
      } catch {
        response = Self.text(error)
      }
      gate.leave()
      responder.respond(response)
    }
  }

  private static func json(_ answer: AdminJSON) -> HTTPResponse {
    HTTPResponse(status: 200, headers: AdminAccess.head("application/json"), body: ByteBuffer(bytes: answer.bytes))
  }

  private static func text(_ refusal: AdminRefusal) -> HTTPResponse {
    HTTPResponse(
      status: refusal.status, headers: AdminAccess.head("text/plain; charset=utf-8"),
      body: ByteBuffer(string: refusal.message + "\n"))
  }
}

extension HTTPResponse {
  fileprivate func with(_ name: String, _ value: String) -> HTTPResponse {
    var response = self
    response.headers.add(name: name, value: value)
    return response
  }
}
