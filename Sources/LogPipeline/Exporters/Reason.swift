/// Texts of destinations that become part of a verdict's reason, cut and cleaned.
enum Reason {
  /// Bytes of a destination's text that are kept.
  static let maxBytes = 4096

  /// At most `maxBytes` of a text, with control characters and what is not UTF-8 replaced.
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for scalar in String(decoding: Array(bytes.prefix(maxBytes)), as: UTF8.self).unicodeScalars {
      text.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    return text
  }

  /// Says of an answer that it came from something else than what was asked.
  static func foreign(_ status: Answer.Status, _ server: String) -> String { "\(status), not an answer of \(server)" }

  /// `status` with the destination's text after it if there is one.
  static func joined(_ status: String, _ text: String) -> String {
    text.isEmpty ? status : "\(status): \(text)"
  }
}

extension Answer.Status: CustomStringConvertible {
  /// As reasons have it: `HTTP 404`, `gRPC NOT_FOUND`.
  package var description: String {
    switch self {
    case .http(let status): "HTTP \(status)"
    case .grpc(let code) where Self.names.indices.contains(code): "gRPC " + Self.names[code]
    case .grpc(let code): "gRPC status \(code)"
    case .local: "taken"
    }
  }

  /// The names of gRPC's status codes 0...16 (grpc.io, "Status Codes").
  private static let names = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
    "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]
}
