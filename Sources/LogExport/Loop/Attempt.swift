import LogPipeline

/// A body that was sent once, and what came back. It makes nothing of that: `Judgement` does.
struct Attempt: Sendable {
  let body: ExportBody
  let result: SendResult

  /// Sends a body along a route, and waits for what comes back for at most `timeout`.
  static func send(
    _ body: ExportBody, by sender: any Sender, along route: DialectRoute, within timeout: Duration
  ) async -> Attempt {
    Attempt(body: body, result: await sender.send(body, along: route, timeout: timeout))
  }
}

/// How an attempt ended, by the class of its answer; the raw value is the label `outcome`.
package enum AttemptOutcome: String, Sendable, CaseIterable {
  /// HTTP 2xx, gRPC OK.
  case success
  /// HTTP 429, gRPC RESOURCE_EXHAUSTED.
  case tooMany = "too_many"
  /// Other HTTP 4xx and what corresponds in gRPC.
  case clientError = "client_error"
  /// Every other answer.
  case serverError = "server_error"
  /// No answer: not connected, connection lost, timed out.
  case noAnswer = "no_answer"

  init(_ result: SendResult) {
    guard case .answered(let answer, _) = result else {
      self = .noAnswer
      return
    }
    switch answer.status.httpStatus {
    case 200..<300: self = .success
    case 429: self = .tooMany
    case 400..<500: self = .clientError
    default: self = .serverError
    }
  }
}
