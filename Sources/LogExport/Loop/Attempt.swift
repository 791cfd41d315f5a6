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
