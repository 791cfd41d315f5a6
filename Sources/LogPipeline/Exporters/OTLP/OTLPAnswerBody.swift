/// How the body of an answer is encoded, as far as its media type tells (OTLP specification, Binary Protobuf Encoding
/// and JSON Protobuf Encoding).
private enum AnswerEncoding {
  case protobuf
  case json
  /// The answer does not say, so the body has to look like nothing else.
  case unsaid
  /// Something that is neither.
  case other

  init(_ answer: Answer) {
    switch answer.mediaType {
    case "application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf": self = .protobuf
    case "application/json": self = .json
    case "", "application/octet-stream": self = .unsaid
    default: self = .other
    }
  }
}

/// The `google.rpc.Status` that an answer to a failed request holds.
struct OTLPStatus {
  private(set) var message = ""

  /// Nil if the body is something else, or nothing at all.
  init?(_ answer: Answer) {
    switch AnswerEncoding(answer) {
    case .json: self.init(json: answer.body)
    case .protobuf: self.init(protobuf: answer.body)
    case .unsaid where answer.body.first == UInt8(ascii: "{"): self.init(json: answer.body)
    case .unsaid: self.init(protobuf: answer.body)
    case .other: return nil
    }
  }

  /// `code` (field 1), `message` (2) and `details` (3).
  private init?(protobuf body: [UInt8]) {
    let message = body.withUnsafeBytes { body -> String? in
      var message = ""
      var fields = ProtobufFields(body)
      while let field = fields.next() {
        guard (1...3).contains(field.number) else { return nil }
        if field.number == 2 { message = Reason.text(body[field.content]) }
      }
      return fields.isMalformed || body.isEmpty ? nil : message
    }
    guard let message else { return nil }
    self.message = message
  }

  /// An object with a `code` of gRPC; proxies have objects with a `message` alone.
  private init?(json body: [UInt8]) {
    var scanner = JSONScanner(body)
    var code = 0
    var message = ""
    let isObject = scanner.object { scanner, key in
      if scanner.isName(key, "code") {
        guard let number = scanner.integer() else { return false }
        code = number
        return true
      }
      guard scanner.isName(key, "message"), scanner.peek() == UInt8(ascii: "\"") else { return scanner.skipValue() }
      guard let range = scanner.string() else { return false }
      message = Reason.text(scanner.text(of: range, limitBytes: Reason.maxBytes).utf8)
      return true
    }
    guard isObject, scanner.peek() == nil, (1...16).contains(code) else { return nil }
    self.message = message
  }
}

/// The `partial_success` of an `ExportLogsServiceResponse`; none rejected if it is unset.
struct PartialSuccess {
  private(set) var rejected: Int64 = 0
  private(set) var message = ""

  /// Nil if the body is no such response. An empty body is one, but not an empty page.
  init?(_ answer: Answer) {
    if answer.body.isEmpty {
      if answer.mediaType == "text/html" { return nil }
      return
    }
    let isRead =
      switch AnswerEncoding(answer) {
      case .protobuf: read(protobuf: answer.body, knowsAllFields: false)
      case .json: read(json: answer.body)
      case .unsaid where answer.body.first == UInt8(ascii: "{"): read(json: answer.body)
      case .unsaid: read(protobuf: answer.body, knowsAllFields: true)
      case .other: false
      }
    if !isRead { return nil }
  }

  /// `partial_success` (field 1): `rejected_log_records` (1) and `error_message` (2), logs_service.proto.
  private mutating func read(protobuf body: [UInt8], knowsAllFields: Bool) -> Bool {
    body.withUnsafeBytes { body in
      var response = ProtobufFields(body)
      while let field = response.next() {
        if field.number != 1 {
          if knowsAllFields { return false }
          continue
        }
        var fields = ProtobufFields(body, in: field.content)
        while let field = fields.next() {
          if field.number == 1 { rejected = Int64(bitPattern: field.varint) }
          if field.number == 2 { message = Reason.text(body[field.content]) }
        }
        if fields.isMalformed { return false }
      }
      return !response.isMalformed
    }
  }

  /// `{}` or `{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"…"}}`; some servers write snake case.
  private mutating func read(json body: [UInt8]) -> Bool {
    var scanner = JSONScanner(body)
    var rejected: Int64 = 0
    var message = ""
    var isOther = false
    let isObject = scanner.object { scanner, key in
      guard scanner.isName(key, "partialSuccess") || scanner.isName(key, "partial_success") else {
        isOther = true
        return scanner.skipValue()
      }
      if scanner.take("null") { return true }
      return scanner.object { scanner, key in
        if scanner.isName(key, "rejectedLogRecords") || scanner.isName(key, "rejected_log_records") {
          guard let count = Self.integer(&scanner) else { return false }
          rejected = count
          return true
        }
        guard scanner.isName(key, "errorMessage") || scanner.isName(key, "error_message"),
          scanner.peek() == UInt8(ascii: "\""), let range = scanner.string()
        else { return scanner.skipValue() }
        message = Reason.text(scanner.text(of: range, limitBytes: Reason.maxBytes).utf8)
        return true
      }
    }
    guard isObject, !isOther, scanner.peek() == nil else { return false }
    self.rejected = rejected
    self.message = message
    return true
  }

  /// A 64-bit number, which JSON has as a string or as a number; null is 0.
  private static func integer(_ scanner: inout JSONScanner) -> Int64? {
    if scanner.take("null") { return 0 }
    guard scanner.peek() == UInt8(ascii: "\"") else { return scanner.integer().map { Int64($0) } }
    guard let range = scanner.string() else { return nil }
    return Int64(scanner.text(of: range, limitBytes: 24))
  }
}
