// decision: docs/decisions/0103-record-templates.md

import CVector

/// The text around the values of records that are alike, so that such a record is written without ordering, renaming or
/// comparing its fields again.
///
/// What stands around values depends on the record's shape alone: its keys in order, and what else it has. A template
/// is kept of a shape that is seen a second time, at most `maxTemplates` of them until `removeAll`.
struct RecordTemplates: ~Copyable {
  static var maxTemplates: Int { 8 }
  /// Keys of a record that has a shape.
  static var maxKeys: Int { 64 }
  /// Bytes of the longest line of which a template is kept.
  static var maxLineBytes: Int { 16 << 10 }

  /// Where a value comes from: an attribute's place in its record, or a number from `maxKeys` on that stands for a
  /// field of the encoder's.
  typealias Source = UInt8

  /// Where a value stands in a line.
  struct Place {
    var start: Int
    var end: Int
    var source: Source
  }

  /// The text before a value, and where the value comes from.
  struct Slot {
    let text: Range<Int>
    let source: Source
  }

  /// What is known of a shape.
  struct Template {
    fileprivate let hash: UInt64
    fileprivate let shape: Range<Int>
    /// Nil until a line was kept.
    fileprivate(set) var slots: Range<Int>?
    /// The text after the last value.
    fileprivate(set) var end = 0..<0
    /// Bytes of all texts.
    fileprivate(set) var textBytes = 0
  }

  private var templates: [Template] = []
  private var slots: [Slot] = []
  /// The shape of the record at hand, then shapes and texts.
  private var bytes: ByteWriter
  private static var shapeBytes: Int { maxKeys + 1 + Pen.slackBytes }
  private var shapeCount = 0
  private var hash: UInt64 = 0
  /// The template found last.
  private var last = 0
  var times = TimestampWriter()

  /// No templates, for a batch of so many records.
  init(records: Int) {
    bytes = ByteWriter(capacityBytes: records >= KeyTable.minRecords ? 4 << 10 : 0)
    bytes.makeRoom(Self.shapeBytes)
    bytes.advance(Self.shapeBytes)
  }

  /// Forgets all templates, since something that is part of their texts has changed.
  mutating func removeAll() {
    templates.removeAll(keepingCapacity: true)
    slots.removeAll(keepingCapacity: true)
    bytes.truncate(to: Self.shapeBytes)
    last = 0
  }

  /// Starts the shape of a record that has these fields beside at most `maxKeys` attributes.
  @inline(__always)
  mutating func beginShape(_ fields: UInt8) {
    bytes.base.storeBytes(of: fields, as: UInt8.self)
    shapeCount = 1
    hash = UInt64(fields)
  }

  /// Adds the number of a key.
  @inline(__always)
  mutating func add(_ key: UInt8) {
    bytes.base.storeBytes(of: key, toByteOffset: shapeCount, as: UInt8.self)
    shapeCount &+= 1
    hash = (hash ^ UInt64(key)) &* 0x9E37_79B9_7F4A_7C15
  }

  /// The template of the shape; nil the first time that it is seen, and when there are too many.
  @inline(__always)
  mutating func find() -> Int? {
    if last < templates.count, isShape(of: templates[last]) { return last }
    return findOther()
  }

  @inline(never)
  private mutating func findOther() -> Int? {
    for index in templates.indices where isShape(of: templates[index]) {
      last = index
      return index
    }
    guard templates.count < Self.maxTemplates else { return nil }
    templates.reserveCapacity(Self.maxTemplates)
    let start = bytes.count
    bytes.append(copyOf: 0..<shapeCount)
    // Shapes are compared 16 bytes at a time.
    bytes.makeRoom(Pen.slackBytes)
    templates.append(Template(hash: hash, shape: start..<bytes.count))
    return nil
  }

  @inline(__always)
  private func isShape(of template: Template) -> Bool {
    template.hash == hash && template.shape.count == shapeCount
      && bytes16_equal(bytes.base + template.shape.lowerBound, bytes.base, shapeCount)
  }

  /// The template that `find` returned last.
  var found: Template {
    @inline(__always) get { templates[last] }
  }

  subscript(index: Int) -> Template {
    @inline(__always) get { templates[index] }
  }

  subscript(slot index: Int) -> Slot {
    @inline(__always) get { slots[index] }
  }

  /// Keeps what stands around the values of a line, given in the order in which they stand.
  @inline(never)
  mutating func keep(_ line: UnsafeRawBufferPointer, values: [Place], as index: Int) {
    guard line.count <= Self.maxLineBytes else { return }
    if slots.isEmpty { slots.reserveCapacity(2 * Self.maxKeys) }
    let firstSlot = slots.count
    let start = bytes.count
    var offset = 0
    for value in values {
      slots.append(Slot(text: addText(of: line, from: offset, to: value.start), source: value.source))
      offset = value.end
    }
    templates[index].end = addText(of: line, from: offset, to: line.count)
    templates[index].slots = firstSlot..<slots.count
    templates[index].textBytes = bytes.count &- start
  }

  private mutating func addText(of line: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Range<Int> {
    let textStart = bytes.count
    guard start <= end, end <= line.count else { return textStart..<textStart }
    bytes.write(atMost: end &- start) { $0.put(UnsafeRawBufferPointer(rebasing: line[start..<end])) }
    return textStart..<bytes.count
  }

  /// Puts a text, for which there is room.
  @inline(__always)
  func put(_ text: Range<Int>, with pen: inout Pen) {
    let start = UnsafeRawPointer(bytes.base) + text.lowerBound
    pen.put(short: start, count: text.upperBound &- text.lowerBound)
  }
}
