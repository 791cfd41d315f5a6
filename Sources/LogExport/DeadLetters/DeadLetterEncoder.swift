import LogPipeline

/// Writes rejected records as lines of dead letters, one for each piece of a body.
struct DeadLetterEncoder: ~Copyable {
  var lines = ByteWriter()
  private var times = TimestampWriter()
  private let metadataHeaders: [MetadataHeader]

  /// Letters keep header fields that are made of metadata.
  init(_ metadataHeaders: [MetadataHeader] = []) { self.metadataHeaders = metadataHeaders }

  /// Appends the lines of some records, rejected at `unixMilliseconds`.
  mutating func append(_ rejected: RejectedRecords, unixMilliseconds: Int) {
    let way = rejected.way(naming: metadataHeaders)
    rejected.body.withUnsafeBytes { body in
      for piece in rejected.format.pieces(of: body, records: rejected.body.records) {
        lines.append("{\"time\":\"")
        append(time: unixMilliseconds)
        lines.append("\",\"exporter\":")
        append(text: rejected.destination)
        lines.append(",\"reason\":")
        append(text: rejected.reason.cut(toBytes: DeadLetter.maxReasonBytes))
        lines.append(",\"attempts\":")
        lines.appendDecimal(Int64(rejected.attempts))
        lines.append(",\"first_sent\":\"")
        append(time: rejected.firstSentUnixMilliseconds)
        lines.append("\",\"format\":")
        append(text: rejected.format.rawValue)
        append(way)
        if piece.records != 1 {
          lines.append(",\"records\":")
          lines.appendDecimal(Int64(piece.records))
        }
        append(record: UnsafeRawBufferPointer(rebasing: body[piece.range]), as: rejected.format)
        lines.append("}\n")
      }
    }
  }

  private mutating func append(time unixMilliseconds: Int) {
    times.appendRFC3339(UInt64(clamping: unixMilliseconds) &* 1_000_000, to: &lines)
  }

  private mutating func append(text: String) {
    var text = text
    text.withUTF8 { lines.appendJSON(string: UnsafeRawBufferPointer($0)) }
  }

  private mutating func append(_ way: (path: String, headers: [DialectRoute.Header])) {
    if !way.path.isEmpty {
      lines.append(",\"path\":")
      append(text: way.path)
    }
    if way.headers.isEmpty { return }
    lines.append(",\"headers\":{")
    for (index, header) in way.headers.enumerated() {
      if index > 0 { lines.append(",") }
      append(text: header.name)
      lines.append(":")
      append(text: header.value)
    }
    lines.append("}")
  }

  private mutating func append(record: UnsafeRawBufferPointer, as format: BodyFormat) {
    if record.isEmpty { return }
    lines.append(",\"record\":")
    switch format {
    case .jsonline:
      if let document = Self.objects(in: record, count: 1) { return lines.append(document[0]) }
    case .bulk:
      if let pair = Self.objects(in: record, count: 2) {
        lines.append("{\"action\":")
        lines.append(pair[0])
        lines.append(",\"document\":")
        lines.append(pair[1])
        return lines.append("}")
      }
    case .otlp, .otlpTraces, .otlpMetrics, .text: break
    }
    lines.append("\"")
    lines.appendBase64(record)
    lines.append("\"")
  }

  /// The lines of a record if they are `count` JSON objects.
  private static func objects(in record: UnsafeRawBufferPointer, count: Int) -> [[UInt8]]? {
    let lines = record.split(separator: UInt8(ascii: "\n")).map { Array($0) }
    return lines.count == count && lines.allSatisfy(isObject) ? lines : nil
  }

  private static func isObject(_ line: [UInt8]) -> Bool {
    var scanner = JSONScanner(line)
    return scanner.peek() == UInt8(ascii: "{") && scanner.skipValue() && scanner.peek() == nil
  }
}
