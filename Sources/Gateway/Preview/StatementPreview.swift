import Glibc
package import LogPipeline

/// Shows what a statement or condition comes to for records in OTLP JSON (`sluice ottl explain`).
package struct StatementPreview {
  package typealias Explanation = OTTLExplanation
  private let explainer: OTTLExplainer

  /// The longest input, in bytes.
  package static let maxInputBytes = 16 << 20

  /// What statements can be run for.
  package static let contexts = OTTLExplainer.contexts
  /// Every function with its parameters.
  package static var signatures: [String] { OTTLExplainer.signatures }

  /// A preview of a statement, a condition or a value; without a context its paths say it.
  package init(_ text: String, context: String?) throws(Problem) {
    do {
      explainer = try OTTLExplainer(text, context: context)
    } catch {
      throw .unreadable(error)
    }
  }

  /// Why a text or an input cannot be read.
  package enum Problem: Error, CustomStringConvertible {
    case unreadable(OTTLExplainerProblem)
    case tooLong
    case undecodable(DecodeError)

    package var description: String {
      switch self {
      case .unreadable(let problem): "\(problem)"
      case .tooLong: "the input is too long: the limit is \(StatementPreview.maxInputBytes) bytes"
      case .undecodable(let error): "cannot decode the input as OTLP JSON: \(error)"
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
      let lines = input.split(separator: UInt8(ascii: "\n")).filter { $0.contains { $0 > 0x20 } }
      if lines.count < 2 { throw error }
      var all: [Explanation] = []
      for line in lines { all += try explanations(ofDocument: line) }
      return all
    }
  }

  private func explanations(ofDocument json: ArraySlice<UInt8>) throws(Problem) -> [Explanation] {
    var batch = LogBatch()
    do {
      try batch.decode(json: Self.request(json), limits: DecodeLimits())
    } catch {
      throw .undecodable(error)
    }
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    batch.receivedUnixNano = UInt64(max(now.tv_sec, 0)) &* 1_000_000_000 &+ UInt64(max(now.tv_nsec, 0))
    return explainer.explanations(of: &batch)
  }

  /// A record as a request of its own; what has `resourceLogs` is one.
  private static func request(_ json: ArraySlice<UInt8>) -> [UInt8] {
    if json.contains("\"resourceLogs\"".utf8) { return Array(json) }
    return Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":["#.utf8) + json + Array("]}]}]}".utf8)
  }
}

extension ArraySlice<UInt8> {
  fileprivate func contains(_ text: String.UTF8View) -> Bool {
    guard let first = text.first, count >= text.count else { return false }
    return indices.dropLast(text.count - 1).contains { self[$0] == first && self[$0...].starts(with: text) }
  }
}
