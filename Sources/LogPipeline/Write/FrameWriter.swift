package import FrameQueues

/// What an exporter encodes a batch into: bytes cut into frames, with the records it could not send counted.
///
/// A frame is closed at the first record boundary at or after `frameBytes`, so that later batching, splitting and
/// resending never cuts a record.
package struct FrameWriter: ~Copyable {
  package var bytes: ByteWriter
  /// The closed frames; the last ends at `bytes.count` once `finish` was called.
  package private(set) var frames: [FrameMark] = []
  /// Records that the destination cannot take, by reason.
  package private(set) var dropped = DroppedCounts()
  /// What was changed of records so that the destination takes them.
  package private(set) var changes = FieldChanges()
  /// Whether records that are dropped are to be kept, for dead letters.
  package var keepsDropped = false
  /// What is known of the metadata of all records, as a `SectionMark` has it; each section has it in its mark.
  package var metadata: [UInt8] = []
  /// Dropped records that are kept.
  package private(set) var kept: [DroppedRecord] = []
  /// Where the open frame starts.
  package private(set) var frameStart = 0
  private var frameRecords = 0
  /// The section that records are being added to; nil if they go without marks.
  private var section: OpenSection?
  /// Bytes that were written of records that were then dropped.
  private var droppedBytes = 0
  private let frameBytes: Int
  private let maxBytes: Int

  /// A writer that closes frames at `frameBytes` and refuses to pass `maxBytes` (config `max_encoded`).
  package init(frameBytes: Int = 512 << 10, maxBytes: Int = 256 << 20) {
    self.frameBytes = frameBytes
    self.maxBytes = maxBytes
    bytes = ByteWriter()
  }

  /// Empties the writer for the next batch.
  package mutating func removeAll() {
    bytes.removeAll()
    frames.removeAll(keepingCapacity: true)
    if dropped.total > 0 { dropped = DroppedCounts() }
    changes = FieldChanges()
    kept = []
    metadata = []
    droppedBytes = 0
    frameStart = 0
    frameRecords = 0
    section = nil
  }

  /// True when the next `endRecord` closes the frame, so that an encoder that owes an end to something the records
  /// share writes it before.
  @inline(__always)
  package var isFrameFull: Bool { bytes.count &- frameStart >= frameBytes }

  /// Says that the bytes of one more record are complete. True when that closed a frame, so that an encoder whose
  /// frames start with something shared writes it again.
  @inline(__always)
  @discardableResult
  package mutating func endRecord() throws(EncodeError) -> Bool {
    try endRecords(1)
  }

  /// Says that the bytes of `records` more records are complete, which stay in one frame.
  @inline(__always)
  @discardableResult
  package mutating func endRecords(_ records: Int) throws(EncodeError) -> Bool {
    frameRecords &+= records
    guard isFrameFull else { return false }
    try closeFrame()
    return true
  }

  /// Closes the last frame. Call once, after the last record.
  package mutating func finish() throws(EncodeError) {
    if frameRecords > 0 { try closeFrame() }
    closeSection()
  }

  private mutating func closeFrame() throws(EncodeError) {
    let mark = section?.mark
    closeSection()
    try checkRoom()
    frames.append(FrameMark(endOffset: bytes.count, records: frameRecords))
    frameStart = bytes.count
    frameRecords = 0
    if let mark { openSection(copying: mark) }
  }

  /// Counts a record that the destination cannot take, and forgets what was written of it from `start` on; that
  /// counts towards `maxBytes` all the same, since it was work.
  package mutating func dropRecord(_ reason: DropReason, from start: Int) throws(EncodeError) {
    droppedBytes &+= max(bytes.count &- start, 0)
    bytes.truncate(to: start)
    dropped.add(1, for: reason)
    try checkRoom()
  }

  /// Keeps the bytes that a dropped record would have been sent as, which count towards `maxBytes` too.
  package mutating func keep(_ bytes: [UInt8], because reason: DropReason) throws(EncodeError) {
    droppedBytes &+= bytes.count
    kept.append(DroppedRecord(bytes: bytes, reason: reason, fields: sectionFields))
    try checkRoom()
  }

  /// Counts what was changed of records.
  package mutating func count(_ more: FieldChanges) { changes += more }

  private func checkRoom() throws(EncodeError) {
    let written = bytes.count &+ droppedBytes
    guard written <= maxBytes else { throw EncodeError.tooLarge(bytes: written, limitBytes: maxBytes) }
  }

  /// Records in all closed frames.
  package var records: Int { frames.reduce(0) { $0 + $1.records } }
}

