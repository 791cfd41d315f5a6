import FrameQueues
import Testing

@testable import LogPipeline

/// An `AnyValue` to put into a test's batch.
struct TestValue: Sendable {
  indirect enum Kind: Sendable {
    case empty
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case array([TestValue])
    case map([(String, TestValue)])
    case bytes([UInt8])
  }

  let kind: Kind

  static let empty = TestValue(kind: .empty)
  static func string(_ text: String) -> TestValue { TestValue(kind: .string(text)) }
  static func int(_ number: Int64) -> TestValue { TestValue(kind: .int(number)) }
  static func bool(_ flag: Bool) -> TestValue { TestValue(kind: .bool(flag)) }
  static func double(_ number: Double) -> TestValue { TestValue(kind: .double(number)) }
  static func array(_ elements: [TestValue]) -> TestValue { TestValue(kind: .array(elements)) }
  static func map(_ members: [(String, TestValue)]) -> TestValue { TestValue(kind: .map(members)) }
  static func bytes(_ bytes: [UInt8]) -> TestValue { TestValue(kind: .bytes(bytes)) }
}

extension TestValue: ExpressibleByStringLiteral {
  init(stringLiteral value: String) { self.init(kind: .string(value)) }
}

extension TestValue: ExpressibleByIntegerLiteral {
  init(integerLiteral value: Int64) { self.init(kind: .int(value)) }
}

extension TestValue: ExpressibleByFloatLiteral {
  init(floatLiteral value: Double) { self.init(kind: .double(value)) }
}

extension TestValue: ExpressibleByBooleanLiteral {
  init(booleanLiteral value: Bool) { self.init(kind: .bool(value)) }
}

typealias TestAttributes = [(String, TestValue)]

/// A batch built by hand, record by record.
final class BulkTestBatch {
  var batch = LogBatch()

  init() { batch.receivedUnixNano = 1_705_314_600_000_000_000 }

  @discardableResult
  func resource(
    _ attributes: TestAttributes = [], schemaURL: String = "", dropped: UInt32 = 0, tenant: String = ""
  ) -> BulkTestBatch {
    var resource = Resource()
    resource.schemaURL = slice(schemaURL)
    resource.attributes = add(attributes)
    resource.droppedAttributesCount = dropped
    resource.tenant = slice(tenant)
    batch.resources.append(resource)
    return self
  }

  @discardableResult
  func scope(
    _ name: String, version: String = "", schemaURL: String = "", _ attributes: TestAttributes = [],
    dropped: UInt32 = 0
  ) -> BulkTestBatch {
    if batch.resources.isEmpty { resource() }
    var scope = Scope()
    scope.resource = UInt32(batch.resources.count - 1)
    scope.name = slice(name)
    scope.version = slice(version)
    scope.schemaURL = slice(schemaURL)
    scope.attributes = add(attributes)
    scope.droppedAttributesCount = dropped
    batch.scopes.append(scope)
    return self
  }

  @discardableResult
  func scope(_ attributes: TestAttributes) -> BulkTestBatch { scope("", attributes) }

  @discardableResult
  func record(
    _ body: TestValue = .empty, _ attributes: TestAttributes = [], time: UInt64 = 0,
    _ edit: (inout LogRecord, BulkTestBatch) -> Void = { _, _ in }
  ) -> BulkTestBatch {
    let needsScope =
      batch.scopes.isEmpty || Int(batch.scopes[batch.scopes.count - 1].resource) != batch.resources.count - 1
    if needsScope { scope("") }
    var record = LogRecord()
    record.scope = UInt32(batch.scopes.count - 1)
    record.timeUnixNano = time
    record.body = value(body)
    record.attributes = add(attributes)
    edit(&record, self)
    batch.records.append(record)
    return self
  }

  func slice(_ text: String) -> ByteSlice { batch.store(Array(text.utf8)) ?? .empty }

  private func add(_ attributes: TestAttributes) -> EntryRange {
    let entries = attributes.map { Attribute(key: slice($0.0), value: value($0.1)) }
    let start = batch.attributes.count
    batch.attributes += entries
    return EntryRange(start..<batch.attributes.count)
  }

  private func value(_ value: TestValue) -> Value {
    switch value.kind {
    case .empty: return .empty
    case .string(let text): return .string(slice(text))
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .double(let number): return .double(number)
    case .bytes(let bytes): return .bytes(batch.store(bytes) ?? .empty)
    case .array(let elements): return .array(nest(elements.map { ("", $0) }))
    case .map(let members): return .map(nest(members))
    }
  }

  private func nest(_ members: TestAttributes) -> EntryRange {
    let entries = members.map { Attribute(key: slice($0.0), value: value($0.1)) }
    let start = batch.nested.count
    batch.nested += entries
    return EntryRange(start..<batch.nested.count)
  }
}

/// What a batch was encoded into.
struct BulkTestLines {
  var actions: [String] = []
  var documents: [String] = []
  var dropped = DroppedCounts()
  var frames: [[UInt8]] = []
  var body: [UInt8] = []
}

