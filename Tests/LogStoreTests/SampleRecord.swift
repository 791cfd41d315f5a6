/// A value as tests make it.
indirect enum SampleValue: Equatable, Sendable {
  case text(String)
  case int(Int64)
  case double(Double)
  case bool(Bool)
  case bytes([UInt8])
  case array([SampleValue])
  case map([SamplePair])

  static func == (a: SampleValue, b: SampleValue) -> Bool { a.message == b.message }

  /// An `AnyValue`.
  var message: [UInt8] {
    switch self {
    case .text(let text): Sample.field(1, Array(text.utf8))
    case .bool(let value): [2 << 3, value ? 1 : 0]
    case .int(let number): [3 << 3] + Sample.varint(UInt64(bitPattern: number))
    case .double(let number): [4 << 3 | 1] + Sample.fixed64(number.bitPattern)
    case .array(let list): Sample.field(5, list.flatMap { Sample.field(1, $0.message) })
    case .map(let pairs): Sample.field(6, pairs.flatMap { Sample.field(1, $0.message) })
    case .bytes(let bytes): Sample.field(7, bytes)
    }
  }
}

/// A key with its value.
struct SamplePair: Sendable {
  let key: String
  let value: SampleValue

  init(_ key: String, _ value: SampleValue) {
    self.key = key
    self.value = value
  }

  /// A `KeyValue`.
  var message: [UInt8] { Sample.field(1, Array(key.utf8)) + Sample.field(2, value.message) }
}

/// What records share.
struct SampleStream: Equatable {
  var service: String
  var attributes: [SamplePair] = []
  var scope = ""
  var scopeVersion = ""
  var scopeAttributes: [SamplePair] = []
  var url = ""

  init(service: String, scope: String = "") {
    self.service = service
    self.scope = scope
  }

  var resourceAttributes: [SamplePair] { [SamplePair("service.name", .text(service))] + attributes }

  static func == (a: SampleStream, b: SampleStream) -> Bool {
    a.resource == b.resource && a.scopeMessage == b.scopeMessage
  }

  var resource: [UInt8] { resourceAttributes.flatMap { Sample.field(1, $0.message) } }

  var scopeMessage: [UInt8] {
    (scope.isEmpty ? [] : Sample.field(1, Array(scope.utf8)))
      + (scopeVersion.isEmpty ? [] : Sample.field(2, Array(scopeVersion.utf8)))
      + scopeAttributes.flatMap { Sample.field(3, $0.message) }
  }
}

/// A record as tests make it.
struct SampleRecord {
  var time: UInt64 = 0
  var observed: UInt64 = 0
  var severity: UInt8 = 0
  var severityText = ""
  var body: SampleValue?
  var attributes: [SamplePair] = []
  var trace: [UInt8] = []
  var span: [UInt8] = []
  var eventName = ""
  var flags: UInt32 = 0
  var stream = SampleStream(service: "shop")

  init(_ body: String? = nil, time: UInt64 = 0) {
    self.body = body.map { .text($0) }
    self.time = time
  }

  /// A `LogRecord`.
  var message: [UInt8] {
    var message: [UInt8] = []
    if time != 0 { message += [1 << 3 | 1] + Sample.fixed64(time) }
    if severity != 0 { message += [2 << 3, severity] }
    if !severityText.isEmpty { message += Sample.field(3, Array(severityText.utf8)) }
    if let body { message += Sample.field(5, body.message) }
    for pair in attributes { message += Sample.field(6, pair.message) }
    if flags != 0 { message += [8 << 3 | 5] + (0..<4).map { UInt8(truncatingIfNeeded: flags >> (8 * $0)) } }
    if !trace.isEmpty { message += Sample.field(9, trace) }
    if !span.isEmpty { message += Sample.field(10, span) }
    if observed != 0 { message += [11 << 3 | 1] + Sample.fixed64(observed) }
    if !eventName.isEmpty { message += Sample.field(12, Array(eventName.utf8)) }
    return message
  }
}

/// Protobuf as tests write it.
enum Sample {
  static func varint(_ value: UInt64) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
  }

  static func fixed64(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

  static func field(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(content.count)) + content
  }

  /// Records as a request, a `ResourceLogs` for each run of a stream.
  static func request(_ records: [SampleRecord]) -> [UInt8] {
    var request: [UInt8] = []
    var index = 0
    while index < records.count {
      let stream = records[index].stream
      var scopeLogs = field(1, stream.scopeMessage)
      while index < records.count, records[index].stream == stream {
        scopeLogs += field(2, records[index].message)
        index += 1
      }
      if !stream.url.isEmpty { scopeLogs += field(3, Array(stream.url.utf8)) }
      let url = stream.url.isEmpty ? [] : field(3, Array((stream.url + "/resource").utf8))
      request += field(1, field(1, stream.resource) + field(2, scopeLogs) + url)
    }
    return request
  }
}
