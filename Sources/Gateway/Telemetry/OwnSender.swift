import LogExport
import LogPipeline
import Logging
import NIOCore
import Options

/// Sends what the gateway says of itself to an OTLP endpoint. Nobody waits for that, and of what goes wrong one line a
/// minute is logged, which is not sent itself.
final class OwnSender: Sendable {
  /// What became of a request.
  enum Outcome: Sendable, Equatable {
    case delivered
    /// It may be taken another time.
    case refused
    /// It will never be taken, or not wholly.
    case lost
  }

  private let signal: Signal
  private let dialect: OTLPDialect
  private let sender: any Sender
  private let logger: Logger
  private let lines: LineSampler<Outcome>
  /// Between two lines.
  private static let logInterval = Duration.seconds(60)

  init(
    _ target: PushTarget, of signal: Signal, by group: any EventLoopGroup, telling logger: Logger,
    _ lines: LineSampler<Outcome> = LineSampler()
  ) throws(SenderConfigurationError) {
    self.signal = signal
    self.logger = logger
    self.lines = lines
    switch target.way {
    case .grpc(let options):
      dialect = OTLPDialect(transport: .grpc, signal: signal)
      sender = try GRPCSender(options, group: group)
    case .http(let options, let path):
      dialect = OTLPDialect(transport: .http(path: path), signal: signal)
      sender = try HTTPSender(options, group: group)
    }
  }

  /// Sends a request once and waits for its answer, for so long at most.
  func send(_ request: [UInt8], within timeout: Duration) async -> Outcome {
    let body = ExportBody(copyOf: [request])
    switch await sender.send(body, along: dialect.route, timeout: timeout) {
    case .failed(let reason, let isRetryable): return tell(isRetryable ? .refused : .lost, reason)
    case .answered(let answer, _):
      switch body.withUnsafeBytes({ dialect.judge(answer, to: $0, records: 1) }) {
      case .delivered: return .delivered
      case .retry(_, let reason), .unproven(_, let reason): return tell(.refused, reason)
      case .tooLarge(let reason), .rejected(let reason): return tell(.lost, reason)
      case .mixed(let outcomes): return tell(.lost, outcomes.rejectedUnnamedReason)
      }
    }
  }

  /// Ends its connection.
  func close() async { await sender.close() }

  private func tell(_ outcome: Outcome, _ reason: String) -> Outcome {
    guard let unsaid = lines.count(outcome, interval: Self.logInterval) else { return outcome }
    logger.warning(
      "the gateway's own \(signal.rawValue) are not delivered",
      metadata: ["reason": "\(reason)", "times_unsaid": "\(unsaid)"])
    return outcome
  }
}
