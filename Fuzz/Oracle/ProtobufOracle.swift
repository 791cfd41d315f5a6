import COTLP
import LogPipeline

/// Holds the gateway's own protobuf decoder against libprotobuf-c.
///
/// Both must accept the same bodies and read the same values, but for what the gateway does on purpose: strings are
/// mended to UTF-8, ids of a wrong length and times from 2^63 are dropped, and limits apply. libprotobuf-c ends
/// strings at a NUL byte, so strings are compared up to there. It also takes field numbers past 2^29-1, which it
/// cuts to 32 bits, and a bool in any wire type; the gateway refuses both, as other protobuf libraries do. A singular
/// message that comes twice is joined by the gateway as protobuf prescribes, which libprotobuf-c 1.4 does in part. Groups
/// are taken out before libprotobuf-c sees them (`UnknownGroups`).
package enum ProtobufOracle {
  /// How one body fared.
  package enum Outcome: Equatable {
    case bothAccept
    case bothRefuse
    /// The gateway refuses what libprotobuf-c takes, for one of the two reasons above.
    case stricter
    /// A singular message comes twice.
    case repeated
    /// The two differ; says how.
    case differ(String)

    /// The outcome in a few words.
    package var label: String {
      switch self {
      case .bothAccept: "accepted alike"
      case .bothRefuse: "refused alike"
      case .stricter: "refused by the stricter rules"
      case .repeated: "with a message joined"
      case .differ: "differ"
      }
    }
  }

  package static func compare(_ body: [UInt8]) -> Outcome {
    let plain = UnknownGroups.leftOut(of: body) ?? body
    let expected = oracle(plain)
    let actual = gateway(body)
    switch (expected, actual) {
    case (nil, .failure): return .bothRefuse
    case (_, .success(let actual)) where actual != expected && RepeatedMessages.occur(in: plain): return .repeated
    case (nil, .success): return .differ("only the gateway accepts")
    case (.some, .failure(let error)) where isStricter(error): return .stricter
    case (.some, .failure(let error)): return .differ("only libprotobuf-c accepts; the gateway says \(error.message)")
    case (.some(let expected), .success(let actual)):
      return expected == actual ? .bothAccept : .differ(difference(expected, actual))
    }
  }

  /// Whether the gateway refuses by one of its stricter rules.
  static func isStricter(_ error: DecodeError) -> Bool {
    error.reason == .malformed("protobuf field number is out of range")
      || error.reason == .malformed("protobuf field has another wire type than OTLP defines")
  }

  /// Where two texts part, with what comes next in each.
  private static func difference(_ expected: String, _ actual: String) -> String {
    let common = zip(expected, actual).prefix { $0 == $1 }.count
    let (wanted, found) = (expected.dropFirst(common).prefix(80), actual.dropFirst(common).prefix(80))
    return "after \(expected.prefix(common).suffix(40)): expected \(wanted), got \(found)"
  }

  private static func oracle(_ body: [UInt8]) -> String? {
    let request = body.withUnsafeBufferPointer {
      opentelemetry__proto__collector__logs__v1__export_logs_service_request__unpack(nil, $0.count, $0.baseAddress)
    }
    guard let request else { return nil }
    defer { opentelemetry__proto__collector__logs__v1__export_logs_service_request__free_unpacked(request, nil) }
    return OracleText.text(of: request.pointee)
  }

  private static func gateway(_ body: [UInt8]) -> Result<String, DecodeError> {
    var batch = LogBatch()
    do throws(DecodeError) {
      try batch.decode(protobuf: body, limits: DecodeLimits())
      return .success(BatchText.text(of: batch))
    } catch {
      return .failure(error)
    }
  }
}
