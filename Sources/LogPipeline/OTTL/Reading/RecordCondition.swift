package import Options

/// A condition that is asked of records by themselves: of stored ones, long after the request that brought them, and of
/// those that somebody looks at as they pass.
package struct RecordCondition: Sendable {
  private let conditions: OTTLConditions

  /// Whether it asks for nothing that is a record's own, so that all records of a resource and a scope have one answer.
  package var isOfStreams: Bool { conditions.all.allSatisfy { $0.context != .log } }

  fileprivate init(_ conditions: OTTLConditions) { self.conditions = conditions }

  /// Reads a condition that somebody asks with.
  package init(_ text: String) throws(RecordConditionProblem) {
    do throws(OTTLSourceProblems) {
      conditions = try OTTLConditions([try Self.parsed(text)], errorMode: .silent)
    } catch {
      let problem = error.all.first?.error.described(in: text)
      throw RecordConditionProblem(description: problem ?? "this is no condition")
    }
    if conditions.needsRequest { throw RecordConditionProblem(description: Self.asksForRequest) }
  }

  private static func parsed(_ text: String) throws(OTTLSourceProblems) -> OTTLConditionText {
    do throws(OTTLLoadError) { return try OTTLParser.condition(text) } catch {
      var problems = OTTLSourceProblems()
      problems.all.append(OTTLSourceProblem(group: 0, part: .condition(0), error: error))
      throw problems
    }
  }

  fileprivate static let asksForRequest =
    "asks for what a request says beside its records, which is not kept with them"

  /// For each record of an `ExportLogsServiceRequest` whether the condition holds; of one for which it fails it does
  /// not. Nil if the request cannot be decoded.
  package func matches(inRequest body: consuming [UInt8]) -> [Bool]? {
    var batch = LogBatch()
    do {
      try batch.decode(protobuf: body, limits: .ownRecords)
      return try conditions.matches(in: batch, of: RequestContext())
    } catch {
      return nil
    }
  }
}

/// Why a text is no condition of records.
package struct RecordConditionProblem: Error, Equatable, CustomStringConvertible {
  package let description: String
}

extension ConfigReader {
  /// A condition of stored records; nil if it is not given, and after an error, which is reported.
  package func recordCondition(_ key: String, _ doc: String) -> RecordCondition? {
    guard let text = text(key, doc),
      let conditions = compiled([text], in: nil, errorMode: .silent)?.conditions
    else { return nil }
    if conditions.needsRequest {
      error(at: key, RecordCondition.asksForRequest)
    }
    return RecordCondition(conditions)
  }
}
