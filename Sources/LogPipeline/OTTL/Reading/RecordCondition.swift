package import Options

/// A condition that is asked of records which are stored, long after the request that brought them.
package struct RecordCondition: Sendable {
  private let conditions: OTTLConditions

  /// Whether it asks for nothing that is a record's own, so that all records of a resource and a scope have one answer.
  package var isOfStreams: Bool { conditions.all.allSatisfy { $0.context != .log } }

  fileprivate init(_ conditions: OTTLConditions) { self.conditions = conditions }

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

extension ConfigReader {
  /// A condition of stored records; nil if it is not given, and after an error, which is reported.
  package func recordCondition(_ key: String, _ doc: String) -> RecordCondition? {
    guard let text = text(key, doc),
      let conditions = compiled([text], in: nil, errorMode: .silent)?.conditions
    else { return nil }
    if conditions.needsRequest {
      error(at: key, "asks for what a request says beside its records, which is not stored with them")
    }
    return RecordCondition(conditions)
  }
}
