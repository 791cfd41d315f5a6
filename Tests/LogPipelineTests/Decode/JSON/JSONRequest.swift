import LogPipeline

/// Requests in OTLP/JSON, for tests to send through the decoder.
enum JSONRequest {
  /// A request of one record with these members, such as `"flags":1`.
  static func record(_ members: String) -> String {
    #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{\#(members)}]}]}]}"#
  }

  /// A request of one record whose body is this `AnyValue`.
  static func body(_ value: String) -> String { record(#""body":\#(value)"#) }

  /// A request of one record whose body is a string with this content, quotes excluded.
  static func text(_ content: [UInt8]) -> [UInt8] {
    let parts = body(#"{"stringValue":"@"}"#).utf8.split(separator: UInt8(ascii: "@"))
    return parts[0] + content + parts[1]
  }

  static func decode(_ body: String, limits: DecodeLimits = DecodeLimits()) throws(DecodeError) -> LogBatch {
    try decode(Array(body.utf8), limits: limits)
  }

  static func decode(_ body: [UInt8], limits: DecodeLimits = DecodeLimits()) throws(DecodeError) -> LogBatch {
    var batch = LogBatch()
    try batch.decode(json: body, limits: limits)
    return batch
  }

  /// The error of a request that is refused; nil if it is not.
  static func error(_ body: String, limits: DecodeLimits = DecodeLimits()) -> DecodeError? {
    error(Array(body.utf8), limits: limits)
  }

  static func error(_ body: [UInt8], limits: DecodeLimits = DecodeLimits()) -> DecodeError? {
    do { _ = try decode(body, limits: limits) } catch { return error }
    return nil
  }

  /// The body of the one record of a request with this `AnyValue`.
  static func value(_ value: String, limits: DecodeLimits = DecodeLimits()) throws -> Readable {
    let batch = try decode(body(value), limits: limits)
    return batch.readable(batch.records[0].body)
  }

  /// The one record of a request with these members, and what was odd.
  static func decodedRecord(_ members: String) throws -> (record: LogRecord, oddities: Oddities) {
    let batch = try decode(record(members))
    return (batch.records[0], batch.oddities)
  }
}

/// Random numbers that are the same in every run (Steele et al., "SplitMix", 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
