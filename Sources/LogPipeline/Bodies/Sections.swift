import Glibc

/// The bytes of a lease as sections, in order: what a mark stands before, and what comes without a mark.
package struct Sections: Sequence, IteratorProtocol {
  /// Some records that go the same way.
  package struct Section: Equatable {
    /// Where the header fields stand that the records are sent under; empty for those of the exporter alone.
    package var fields: Range<Int>
    /// Where the records lie.
    package var content: Range<Int>
    /// How many there are; nil where no mark says it.
    package var records: Int?
    /// Bytes of the section, its mark included.
    package var byteCount: Int
  }

  private let bytes: UnsafeRawBufferPointer
  private let format: BodyFormat
  /// Where the next section begins.
  package private(set) var offset: Int
  /// Whether reading stopped at what is no mark, though it begins like one.
  package private(set) var isMalformed = false

  /// The sections of bytes from an offset on, in which records lie as the format says.
  package init(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0, as format: BodyFormat) {
    self.bytes = bytes
    self.format = format
    self.offset = offset
  }

  /// The next section; nil at the end, and where bytes make no sense.
  package mutating func next() -> Section? {
    guard offset < bytes.count, !isMalformed else { return nil }
    let start = offset
    guard bytes[start] == SectionMark.start else {
      guard let end = format.endOfUnmarked(in: bytes, from: start) else {
        isMalformed = true
        return nil
      }
      offset = end
      return Section(fields: start..<start, content: start..<end, byteCount: end &- start)
    }
    guard let head = SectionMark.Head(at: start, of: bytes) else {
      isMalformed = true
      return nil
    }
    let fields = start &+ SectionMark.headBytes..<start &+ SectionMark.headBytes &+ head.fieldsBytes
    let content = fields.upperBound..<fields.upperBound &+ head.contentBytes
    offset = content.upperBound
    return Section(fields: fields, content: content, records: head.records, byteCount: offset &- start)
  }
}

extension BodyFormat {
  /// Where records that come without a mark end: before the next mark, or at the end; nil if that cannot be told.
  fileprivate func endOfUnmarked(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard isOTLP else {
      // JSON has no such byte.
      guard let base = bytes.baseAddress,
        let mark = memchr(base + start, Int32(SectionMark.start), bytes.count &- start)
      else { return bytes.count }
      return UnsafeRawPointer(mark) - base
    }
    var fields = ProtobufFields(bytes, in: start..<bytes.count)
    while fields.index < bytes.count, bytes[fields.index] != SectionMark.start {
      if fields.next() == nil { return nil }
    }
    return fields.index
  }

  /// How many records lie in a body that has no marks.
  package func count(in body: UnsafeRawBufferPointer) -> Int {
    switch self {
    case .bulk: BulkLines(body).reduce(0) { count, _ in count &+ 1 }
    case .jsonline, .text: LineBody(body, linesPerRecord: 1).pieces.count
    case .otlp, .otlpTraces, .otlpMetrics: otlpBody?.pieces(of: body).reduce(0) { $0 &+ $1.records } ?? 0
    }
  }
}
