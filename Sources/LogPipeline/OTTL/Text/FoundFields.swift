/// What a parser found in a text: fields in their order, those inside a field behind it.
///
/// Bytes that stand in the text as they are stay there; others are written anew. Knows no batch, so that parsers can be
/// tested without one.
struct FoundFields: ~Copyable {
  /// Bytes of a key or a value.
  struct Piece: Equatable {
    let start: UInt32
    let count: UInt32
    /// Whether they lie in `written`, and not in the text.
    let isWritten: Bool

    init(_ range: Range<Int>, isWritten: Bool = false) {
      start = UInt32(truncatingIfNeeded: range.lowerBound)
      count = UInt32(truncatingIfNeeded: range.count)
      self.isWritten = isWritten
    }

    static var empty: Piece { Piece(0..<0) }

    var range: Range<Int> { Int(start)..<Int(start) &+ Int(count) }
  }

  /// What a field holds; the fields of a map or a list are those up to its `end`.
  enum Value: Equatable {
    case text(Piece)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case map, list
  }

  /// A key, unused in a list, with its value.
  struct Field {
    let key: Piece
    var value: Value
    /// The index behind the last field inside this one.
    fileprivate(set) var end: Int
  }

  /// Fields that one text may give; more are not taken, and `isFull` is set.
  static let maxFields = 1 << 16
  /// Levels of maps and lists in each other.
  static let maxDepth = 48

  private(set) var fields: [Field] = []
  private(set) var isFull = false
  /// Bytes that do not stand in the text.
  var written = ByteWriter(capacityBytes: 256)
  private var open: [Int] = []

  init() { fields.reserveCapacity(16) }

  /// Writes a constant, such as a key.
  mutating func write(_ text: StaticString) -> Piece {
    let start = written.count
    written.append(text)
    return Piece(start..<written.count, isWritten: true)
  }

  /// What has been written since a count was taken.
  func piece(since start: Int) -> Piece { Piece(start..<written.count, isWritten: true) }

  mutating func add(_ key: Piece, _ value: Value) {
    guard fields.count < Self.maxFields else {
      isFull = true
      return
    }
    fields.append(Field(key: key, value: value, end: fields.count &+ 1))
  }

  mutating func add(_ key: StaticString, _ piece: Piece) { add(write(key), .text(piece)) }

  /// Begins a map or a list, whose fields are those that follow until its end.
  mutating func begin(_ key: Piece, _ value: Value) {
    if open.count >= Self.maxDepth { isFull = true }
    open.append(fields.count)
    add(key, value)
  }

  mutating func end() {
    guard let first = open.popLast(), first < fields.count else { return }
    fields[first].end = fields.count
  }

  /// Gives the field that was added last another value.
  mutating func replaceLast(_ value: Value) {
    if let last = fields.indices.last { fields[last].value = value }
  }
}
