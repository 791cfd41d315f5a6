import Options

/// What goes on sending metrics or logs of the gateway, from when it is made until it is ended. It fails quietly.
final class OwnPush: Sendable {
  private let sender: OwnSender
  private let timeout: Duration
  /// Sends what there is, each request within a time. False if it is of no use to go on.
  private let round: @Sendable (OwnSender, Duration) async -> Bool
  private let task: Task<Void, Never>
  /// The longest wait after rounds that failed.
  private static let longestWait = Duration.seconds(60)

  /// Sends metrics, of which `requests` makes what is sent.
  convenience init(_ push: MetricsPush, by sender: OwnSender, _ requests: @escaping @Sendable () -> [[UInt8]]) {
    self.init(by: sender, every: push.interval, within: push.timeout) { sender, timeout in
      for request in requests() where await sender.send(request, within: timeout) != .delivered { return false }
      return true
    }
  }

  /// Sends the lines that a queue has. Those that cannot be delivered now wait for the next round.
  convenience init(
    _ push: LogsPush, by sender: OwnSender, from queue: OwnLogQueue, of resource: OwnResource
  ) {
    self.init(by: sender, every: push.delay, within: push.timeout) { sender, timeout in
      while let request = queue.request(of: resource, most: push.maxBatch) {
        if await sender.send(request.bytes, within: timeout) == .refused { return false }
        queue.removeFirst(request.records)
      }
      return true
    }
  }

  private init(
    by sender: OwnSender, every interval: Duration, within timeout: Duration,
    _ round: @escaping @Sendable (OwnSender, Duration) async -> Bool
  ) {
    (self.sender, self.timeout, self.round) = (sender, timeout, round)
    task = Task {
      var wait = interval
      while (try? await Task.sleep(for: wait)) != nil {
        let isDone = await round(sender, timeout)
        wait = isDone ? interval : min(wait * 2, max(Self.longestWait, interval))
      }
    }
  }

  /// Ends it, once what there is has been sent, for which there is so much time at most.
  func end(within limit: Duration) async {
    task.cancel()
    await task.value
    let last = Task { await round(sender, min(limit, timeout)) }
    let timer = Task {
      try await Task.sleep(for: limit)
      last.cancel()
    }
    _ = await last.value
    timer.cancel()
    await sender.close()
  }
}
