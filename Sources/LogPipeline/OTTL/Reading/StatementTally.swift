/// A component that runs statements or asks conditions.
package protocol StatementUser: Sendable {
  /// The type and name that it has in the configuration.
  var id: String { get }
  /// What came of each of them so far.
  var statements: [StatementTally] { get }
}

/// What came of one statement or condition of a component since it was made.
package struct StatementTally: Sendable {
  /// The path of its option, such as `processors.transform.log_statements[2]`.
  package let place: String
  /// Whether the log is to tell of faults.
  package let isTold: Bool
  private let tally: OTTLTally

  init(place: String, isTold: Bool, _ tally: OTTLTally) {
    self.place = place
    self.isTold = isTold
    self.tally = tally
  }

  /// How often a statement was run, for which its condition had to hold; how often a condition held.
  package var met: Int { tally.met.value }
  /// How often it could not be run.
  package var faults: Int { tally.faults.value }
  /// Why it could not the last time; nothing of a record.
  package var lastFault: String? { tally.faults.lastFault?.message.text }
}

extension OTTLFailure {
  /// What a sender and the log hear: which statement failed, and nothing of a record.
  private var told: String { "\(place) failed for a record: \(reason)" }

  /// Why a component refuses a request. It would fail again.
  func refusal(by id: String) -> ProcessorRefusal { .final(processor: id, reason: told) }

  /// Why a component rejects records.
  func rejection(by id: String) -> String { "\(id): \(told)" }
}
