import AsyncHTTPClient
import NIOCore
import Synchronization

/// Reads the bodies of answers within limits.
struct AnswerBody {
  let maxBytes: Int
  let timers: any EventLoop

  /// The body, if it has no more bytes than the limit and comes within `left`.
  func read(_ response: HTTPClientResponse, within left: Duration) async throws -> [UInt8] {
    if let declared = response.headers.first(name: "content-length").flatMap({ Int($0) }), declared > maxBytes {
      throw SendError.answerTooLarge(bytes: declared, limitBytes: maxBytes)
    }
    return try await BodyExpiry(timers: timers, left: left).run { [maxBytes] in
      var body: [UInt8] = []
      for try await chunk in response.body {
        let bytes = body.count + chunk.readableBytes
        if bytes > maxBytes { throw SendError.answerTooLarge(bytes: bytes, limitBytes: maxBytes) }
        body.append(contentsOf: chunk.readableBytesView)
      }
      return body
    }
  }
}

/// Runs the reading of a body against a deadline: the client's own ends when the answer's head has come.
///
/// The timer is an event loop's, which forgets it at once when the body has come; a task that sleeps stays in memory
/// until its time, however soon it is cancelled.
private struct BodyExpiry {
  let timers: any EventLoop
  let left: Duration

  func run(_ read: @escaping @Sendable () async throws -> [UInt8]) async throws -> [UInt8] {
    let isOver = Atomic(false)
    let reading = Task { try await read() }
    let timer = timers.scheduleTask(in: TimeAmount(left)) {
      isOver.store(true, ordering: .relaxed)
      reading.cancel()
    }
    defer { timer.cancel() }
    do {
      return try await withTaskCancellationHandler {
        try await reading.value
      } onCancel: {
        reading.cancel()
      }
    } catch {
      throw isOver.load(ordering: .relaxed) ? HTTPClientError.deadlineExceeded : error
    }
  }
}
