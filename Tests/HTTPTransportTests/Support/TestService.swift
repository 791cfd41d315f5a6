import HTTPTransport
import NIOCore
import NIOHTTP1
import Synchronization

/// A service whose path says what it does.
final class TestService: HTTPService {
  let limitBytes: Int
  let budget: ByteBudget?
  let requests = Mutex<[HTTPRequest]>([])
  let cancelled = Atomic<Int>(0)
  let held = Mutex<[HTTPResponder]>([])
  /// Of requests to `/ask`.
  let undecided = Mutex<[HTTPPendingPlan]>([])

  init(limitBytes: Int = 16 * 1024 * 1024, budget: ByteBudget? = nil) {
    self.limitBytes = limitBytes
    self.budget = budget
  }

  var seen: [HTTPRequest] { requests.withLock { $0 } }

  func plan(for head: inout HTTPTransport.HTTPRequestHead) -> HTTPBodyPlan {
    guard head.path != "/refuse" else {
      return .refuse(HTTPResponse(status: 401, body: ByteBuffer(string: "who are you")))
    }
    if head.path == "/ask" {
      return .later(within: .seconds(5), budget: budget) { pending in self.undecided.withLock { $0.append(pending) } }
    }
    return .collect(limitBytes: limitBytes, budget: budget)
  }

  /// Decides about the requests to `/ask`.
  func decide(_ decision: @escaping HTTPPendingPlan.Decision) {
    let undecided = undecided.withLock { undecided in
      defer { undecided = [] }
      return undecided
    }
    for pending in undecided { pending.decide(decision) }
  }

  /// Has the requests to `/ask` go on.
  func allow() { decide { [limitBytes, budget] _ in .collect(limitBytes: limitBytes, budget: budget) } }

  func refusal(of head: HTTPTransport.HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse {
    let status =
      switch reason {
      case .tooLarge: 413
      case .overBudget, .overAccount: 503
      case .timedOut: 408
      case .undecided: 504
      }
    return HTTPResponse(status: status, body: ByteBuffer(string: "\(reason)"))
  }

  func respond(to request: HTTPRequest, through responder: HTTPResponder) {
    requests.withLock { $0.append(request) }
    switch request.head.path {
    case "/wait":
      responder.onCancel { responder.respond(HTTPResponse(status: 503, body: ByteBuffer(string: "not yet"))) }
    case "/echo":
      responder.respond(HTTPResponse(status: 200, body: ByteBuffer(bytes: request.body)))
    case "/trailers":
      responder.respond(
        HTTPResponse(
          status: 200, headers: ["x-head": "1"], body: ByteBuffer(bytes: request.body), trailers: ["x-trailer": "2"]))
    case "/stream":
      responder.start(status: 200, headers: ["x-head": "1"])
      for part in ["one ", "two ", "three"] { responder.send(ByteBuffer(string: part)) }
      responder.finish(trailers: ["x-trailer": "2"])
    case "/later":
      responder.eventLoop.scheduleTask(in: .milliseconds(50)) {
        responder.respond(HTTPResponse(status: 200, body: ByteBuffer(string: "later")))
      }
    case "/elsewhere":
      Task.detached { responder.respond(HTTPResponse(status: 200, body: ByteBuffer(string: "elsewhere"))) }
    case "/hold":
      responder.onCancel { self.cancelled.add(1, ordering: .relaxed) }
      held.withLock { $0.append(responder) }
    case "/drop":
      break
    case "/half":
      responder.start(status: 200, headers: [:])
      responder.send(ByteBuffer(string: "half"))
    case "/big":
      responder.respond(HTTPResponse(status: 200, body: ByteBuffer(repeating: 0x62, count: 8 * 1024 * 1024)))
    default:
      responder.respond(HTTPResponse(status: 200, body: ByteBuffer(string: "ok")))
    }
  }

  func answerHeld() {
    let responders = held.withLock { held in
      defer { held = [] }
      return held
    }
    for responder in responders { responder.respond(HTTPResponse(status: 200, body: ByteBuffer(string: "held"))) }
  }
}