extension BulkTestBatch {
  /// Encodes the batch and checks what holds for every body: each frame is lines in pairs, each line is strict JSON.
  func encoded(_ options: ElasticsearchOptions = ElasticsearchOptions(), frameBytes: Int = 512 << 10) throws
    -> BulkTestLines
  {
    var frames = FrameWriter(frameBytes: frameBytes)
    try ElasticsearchDialect(options).encode(batch, into: &frames)
    var lines = BulkTestLines()
    lines.body = frames.bytes.array
    lines.dropped = frames.dropped
    var start = 0
    for frame in frames.frames {
      let bytes = Array(lines.body[start..<frame.endOffset])
      try Self.check(bytes, records: frame.records, into: &lines)
      lines.frames.append(bytes)
      start = frame.endOffset
    }
    #expect(start == lines.body.count)
    #expect(lines.documents.count + lines.dropped.total == batch.records.count)
    return lines
  }

  private static func check(_ frame: [UInt8], records: Int, into lines: inout BulkTestLines) throws {
    #expect(frame.last == UInt8(ascii: "\n"))
    let split = frame.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    #expect(split.count == 2 * records + 1)
    for (index, line) in split.dropLast().enumerated() {
      try StrictJSON.check(Array(line))
      let text = String(decoding: line, as: UTF8.self)
      if index.isMultiple(of: 2) { lines.actions.append(text) } else { lines.documents.append(text) }
    }
  }

  /// The document of the only record.
  func document(_ options: ElasticsearchOptions = ElasticsearchOptions()) throws -> String {
    try #require(encoded(options).documents.first)
  }

  /// Encodes the records in a mapping mode.
  func encoded(_ mode: ElasticsearchOptions.MappingMode) throws -> BulkTestLines {
    var options = ElasticsearchOptions()
    options.mappingMode = mode
    return try encoded(options)
  }

  /// The document of the only record in a mapping mode.
  func document(_ mode: ElasticsearchOptions.MappingMode) throws -> String {
    var options = ElasticsearchOptions()
    options.mappingMode = mode
    return try document(options)
  }

  /// The action line of the only record.
  func action(_ options: ElasticsearchOptions = ElasticsearchOptions()) throws -> String {
    try #require(encoded(options).actions.first)
  }
}

/// A JSON parser (RFC 8259) that also rejects repeated keys.
struct StrictJSON {
  struct Fault: Error { var offset: Int }
  private let text: [UInt8]
  private var offset = 0
  private var keys: Set<[UInt8]> = []

  private init(_ text: [UInt8]) { self.text = text }

  /// Checks a whole text and returns the keys of its outermost object.
  @discardableResult
  static func check(_ text: [UInt8]) throws -> Set<[UInt8]> {
    #expect(String(validating: text, as: UTF8.self) != nil)
    var parser = StrictJSON(text)
    try parser.value()
    if parser.offset != text.count { throw Fault(offset: parser.offset) }
    return parser.keys
  }

  private var next: UInt8 { offset < text.count ? text[offset] : 0 }

  private mutating func take(_ literal: String) throws {
    for byte in literal.utf8 {
      if next != byte { throw Fault(offset: offset) }
      offset += 1
    }
  }

  private mutating func value() throws {
    switch next {
    case UInt8(ascii: "{"): try object()
    case UInt8(ascii: "["): try array()
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try take("true")
    case UInt8(ascii: "f"): try take("false")
    case UInt8(ascii: "n"): try take("null")
    default: try number()
    }
  }

  private mutating func object() throws {
    var keys: Set<[UInt8]> = []
    try take("{")
    if next == UInt8(ascii: "}") { return try take("}") }
    while true {
      if !keys.insert(try string()).inserted { throw Fault(offset: offset) }
      try take(":")
      try value()
      if next == UInt8(ascii: "}") {
        self.keys = keys
        return try take("}")
      }
      try take(",")
    }
  }

  private mutating func array() throws {
    try take("[")
    if next == UInt8(ascii: "]") { return try take("]") }
    while true {
      try value()
      if next == UInt8(ascii: "]") { return try take("]") }
      try take(",")
    }
  }

  /// The string with simple escapes resolved, which is enough to tell keys apart: `\u` is only used for controls.
  private mutating func string() throws -> [UInt8] {
    var bytes: [UInt8] = []
    try take("\"")
    while next != UInt8(ascii: "\"") {
      if next < 0x20 { throw Fault(offset: offset) }
      if next == UInt8(ascii: "\\") {
        bytes.append(next)
        offset += 1
        if next == UInt8(ascii: "u") {
          for _ in 0..<4 {
            offset += 1
            guard Character(Unicode.Scalar(next)).isHexDigit else { throw Fault(offset: offset) }
            bytes.append(next)
          }
        } else if !"\"\\/bfnrt".utf8.contains(next) {
          throw Fault(offset: offset)
        }
      }
      bytes.append(next)
      offset += 1
    }
    try take("\"")
    return bytes
  }

  private mutating func number() throws {
    if next == UInt8(ascii: "-") { offset += 1 }
    if next == UInt8(ascii: "0") { offset += 1 } else { try digits() }
    if next == UInt8(ascii: ".") {
      offset += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      offset += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
      try digits()
    }
  }

  private mutating func digits() throws {
    let start = offset
    while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { offset += 1 }
    if offset == start { throw Fault(offset: offset) }
  }
}
