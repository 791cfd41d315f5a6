package import LogPipeline
import Options

/// Records that a destination rejected for good, as one line of JSON:
///
///     {"time":"…","exporter":"elasticsearch/audit","reason":"…","attempts":1,"first_sent":"…","format":"bulk",
///      "path":"/_bulk","records":1,"record":{"action":{…},"document":{…}}}
///
/// Times are RFC 3339 in UTC. `record` is the document for `jsonline`, action and document for `bulk`, base64 of the
/// body for everything else, and missing if the destination did not say which records it rejected. `path` and
/// `headers` tell where it was sent, without credentials. `records` is left out if it is 1, `headers` if there are
/// none.
package struct DeadLetter: Sendable, Equatable {
  /// Bytes of a reason that are kept.
  package static let maxReasonBytes = 4096

  package var time = ""
  package var exporter = ""
  /// As the destination gave it, cut to `maxReasonBytes`.
  package var reason = ""
  package var attempts = 0
  package var firstSent = ""
  package var format: BodyFormat?
  package var path = ""
  package var headers: [DialectRoute.Header] = []
  package var records = 1
  /// The JSON text of `record`; empty if it is missing.
  package var record: [UInt8] = []

  /// The kind of error: what stands before the reason's first colon.
  package var reasonKind: String { loggable(reason: reason) }

  /// Reads a line without its end; nil if it is no dead letter.
  package init?(line: [UInt8]) {
    var scanner = JSONScanner(line)
    let isObject = scanner.object { scanner, key in self.readMember(&scanner, key, of: line) }
    guard isObject, scanner.peek() == nil, !time.isEmpty else { return nil }
  }

  private mutating func readMember(_ scanner: inout JSONScanner, _ key: Range<Int>, of line: [UInt8]) -> Bool {
    func text() -> String? { scanner.string().map { scanner.text(of: $0, limitBytes: Self.maxReasonBytes) } }
    func take<T>(_ value: T?, into member: WritableKeyPath<DeadLetter, T>) -> Bool {
      guard let value else { return false }
      self[keyPath: member] = value
      return true
    }
    switch scanner.text(of: key, limitBytes: 32) {
    case "time": return take(text(), into: \.time)
    case "exporter": return take(text(), into: \.exporter)
    case "reason": return take(text(), into: \.reason)
    case "attempts": return take(scanner.integer(), into: \.attempts)
    case "first_sent": return take(text(), into: \.firstSent)
    case "format": return take(text().map { BodyFormat(rawValue: $0) }, into: \.format)
    case "path": return take(text(), into: \.path)
    case "headers": return readHeaders(&scanner)
    case "records": return take(scanner.integer().map { max($0, 0) }, into: \.records)
    case "record": return take(Self.value(&scanner, of: line), into: \.record)
    default: return scanner.skipValue()
    }
  }

  private mutating func readHeaders(_ scanner: inout JSONScanner) -> Bool {
    scanner.object { scanner, key in
      guard let value = scanner.string(), self.headers.count < 32 else { return false }
      self.headers.append(
        DialectRoute.Header(
          scanner.text(of: key, limitBytes: 256), scanner.text(of: value, limitBytes: Self.maxReasonBytes)))
      return true
    }
  }

  /// The text of the next value, whatever it is.
  private static func value(_ scanner: inout JSONScanner, of line: [UInt8]) -> [UInt8]? {
    guard scanner.peek() != nil else { return nil }
    let start = scanner.offset
    guard scanner.skipValue() else { return nil }
    return Array(line[start..<scanner.offset])
  }

  /// The bytes that were sent for the records; nil if they were not kept.
  package var body: [UInt8]? {
    if record.first == UInt8(ascii: "\"") { return Base64Text.decode(Array(record.dropFirst().dropLast())) }
    guard record.first == UInt8(ascii: "{") else { return nil }
    guard format == .bulk else { return record + [UInt8(ascii: "\n")] }
    var scanner = JSONScanner(record)
    var action: [UInt8]?
    var document: [UInt8]?
    let isPair = scanner.object { scanner, key in
      let isAction = scanner.isName(key, "action")
      guard let value = Self.value(&scanner, of: self.record) else { return false }
      if isAction { action = value } else { document = value }
      return true
    }
    guard isPair, let action, let document else { return nil }
    return action + [UInt8(ascii: "\n")] + document + [UInt8(ascii: "\n")]
  }
}

extension RejectedRecords {
  /// The HTTP path, and the headers that tell where records go, those made of metadata included: empty if they went
  /// elsewhere. Of a gRPC call the headers alone, since letters are sent again over HTTP.
  func way(naming made: [MetadataHeader] = []) -> (path: String, headers: [DialectRoute.Header]) {
    switch route {
    case .http(let path, let headers):
      (path, headers.named(made).filter { $0.name.lowercased() != "content-type" })
    case .grpc(_, let headers): ("", headers.named(made))
    case .local, .discard: ("", [])
    }
  }
}

extension [DialectRoute.Header] {
  /// The header fields, with those that are made of metadata in place of that; credentials are left out.
  fileprivate func named(_ made: [MetadataHeader]) -> [DialectRoute.Header] {
    var sent = filter { !$0.isMetadata }
    for header in made where !HeaderField.isCredential(header.name) {
      let known = first { $0.isMetadata && $0.name == header.key }
      guard let value = known?.value ?? header.otherwise else { continue }
      let isSet = sent.contains { $0.isBinding && $0.name.lowercased() == header.name.lowercased() }
      if isSet { continue }
      sent.removeAll { $0.name.lowercased() == header.name.lowercased() }
      sent.append(DialectRoute.Header(header.name, value))
    }
    return sent
  }
}
