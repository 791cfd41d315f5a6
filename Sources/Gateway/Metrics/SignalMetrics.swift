import LogPipeline
import OTLPReceiver
import Options

/// Families of several signals. One that counts log records has spans and the like in families of their own, named as
/// the Collector does; any other has the signal of a sample that is not of logs as `data_type`.
extension GatewayMetrics {
  private static let dataType = "data_type"

  /// The label that tells a signal; none for logs.
  static func labels(of signal: Signal?) -> [Label] {
    guard let signal, signal != .logs else { return [] }
    return [Label(dataType, signal.rawValue)]
  }

  /// The labels of an exporter or processor: that of the component as it is defined, and its signal.
  static func labels(_ name: String, _ id: String) -> [Label] {
    let (defined, signal) = ComponentID.split(id)
    return [Label(name, defined)] + labels(of: signal)
  }

  /// The labels of an exporter where the Collector tells the signal of logs too.
  static func labelsWithSignal(_ name: String, _ id: String) -> [Label] {
    let (defined, signal) = ComponentID.split(id)
    return [Label(name, defined), Label(dataType, (signal ?? .logs).rawValue)]
  }

  /// The signal of a sample.
  static func signal(of labels: [Label]) -> Signal {
    labels.first { $0.name == dataType }.flatMap { Signal(rawValue: $0.value) } ?? .logs
  }

  /// What receivers have counted of each signal that they take, and of logs in any case.
  static func items(of receivers: [Receiver]) -> [([Label], ItemCounts)] {
    receivers.flatMap { receiver in
      Signal.allCases.filter { $0 == .logs || receiver.signals.contains($0) }.flatMap { signal in
        RequestProtocol.allCases.map { spoken in
          let labels = [
            Label("receiver", receiver.id), Label("transport", spoken.transport), Label("encoding", spoken.encoding),
          ]
          return (labels + Self.labels(of: signal), receiver.counters[spoken].items(of: signal))
        }
      }
    }
  }

  /// Writes a family of whole numbers.
  mutating func family<Row>(
    _ rows: [([Label], Row)], _ name: String, kind: MetricKind = .counter, _ help: String,
    _ value: (Row) -> Int
  ) {
    let ofLogs = Signal.logs.items
    guard name.contains(ofLogs) else {
      families.begin(name, kind, help)
      for (labels, row) in rows { families.sample(labels, value(row)) }
      return
    }
    for signal in Signal.allCases {
      let own = rows.filter { Self.signal(of: $0.0) == signal }
      if own.isEmpty, signal != .logs { continue }
      families.begin(
        name.replacing(ofLogs, with: signal.items), kind, help.replacing("Log records", with: signal.title))
      for (labels, row) in own { families.sample(labels.filter { $0.name != Self.dataType }, value(row)) }
    }
  }
}

extension Signal {
  /// What is counted of it, at the start of a sentence.
  fileprivate var title: String {
    switch self {
    case .logs: "Log records"
    case .traces: "Spans"
    case .metrics: "Data points"
    case .profiles: "Profiles"
    }
  }
}
