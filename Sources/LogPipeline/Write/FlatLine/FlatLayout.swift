/// The names, prefixes and limits of flat lines: one JSON object a record, nested maps flattened with dots.
///
/// A field is `_time`, `_msg`, `severity_text`, `severity_number`, `trace_id`, `span_id`, `event_name`, `scope.name`,
/// `scope.version`, `scope.attributes.<key>`, a resource attribute, a record attribute or a member of a map body.
/// Empty values, strings and bytes are left out. Of several fields with one name a line keeps the most specific:
/// the record's own fields named above, then a member of its body, its attributes, the resource's, the scope's; of
/// several within one of these, the last. A map stays JSON text where its members' names would be too long or too
/// many; attributes that would be too many share a field of JSON text. Attributes whose name is reserved get
/// `.attribute` behind it.
package struct FlatLayout: Sendable, Equatable {
  /// What stands before each line, such as an action line with its newline.
  package var lead: [UInt8] = []
  /// The name of the time, RFC 3339 in UTC to the nanosecond.
  package var timeField = "_time"
  /// The name of a body that is not a map, and of attributes without a name.
  package var messageField = "_msg"
  /// What stands before the keys of resource attributes.
  package var resourcePrefix = ""
  /// What stands before the keys of record attributes.
  package var attributePrefix = ""
  /// Bytes of the longest line that is written, without its newline.
  package var maxLineBytes = Int.max
  /// Fields of the widest line that is written.
  package var maxFields = Int.max
  /// Bytes of the longest field name that is written.
  package var maxFieldNameBytes = Int.max
  /// Levels of nested maps that are flattened; what is deeper stays JSON text. At most `maxDepth`.
  package var flattenDepth = Self.maxDepth
  /// Names that no attribute may have, since they mean something to the destination.
  package var reserved: [[UInt8]] = []
  /// What no attribute's name may start with, for the same reason; only a scope's do.
  var reservedPrefix: [UInt8] = []
  /// The names of the fields that tell streams apart, hashed.
  var streamNames: [UInt64] = []
  /// Whether the destination makes the row itself, of fields that are sent over OTLP.
  var isForRows = false

  /// What stands behind an attribute's name that is reserved.
  static let reservedSuffix: StaticString = ".attribute"
  /// The names that mean something to VictoriaLogs.
  static let reservedNames: [StaticString] = ["_msg", "_time", "_stream", "_stream_id"]

  package init() {}

  /// Whether a name is one of `reservedNames`.
  static func isReserved(_ name: RawSpan) -> Bool {
    guard (4...10).contains(name.byteCount), name.unsafeLoad(as: UInt8.self) == UInt8(ascii: "_") else { return false }
    return reservedNames.contains { name.isEqual(to: $0) }
  }

  /// Levels of nested maps that can be flattened.
  package static let maxDepth = 16
  /// A map whose own name is longer is not flattened but stays JSON text, since each member would repeat the name.
  static let maxPathBytes = 128
}
