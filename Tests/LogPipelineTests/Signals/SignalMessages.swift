import Options

@testable import LogPipeline

/// Requests of traces and metrics as the schema has them.
extension Message {
  static let traceID: [UInt8] = Array(1...16)
  static let spanID: [UInt8] = Array(1...8)

  /// A `Span` with what nearly all have, and `fields` behind that.
  static func span(_ name: String = "GET /", _ fields: Message...) -> Message {
    Message([
      bytes(1, traceID), bytes(2, spanID), string(5, name), int(6, 2), fixed64(7, 1_705_314_600_000_000_000),
      fixed64(8, 1_705_314_600_000_000_001), message(9, pair("k", text("v"))),
    ]) + Message(fields)
  }

  /// `ResourceSpans` or `ResourceMetrics` in a request, with these spans or metrics.
  static func group(resource: Message = Message(message(1, pair("service.name", text("shop")))), _ items: Message...)
    -> Message
  {
    let scope = Message([message(1, string(1, "scope"))] + items.map { message(2, $0) } + [string(3, "https://s")])
    return message(1, Message(message(1, resource), message(2, scope), string(3, "https://r")))
  }

  /// A `Metric` that is a gauge of so many points.
  static func gauge(_ name: String = "load", points: Int) -> Message {
    let point = Message(fixed64(3, 1), fixed64(4, 0x3FF8_0000_0000_0000), message(7, pair("cpu", text("0"))))
    return Message(string(1, name), message(5, Message((0..<points).map { _ in message(1, point) })))
  }

  /// One of each kind of metric, in all of 6 points.
  static var metrics: [Message] {
    let attribute = pair("k", text("v"))
    let exemplar = Message(fixed64(2, 5), fixed64(3, 1), bytes(4, spanID), bytes(5, traceID), message(7, attribute))
    let histogram = Message(
      fixed64(2, 1), fixed64(3, 2), fixed64(4, 3), fixed64(5, 4), bytes(6, [UInt8](repeating: 0, count: 16)),
      bytes(7, [UInt8](repeating: 0, count: 8)), message(8, exemplar), message(9, attribute), int(10, 1),
      fixed64(11, 0), fixed64(12, 0))
    let buckets = Message(int(1, 3), bytes(2, [1, 0x80, 1, 2]))
    let exponential = Message(
      message(1, attribute), fixed64(3, 2), fixed64(4, 3), int(6, 5), fixed64(7, 1), message(8, buckets),
      message(9, buckets), fixed64(14, 0))
    let summary = Message(fixed64(3, 2), message(6, Message(fixed64(1, 0), fixed64(2, 0))), message(7, attribute))
    let number = Message(fixed64(3, 1), fixed64(6, 7), message(5, exemplar), message(7, attribute), int(8, 1))
    return [
      gauge(points: 2), Message(string(1, "sum"), message(7, Message(message(1, number), int(2, 2), int(3, 1)))),
      Message(string(1, "histogram"), message(9, Message(message(1, histogram), int(2, 1)))),
      Message(string(1, "exponential"), message(10, Message(message(1, exponential), int(2, 1)))),
      Message(string(1, "summary"), message(11, Message(message(1, summary))), message(12, attribute)),
    ]
  }
}

extension SignalRequest {
  /// A request in protobuf that has been read.
  init(_ signal: Signal, _ message: Message, limits: DecodeLimits = DecodeLimits()) throws {
    self.init(signal)
    try read(signal, protobuf: message.bytes, limits: limits)
  }

  /// A request in JSON that has been read.
  init(_ signal: Signal, json: String, limits: DecodeLimits = DecodeLimits()) throws {
    self.init(signal)
    try read(signal, json: Array(json.utf8), limits: limits)
  }

  /// The bytes of all pieces.
  var bytes: [UInt8] { pieces.flatMap { body[$0.range] } }

  /// The request as lines of JSON.
  var json: String {
    var writer = ByteWriter()
    appendLines(to: &writer)
    return String(decoding: writer.array, as: UTF8.self)
  }
}
