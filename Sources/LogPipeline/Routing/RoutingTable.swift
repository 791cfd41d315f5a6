/// What a connector does: decides for each record which of its pipelines get it.
///
/// Rows are asked in order. A row that moves ends the matter for the records it matches, a row that copies does not;
/// what no row has moved goes to the default pipelines, and so does a record that fails a row's condition. A pipeline
/// gets a record once, however many rows name it.
package struct RoutingTable: StatementUser {
  /// The most pipelines that one table may name.
  package static let maxTargets = 63

  /// What becomes of records that a row matches.
  package enum Action: String, Sendable, CaseIterable {
    /// They go to the row's pipelines and nowhere else.
    case move
    /// They go to the row's pipelines, and the next row is asked too.
    case copy
  }

  /// What a row asks of records.
  enum Selection: Sendable {
    case matcher(RecordMatcher)
    case conditions(CompiledConditions)
  }

  /// One row; it matches what both its request and its records match.
  package struct Row: Sendable {
    let request: RequestMatcher?
    let records: Selection?
    let targets: Targets
    let action: Action

    /// A row whose pipelines are the targets of these indices.
    package init(request: RequestMatcher?, records: RecordMatcher?, targets: [Int], action: Action = .move) {
      self.init(request: request, selecting: records.map { .matcher($0) }, targets: targets, action: action)
    }

    /// A row that selects records in either way.
    init(request: RequestMatcher?, selecting records: Selection?, targets: [Int], action: Action) {
      self.request = request
      self.records = records
      self.targets = RoutingTable.set(of: targets)
      self.action = action
    }
  }

  /// A set of targets, one bit each; the highest bit says that a record was moved.
  typealias Targets = UInt64
  private static let moved: Targets = 1 << 63

  /// The connector's type and name in the configuration, such as `routing/tenants`.
  package let id: String
  /// The ids of the pipelines it feeds.
  package let targets: [String]
  /// Records that each target got.
  package let routed: [RecordCount]
  /// Records that no pipeline got.
  package let unrouted = RecordCount()
  private let rows: [Row]
  private let defaults: Targets

  /// A table of the first `maxTargets` of these targets; rows and defaults name them by index.
  package init(id: String, targets: [String], rows: [Row], defaults: [Int]) {
    self.id = id
    self.targets = Array(targets.prefix(Self.maxTargets))
    self.rows = rows
    self.defaults = Self.set(of: defaults)
    routed = self.targets.map { _ in RecordCount() }
  }

  var needsContext: Bool { rows.contains { $0.request != nil || $0.conditions?.needsRequest == true } }
  /// The header fields that rows ask for.
  var contextFields: [[UInt8]] {
    rows.compactMap { $0.request?.name } + rows.flatMap { $0.conditions?.requestNames ?? [] }
  }
  package var statements: [StatementTally] { rows.flatMap(\.tallies) }

  private static func set(of targets: [Int]) -> Targets {
    targets.reduce(0) { (0..<maxTargets).contains($1) ? $0 | target($1) : $0 }
  }

  /// The set of one target.
  static func target(_ index: Int) -> Targets { 1 << Targets(truncatingIfNeeded: index) }

  /// Appends the targets of each record of a batch to `marks`.
  func mark(
    _ batch: borrowing LogBatch, of request: RequestContext, into marks: inout [Targets]
  ) throws(ProcessorRefusal) {
    let start = marks.count
    marks.append(contentsOf: repeatElement(0, count: batch.records.count))
    var left = batch.records.count
    for row in rows where left > 0 && row.request?.matches(request) ?? true {
      do throws(OTTLFailure) {
        let answers = try row.answers(in: batch, of: request)
        left &-= mark(row, answers?.matches, in: &marks, from: start)
        // Of what fails nobody knows where it belongs: rows that follow do not get it either.
        for index in answers?.failed ?? [] where marks[start &+ index] & Self.moved == 0 {
          marks[start &+ index] |= defaults | Self.moved
          left &-= 1
        }
      } catch {
        throw error.refusal(by: id)
      }
    }
    for index in start..<marks.count where marks[index] & Self.moved == 0 { marks[index] |= defaults }
  }

  /// Marks what one row matches, all if `matches` is nil; returns how many records it moved.
  private func mark(_ row: Row, _ matches: [Bool]?, in marks: inout [Targets], from start: Int) -> Int {
    let mark = row.action == .move ? row.targets | Self.moved : row.targets
    var moved = 0
    for index in start..<marks.count where marks[index] & Self.moved == 0 && matches?[index &- start] ?? true {
      marks[index] |= mark
      moved &+= 1
    }
    return row.action == .move ? moved : 0
  }

  /// How many records each target gets by these marks; counts them.
  func tally(_ marks: ArraySlice<Targets>) -> [Int] {
    var counts = [Int](repeating: 0, count: targets.count)
    var none = 0
    for mark in marks {
      var rest = mark & ~Self.moved
      if rest == 0 { none &+= 1 }
      while rest != 0 {
        counts[rest.trailingZeroBitCount] &+= 1
        rest &= rest &- 1
      }
    }
    for (counter, count) in zip(routed, counts) { counter.add(count) }
    unrouted.add(none)
    return counts
  }
}

extension RoutingTable.Row {
  fileprivate var conditions: OTTLConditions? {
    if case .conditions(let compiled)? = records { compiled.conditions } else { nil }
  }

  fileprivate var tallies: [StatementTally] {
    if case .conditions(let compiled)? = records { compiled.tallies } else { [] }
  }

  /// For each record of a batch whether the row takes it; nil if it takes all.
  fileprivate func answers(
    in batch: borrowing LogBatch, of request: RequestContext
  ) throws(OTTLFailure) -> OTTLAnswers? {
    switch records {
    case nil: nil
    case .matcher(let matcher): OTTLAnswers(matches: matcher.matches(in: batch), failed: [])
    case .conditions(let compiled): try compiled.conditions.answers(in: batch, of: request)
    }
  }
}
