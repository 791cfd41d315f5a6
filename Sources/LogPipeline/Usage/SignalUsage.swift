package import Options

/// Who sends how much of each signal.
package struct SignalUsage: Sendable {
  private let logs: UsageTables
  private let others: [Signal: UsageTables]

  /// Tables of these sizes for each signal.
  package init(_ sizes: UsageTables.Sizes) {
    logs = UsageTables(sizes)
    others = Dictionary(Signal.allCases.filter { $0 != .logs }.map { ($0, UsageTables(sizes)) }) { $1 }
  }

  /// What is counted of a signal.
  package subscript(signal: Signal) -> UsageTables { others[signal] ?? logs }

  /// Goes on with other sizes; a kind that is not counted any more is forgotten.
  package func resize(to sizes: UsageTables.Sizes) {
    for signal in Signal.allCases { self[signal].resize(to: sizes) }
  }
}
