package import HTTPTransport
import NIOCore
import Synchronization

/// A place for a service that can be exchanged between two requests, while its port and its connections stay.
package final class ServiceSlot: HTTPService {
  private struct State {
    var service: OTLPService
    /// Whole requests that came since a pause began; nil if there is none.
    var waiting: [Waiting]?
  }

  private struct Waiting {
    let request: HTTPRequest
    let responder: HTTPResponder
  }

  private let state: Mutex<State>

  package init(_ service: OTLPService) { state = Mutex(State(service: service)) }

  /// The service that takes requests now.
  package var service: OTLPService { state.withLock { $0.service } }

  /// Has whole requests wait from now on, and returns once none is being worked on: then nothing is appended to a queue
  /// until `resume`. Requests that wait keep what they have taken of the budget.
  package func pause() async {
    let service = state.withLock { state in
      state.waiting = state.waiting ?? []
      return state.service
    }
    while service.requestsAtWork > 0 { try? await Task.sleep(for: .milliseconds(1)) }
  }

  /// Has another service, if one is given, take the requests that wait and all that follow.
  package func resume(with other: OTLPService? = nil) {
    let (service, waiting) = state.withLock { state in
      if let other { state.service = other }
      let waiting = state.waiting ?? []
      state.waiting = nil
      for _ in waiting { state.service.begin() }
      return (state.service, waiting)
    }
    for waiting in waiting {
      waiting.responder.eventLoop.execute {
        service.respondBegun(to: waiting.request, through: waiting.responder)
      }
    }
  }

  package func note(on head: HTTPRequestHead) -> HTTPNote? { service.note(on: head) }

  package func plan(for head: inout HTTPRequestHead) -> HTTPBodyPlan { service.plan(for: &head) }

  package func refusal(of head: HTTPRequestHead, because reason: HTTPBodyRefusal) -> HTTPResponse {
    service.refusal(of: head, because: reason)
  }

  package func respond(to request: consuming HTTPRequest, through responder: HTTPResponder) {
    let service: OTLPService? = state.withLock { state in
      if state.waiting != nil {
        state.waiting?.append(Waiting(request: copy request, responder: responder))
        return nil
      }
      state.service.begin()
      return state.service
    }
    service?.respondBegun(to: request, through: responder)
  }
}
