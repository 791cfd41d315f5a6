import LogPipeline

/// How an export request is written, told by its `content-type`; its answer is written the same way
/// (OTLP specification, "OTLP/HTTP Response").
enum RequestForm: Sendable, Equatable, CaseIterable {
  /// `application/x-protobuf`
  case protobuf
  /// `application/protobuf`, which is not OTLP's name but is in use.
  case plainProtobuf
  /// `application/json`
  case json
  /// `application/grpc` or `application/grpc+proto`
  case grpc
  /// `application/grpc+` another encoding, which gets a gRPC refusal.
  case grpcUnknown

  /// Reads the media type of a `content-type` field (RFC 9110 section 8.3.1): letter case and parameters do not
  /// matter. Nil if it is none of the above.
  init?(contentType: String?) {
    guard let contentType else { return nil }
    if let form = Self.plain(contentType) {
      self = form
      return
    }
    let essence = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }.trimmingWhitespace
    func isOf(_ form: Self) -> Bool { essence.equalsIgnoringCase(form.contentType) }
    if isOf(.protobuf) {
      self = .protobuf
    } else if isOf(.grpc) || essence.equalsIgnoringCase("application/grpc+proto") {
      self = .grpc
    } else if isOf(.json) {
      self = .json
    } else if isOf(.plainProtobuf) {
      self = .plainProtobuf
    } else if essence.prefix(17).equalsIgnoringCase("application/grpc+") {
      self = .grpcUnknown
    } else {
      return nil
    }
  }

  /// The form of a media type as nearly everybody writes it.
  private static func plain(_ contentType: String) -> RequestForm? {
    switch contentType {
    case "application/x-protobuf": .protobuf
    case "application/grpc": .grpc
    case "application/json": .json
    default: nil
    }
  }

  /// The `content-type` of the answer.
  var contentType: StaticString {
    switch self {
    case .protobuf: "application/x-protobuf"
    case .plainProtobuf: "application/protobuf"
    case .json: "application/json"
    case .grpc, .grpcUnknown: "application/grpc"
    }
  }

  var isGRPC: Bool { self == .grpc || self == .grpcUnknown }

  /// The encoding of the export request itself.
  var bodyEncoding: BodyEncoding { self == .json ? .json : .protobuf }
}

extension Substring.UTF8View {
  /// Without spaces and tabs at either end (RFC 9110 section 5.6.3, OWS).
  var trimmingWhitespace: Substring.UTF8View {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    var rest = drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest
  }

  /// Whether this is `name`, which must be in lower case, in any letter case.
  func equalsIgnoringCase(_ name: StaticString) -> Bool {
    guard count == name.utf8CodeUnitCount else { return false }
    var expected = name.utf8Start
    for byte in self {
      let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
      guard lower == expected.pointee else { return false }
      expected += 1
    }
    return true
  }
}