// Sections.
extension FrameWriter {
  /// A mark whose records are not complete.
  private struct OpenSection {
    /// Where the mark lies.
    var mark: Range<Int>
    /// Records of the frame before it.
    var recordsBefore: Int
  }

  /// Has the records that follow go under header fields of their own, until others are given, with a `SectionMark`
  /// before them. Fields that begin with a colon are metadata themselves.
  package mutating func beginSection(_ fields: RawSpan) throws(EncodeError) {
    let hasBoth = !metadata.isEmpty && !fields.isEmpty
    let textBytes = fields.byteCount &+ metadata.count &+ (hasBoth ? 1 : 0)
    guard textBytes <= SectionMark.maxFieldsBytes else {
      throw .tooLarge(bytes: textBytes, limitBytes: SectionMark.maxFieldsBytes)
    }
    if let section, isOpen(section, under: fields) { return }
    closeSection()
    let start = bytes.count
    bytes.makeRoom(SectionMark.headBytes)
    SectionMark.Head(fieldsBytes: textBytes).write(to: bytes.end)
    bytes.advance(SectionMark.headBytes)
    bytes.append(fields)
    if hasBoth { bytes.append("\n") }
    if !metadata.isEmpty { bytes.append(metadata) }
    section = OpenSection(mark: start..<bytes.count, recordsBefore: frameRecords)
  }

  /// Whether a section has these fields before what is known of metadata.
  private func isOpen(_ section: OpenSection, under fields: RawSpan) -> Bool {
    var own = fieldsRange(of: section)
    if !metadata.isEmpty {
      own = own.lowerBound..<max(own.upperBound &- metadata.count &- (fields.isEmpty ? 0 : 1), own.lowerBound)
    }
    return fields.isEqual(to: bytes.pointer(to: own))
  }

  /// Begins a section in the next frame under the fields of the last.
  private mutating func openSection(copying mark: Range<Int>) {
    let start = bytes.count
    bytes.append(copyOf: mark)
    section = OpenSection(mark: start..<bytes.count, recordsBefore: frameRecords)
  }

  /// Says in the mark what came after it, or forgets one that no record came after.
  private mutating func closeSection() {
    guard let section else { return }
    self.section = nil
    let records = frameRecords &- section.recordsBefore
    if records == 0 { return bytes.truncate(to: section.mark.lowerBound) }
    var head = SectionMark.Head(
      fieldsBytes: fieldsRange(of: section).count, contentBytes: bytes.count &- section.mark.upperBound,
      records: records)
    let isAllMetadata = bytes.pointer(to: fieldsRange(of: section)).first == UInt8(ascii: ":")
    head.hasMetadata = !metadata.isEmpty || isAllMetadata
    head.write(to: bytes.base + section.mark.lowerBound)
  }

  private func fieldsRange(of section: OpenSection) -> Range<Int> {
    section.mark.lowerBound &+ SectionMark.headBytes..<section.mark.upperBound
  }

  /// The header fields of the records at hand.
  private var sectionFields: [UInt8] { section.map { Array(bytes.pointer(to: fieldsRange(of: $0))) } ?? [] }
}

/// Why a batch could not be encoded for a destination.
package enum EncodeError: Error, Sendable, Equatable {
  /// The request would become larger than `max_encoded` allows; smaller requests help, a retry does not.
  case tooLarge(bytes: Int, limitBytes: Int)
}
