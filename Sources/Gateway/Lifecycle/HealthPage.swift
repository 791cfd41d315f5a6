import Options

/// What `health_check` answers: the status codes and bodies of the Collector's.
struct HealthPage {
  private let answers: HealthAnswers
  private let readiness: Readiness
  /// Unix time since when the gateway is ready.
  private let readySince: Int
  /// Unix time of the question.
  private let now: Int

  init(_ answers: HealthAnswers, readiness: Readiness, readySince: Int, now: Int) {
    self.answers = answers
    self.readiness = readiness
    self.readySince = readySince
    self.now = now
  }

  /// The answer at a path; only one is known.
  func page(at path: String) -> PageService.Page {
    guard path == answers.path else { return .init(status: 404, text: "not found\n") }
    let (status, text) = isHealthy ? (200, answers.healthy) : (503, answers.unhealthy)
    if let text { return .init(status: status, text: text) }
    return .init(status: status, text: isHealthy ? available : unavailable, contentType: "application/json")
  }

  private var isHealthy: Bool {
    guard readiness.isReady else { return false }
    guard let threshold = answers.failureThreshold else { return true }
    return !readiness.queues.contains { ($0.failing?.attempts ?? 0) >= threshold }
  }

  private var available: String {
    let uptime = formatDuration(.seconds(max(now &- readySince, 0)))
    return "{\"status\":\"Server available\",\"upSince\":\"\(Readiness.time(readySince))\",\"uptime\":\"\(uptime)\"}"
  }

  private var unavailable: String {
    "{\"status\":\"Server not available\",\"upSince\":\"0001-01-01T00:00:00Z\",\"uptime\":\"\"}"
  }
}
