import FrameQueues
import LogPipeline

/// Lines of tenants: a dialect, frames and the tenant that a line's number tells, which is its thousands.
struct TenantLineDialect: Dialect {
  private let lines = LineDialect()
  var sectionMarks = SectionMarks.written

  var route: DialectRoute { lines.route }
  var bodyFormat: BodyFormat { .jsonline }
  func encode(_ batch: borrowing LogBatch, into frames: inout FrameWriter) throws(EncodeError) {}
  func judge(_ answer: Answer, to body: UnsafeRawBufferPointer, records: Int) -> Verdict {
    lines.judge(answer, to: body, records: records)
  }
  func middle(of body: UnsafeRawBufferPointer) -> Split? { lines.middle(of: body) }

  /// The header fields of a tenant; the tenant 0 has none.
  static func fields(_ tenant: Int) -> [UInt8] { tenant == 0 ? [] : Array("T: \(tenant)".utf8) }

  /// The tenant that a route carries.
  static func tenant(of route: DialectRoute) -> Int {
    guard case .http(_, let headers) = route else { return -1 }
    return headers.first { $0.name == "T" }.flatMap { Int($0.value) } ?? 0
  }
}

extension FrameWriter {
  /// Begins a section of records under these fields.
  mutating func begin(_ fields: [UInt8]) throws(EncodeError) {
    try beginSection(fields.span.bytes)
  }
}

/// Frames of so many lines of five bytes, a section for each run of lines of one tenant.
func markedFrames(_ numbers: [Int], linesInFrame: Int = .max) throws -> (bytes: [UInt8], marks: [FrameMark]) {
  var bytes: [UInt8] = []
  var marks: [FrameMark] = []
  var rest = numbers[...]
  while !rest.isEmpty {
    let frame = rest.prefix(linesInFrame)
    rest = rest.dropFirst(frame.count)
    var frames = FrameWriter()
    for number in frame {
      try frames.begin(TenantLineDialect.fields(number / 1000))
      frames.bytes.append(lines([number]))
      try frames.endRecord()
    }
    try frames.finish()
    bytes += frames.bytes.array
    marks.append(FrameMark(endOffset: bytes.count, records: frame.count))
  }
  return (bytes, marks)
}

extension MemoryQueue {
  /// Appends lines in frames with marks.
  func append(marked numbers: [Int], linesInFrame: Int = .max) throws {
    let (bytes, marks) = try markedFrames(numbers, linesInFrame: linesInFrame)
    _ = bytes.withUnsafeBytes { append($0, frames: marks) }
  }
}
