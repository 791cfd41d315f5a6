package import LogPipeline
import Options

/// Shows what a statement or condition comes to for records in OTLP JSON (`sluice ottl explain`).
package struct StatementPreview {
  package typealias Explanation = OTTLExplanation
  private var explainer: OTTLExplainer

  /// The longest input, in bytes.
  package static let maxInputBytes = 16 << 20

  /// What statements can be run for.
  package static let contexts = OTTLExplainer.contexts
  /// Every function with its parameters.
  package static var signatures: [String] { OTTLExplainer.signatures }
  /// The patterns that grok expressions can name, each with what it stands for.
  package static var grokPatterns: [String] { OTTLExplainer.grokPatterns }

  /// A preview of a statement, a condition or a value; without a context its paths say it. Long values are cut unless
  /// they are to be shown whole.
  package init(_ text: String, context: String?, showsAll: Bool = false) throws(Problem) {
    TimeZoneFiles.offer()
    do {
      explainer = try OTTLExplainer(text, context: context)
    } catch {
      throw .unreadable(error)
    }
    if showsAll { explainer.maxCharacters = .max }
  }

  /// Why a text or an input cannot be read.
  package enum Problem: Error, CustomStringConvertible {
    case unreadable(OTTLExplainerProblem)
    case tooLong
    case undecodable(DecodeError)
    case unknownKey(String)

    package var description: String {
      switch self {
      case .unreadable(let problem): "\(problem)"
      case .tooLong: "the input is too long: the limit is \(StatementPreview.maxInputBytes) bytes"
      case .undecodable(let error): "the input is no record or request in OTLP JSON: \(error.message)"
      case .unknownKey(let key):
        "the input has the key \"\(key.forDisplay(maxCharacters: 64))\", which no record has in OTLP JSON"
          + suggestion(for: key, among: StatementPreview.recordKeys)
      }
    }
  }

  /// What the parts come to for each record, scope or resource of the input: one request, or one record, as a whole or
  /// in each line.
  package func explanations(of input: [UInt8]) throws(Problem) -> [Explanation] {
    if input.count > Self.maxInputBytes { throw .tooLong }
    do throws(Problem) {
      return try explanations(ofDocument: input[...])
    } catch {
      if case .unknownKey = error { throw error }
      let lines = input.split(separator: UInt8(ascii: "\n")).filter { $0.contains { $0 > 0x20 } }
      if lines.count < 2 { throw error }
      var all: [Explanation] = []
      for line in lines { all += try explanations(ofDocument: line) }
      return all
    }
  }

  private func explanations(ofDocument json: ArraySlice<UInt8>) throws(Problem) -> [Explanation] {
    var batch = LogBatch()
    let isRecord = !json.contains("\"resourceLogs\"".utf8)
    do throws(DecodeError) {
      let request = isRecord ? Self.request(of: json) : Array(json)
      try batch.decode(json: request, limits: DecodeLimits())
    } catch {
      // Counted from the start of what was given.
      let offset = isRecord ? min(max(error.offset - Self.before.count, 0), json.count) : error.offset
      throw .undecodable(DecodeError(error.reason, at: offset))
    }
    if isRecord, let key = Self.unknownKey(of: json) { throw .unknownKey(key) }
    batch.receivedUnixNano = WallClock.unixNano
    return explainer.explanations(of: &batch)
  }

  /// What makes a request of a record.
  private static let before = Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":["#.utf8)
  private static let behind = Array("]}]}]}".utf8)

  /// A request in OTLP JSON of one record.
  static func request(of record: ArraySlice<UInt8>) -> [UInt8] { before + record + behind }

  /// Whether an object has something that records have, and nothing else.
  static func isRecord(_ json: ArraySlice<UInt8>) -> Bool {
    keys(of: json).map { !$0.isEmpty && $0.allSatisfy(recordKeys.contains) } ?? false
  }

  /// What a record has in OTLP JSON; all else would be passed over.
  fileprivate static let recordKeys = [
    "timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText", "body", "attributes",
    "droppedAttributesCount", "flags", "traceId", "spanId", "eventName",
  ]

  /// The first key of a record that none has; nil if there is none, or the record is too large to be looked through.
  private static func unknownKey(of json: ArraySlice<UInt8>) -> String? {
    keys(of: json)?.first { !recordKeys.contains($0) }
  }

  private static func keys(of json: ArraySlice<UInt8>) -> [String]? {
    // JSON is YAML.
    guard json.count <= 1 << 20,
      let root = YAMLParser.parse(Array(json), source: "", limits: ConfigLimits(), report: ConfigReport()),
      case .map(let entries) = root.content
    else { return nil }
    return entries.map(\.key)
  }
}

extension ArraySlice<UInt8> {
  fileprivate func contains(_ text: String.UTF8View) -> Bool {
    guard let first = text.first, count >= text.count else { return false }
    return indices.dropLast(text.count - 1).contains { self[$0] == first && self[$0...].starts(with: text) }
  }
}
