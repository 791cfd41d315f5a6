import COTLP
import LogPipeline

/// An `ExportLogsServiceResponse` that carries a message, and how many records were rejected
/// (OTLP specification, "Partial Success"). The response without one is empty.
struct ExportWarning: Sendable, Equatable {
  let message: String
  let rejectedRecords: Int

  init(message: String, rejectedRecords: Int = 0) {
    self.message = message.cut(toBytes: RPCStatus.maxMessageBytes)
    self.rejectedRecords = rejectedRecords
  }

  /// Tells what was rejected of a request and, if wanted, what was mended; nil if there is nothing to tell.
  init?(_ receipt: IngestReceipt, mentionsMending: Bool) {
    let mended = mentionsMending ? Self.mended(receipt.oddities) : nil
    let rejected = receipt.rejectedRecords
    if rejected == 0 && mended == nil { return nil }
    var parts: [String] = []
    if rejected > 0 {
      let reasons = receipt.rejectionReasons.joined(separator: "; ")
      parts.append("\(rejected) of \(receipt.records) records rejected: \(reasons)")
    }
    if let mended { parts.append((rejected > 0 ? "changes" : "all records accepted, with changes") + ": " + mended) }
    self.init(message: parts.joined(separator: "; "), rejectedRecords: rejected)
  }

  /// What was mended in a request; nil if nothing was.
  private static func mended(_ oddities: Oddities) -> String? {
    let mended: [(count: Int, what: StaticString)] = [
      (oddities.repairedStrings, "strings with invalid UTF-8 repaired"),
      (oddities.droppedTraceIDs, "trace ids of a wrong length dropped"),
      (oddities.droppedSpanIDs, "span ids of a wrong length dropped"),
      (oddities.ignoredTimes, "impossible times ignored"),
      (oddities.mendedTimes, "times in another unit than nanoseconds mended"),
      (oddities.ignoredStringIndexes, "string table indexes, which logs do not have, read as empty"),
      (oddities.repeatedKeys, "attributes dropped for a later one of the same key"),
      (oddities.mendedValues, "JSON values of another type or form than OTLP's read as the nearest"),
      (oddities.snakeCaseMembers, "JSON members in snake_case ignored: OTLP's are in lowerCamelCase"),
      (oddities.unknownMembers, "unknown JSON members ignored"),
    ]
    let parts = mended.filter { $0.count > 0 }.map { "\($0.count) \($0.what)" }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// The response as protobuf.
  var protobuf: [UInt8] {
    var arena = MessageArena()
    var partial = Opentelemetry__Proto__Collector__Logs__V1__ExportLogsPartialSuccess()
    opentelemetry__proto__collector__logs__v1__export_logs_partial_success__init(&partial)
    partial.rejected_log_records = Int64(rejectedRecords)
    partial.error_message = arena.string(message)
    var response = Opentelemetry__Proto__Collector__Logs__V1__ExportLogsServiceResponse()
    opentelemetry__proto__collector__logs__v1__export_logs_service_response__init(&response)
    response.partial_success = arena.pointer(to: partial)
    return arena.pack(response)
  }

  /// The response in OTLP's JSON mapping.
  var json: [UInt8] {
    var json = ByteWriter(capacityBytes: 256)
    json.append("{\"partialSuccess\":{")
    if rejectedRecords > 0 {
      json.append("\"rejectedLogRecords\":\"")
      json.appendDecimal(Int64(rejectedRecords))
      json.append("\",")
    }
    json.append("\"errorMessage\":")
    json.appendJSON(text: message)
    json.append("}}")
    return json.array
  }
}
