import Synchronization

/// What came of a statement or condition so far; any thread may add to it.
struct OTTLTally: Sendable {
  /// How often it was run, for which its condition had to hold; of a condition how often it held.
  let met = RecordCount()
  /// How often it was a fault.
  let faults = OTTLFaultCounts()
}

/// How often each fault happened; any thread may add to it.
final class OTTLFaultCounts: Sendable {
  private let count = Atomic<Int>(0)
  private let last = Atomic<UInt8>(0)

  /// Faults so far.
  var value: Int { count.load(ordering: .relaxed) }

  /// The fault that was seen last; nil if there was none.
  var lastFault: OTTLFault? { value == 0 ? nil : OTTLFault(rawValue: last.load(ordering: .relaxed)) }

  func add(_ faults: Int, last fault: OTTLFault) {
    if faults == 0 { return }
    last.store(fault.rawValue, ordering: .relaxed)
    count.add(faults, ordering: .relaxed)
  }
}

/// What came of statements and conditions in one batch, before it is added to their tallies.
struct OTTLRunCounts {
  struct Count {
    var met = 0
    var faults = 0
    var last = OTTLFault.wrongType

    mutating func note(_ fault: OTTLFault) {
      faults &+= 1
      last = fault
    }

    func add(to tally: OTTLTally) {
      tally.met.add(met)
      tally.faults.add(faults, last: last)
    }
  }

  var statements: [Count]
  var conditions: [Count]

  init(_ group: OTTLProgram.Group) {
    statements = Array(repeating: Count(), count: group.statements.count)
    conditions = Array(repeating: Count(), count: group.conditions.count)
  }

  func add(to group: OTTLProgram.Group) {
    for (count, statement) in zip(statements, group.statements) { count.add(to: statement.tally) }
    for (count, condition) in zip(conditions, group.conditions) { count.add(to: condition.tally) }
  }
}
