/// Why a record is not sent to a destination that would reject or silently lose it.
package enum DropReason: Int, Sendable, CaseIterable {
  /// The encoded record is longer than the destination takes.
  case lineTooLong
  /// More fields than the destination takes.
  case tooManyFields
  /// A field name is longer than the destination takes.
  case fieldNameTooLong
  /// The record is older than the destination keeps.
  case tooOld
  /// The record is further in the future than the destination takes.
  case tooNew
  /// The mapping mode needs a map as body.
  case bodyNotMap
  /// The record asks not to be indexed.
  case notIndexed
  /// The destination's queue had no room (`on_full`).
  case queueFull

  /// The value of the `reason` label in metrics.
  package var label: String {
    switch self {
    case .lineTooLong: "line_too_long"
    case .tooManyFields: "too_many_fields"
    case .fieldNameTooLong: "field_name_too_long"
    case .tooOld: "too_old"
    case .tooNew: "too_new"
    case .bodyNotMap: "body_not_map"
    case .notIndexed: "not_indexed"
    case .queueFull: "queue_full"
    }
  }
}

/// How many records were dropped, by reason.
package struct DroppedCounts: Sendable, Equatable {
  private var counts = [Int](repeating: 0, count: DropReason.allCases.count)

  package init() {}

  /// The counts of `records` dropped for one reason.
  package init(_ records: Int, for reason: DropReason) { add(records, for: reason) }

  package mutating func add(_ records: Int, for reason: DropReason) { counts[reason.rawValue] &+= records }
  package subscript(reason: DropReason) -> Int { counts[reason.rawValue] }
  package var total: Int { counts.reduce(0, +) }
}

/// A record that was not sent, as it would have been.
package struct DroppedRecord: Sendable, Equatable {
  package let bytes: [UInt8]
  package let reason: DropReason
  /// The header fields that it would have been sent under, as a `SectionMark` has them.
  package let fields: [UInt8]

  package init(bytes: [UInt8], reason: DropReason, fields: [UInt8] = []) {
    self.bytes = bytes
    self.reason = reason
    self.fields = fields
  }
}

/// What was changed of records so that their destination takes them.
package struct FieldChanges: Sendable, Equatable {
  /// Fields whose names mean something to the destination, which were renamed.
  package var renamedFields = 0
  /// Records, resources and scopes whose maps were not flattened, or whose attributes share a field, since names would
  /// have been too many or too long.
  package var unflattenedRecords = 0

  package init() {}

  /// Whether the one at hand is one of `unflattenedRecords`.
  var keepsMaps: Bool {
    get { unflattenedRecords > 0 }
    set { unflattenedRecords = newValue ? 1 : 0 }
  }

  /// Adds what was changed of others.
  package static func += (a: inout FieldChanges, b: FieldChanges) {
    a.renamedFields &+= b.renamedFields
    a.unflattenedRecords &+= b.unflattenedRecords
  }
}
