import Glibc
import LogExport
import Logging
import Options

/// The gateway's own metrics and logs on their way to OTLP endpoints.
extension Gateway {
  /// At the end, and when a reload puts another in its place, what is left may take so long to be sent.
  private static let lastPushTime = Duration.seconds(1)

  /// Sends metrics and logs from now on as the configuration in force says.
  func startPushing() {
    let telemetry = running.withLock { $0.configuration.service.telemetry }
    let resource = OwnResource(telemetry.resource)
    // Of what it cannot send it sends nothing.
    let quiet = ownLog.map { OwnLog.logger($0, isSent: false) } ?? logger
    var queues: [OwnLogQueue] = []
    var pushes: [OwnPush] = []
    for push in telemetry.metricsPushes {
      guard let sender = sender(push.target, of: .metrics, quiet) else { continue }
      pushes.append(
        OwnPush(push, by: sender) { [weak self] in
          guard let self else { return [] }
          return MetricsRequests(from: startedUnixNano, to: OwnLog.unixNano()).requests(families(), of: resource)
        })
    }
    for push in telemetry.logsPushes {
      guard let sender = sender(push.target, of: .logs, quiet) else { continue }
      let queue = OwnLogQueue(most: push.maxQueued)
      queues.append(queue)
      pushes.append(OwnPush(push, by: sender, from: queue, of: resource))
    }
    ownLog?.send(to: queues)
    let former = self.pushes.withLock { own in
      defer { own = pushes }
      return own
    }
    if !former.isEmpty { Task { await Self.end(former) } }
  }

  /// Sends what is left, and nothing more.
  func endPushing() async {
    ownLog?.send(to: [])
    await Self.end(
      pushes.withLock { own in
        defer { own = [] }
        return own
      })
  }

  private static func end(_ pushes: [OwnPush]) async {
    await withDiscardingTaskGroup { tasks in
      for push in pushes { tasks.addTask { await push.end(within: lastPushTime) } }
    }
  }

  private func sender(_ target: PushTarget, of signal: Signal, _ quiet: Logger) -> OwnSender? {
    do throws(SenderConfigurationError) {
      return try OwnSender(target, of: signal, by: loops.exports, telling: quiet)
    } catch {
      logger.error("the gateway's own \(signal.rawValue) cannot be sent", metadata: ["reason": "\(error)"])
      return nil
    }
  }
}
