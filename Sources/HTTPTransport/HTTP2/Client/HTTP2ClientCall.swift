import NIOCore
import NIOHTTP1
import Synchronization

/// One request of a client, from `send` to its result; all but `isCancelled` belongs to the event loop.
final class HTTP2ClientCall: Sendable {
  typealias Outcome = Result<HTTPClientResponse, HTTP2ClientError>

  let request: HTTPClientRequest
  let timeout: Duration
  let isCancelled = Atomic<Bool>(false)
  private let continuation = Mutex<CheckedContinuation<Outcome, Never>?>(nil)

  init(_ request: HTTPClientRequest, timeout: Duration) {
    self.request = request
    self.timeout = timeout
  }

  func begin(_ continuation: CheckedContinuation<Outcome, Never>) {
    self.continuation.withLock { $0 = continuation }
  }

  /// Gives the result; only the first counts.
  func finish(_ outcome: Outcome) {
    continuation.withLock { $0.take() }?.resume(returning: outcome)
  }
}

/// One stream of a client's connection.
final class HTTP2ClientStream {
  let id: Int32
  let call: HTTP2ClientCall
  let sentAt: NIODeadline
  var outbound = HTTP2Outbound()
  var fields: HTTP2HeaderFields
  var head: (status: Int, headers: HTTPHeaders)?
  var body: [UInt8] = []
  var trailers: HTTPHeaders?
  /// The server has the request's head.
  var isSent = false
  var timer: Scheduled<Void>?

  init(id: Int32, call: HTTP2ClientCall, fields: HTTP2HeaderFields, now: NIODeadline) {
    self.id = id
    self.call = call
    self.fields = fields
    sentAt = now
    outbound.append(call.request.body)
    outbound.end(trailers: nil)
  }

  var response: HTTPClientResponse? {
    head.map { HTTPClientResponse(status: $0.status, headers: $0.headers, body: body, trailers: trailers) }
  }
}
