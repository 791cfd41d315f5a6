import COTLP
import LogPipeline

/// An `ExportLogsServiceResponse` that carries a warning: nothing rejected, and a message
/// (OTLP specification, "Partial Success"). The response without a warning is empty.
struct ExportWarning: Sendable, Equatable {
  let message: String

  init(message: String) {
    self.message = message.cut(toBytes: RPCStatus.maxMessageBytes)
  }

  /// Tells what was mended in a request; nil if nothing was.
  init?(_ oddities: Oddities) {
    let mended: [(count: Int, what: StaticString)] = [
      (oddities.repairedStrings, "strings with invalid UTF-8 repaired"),
      (oddities.droppedTraceIDs, "trace ids of a wrong length dropped"),
      (oddities.droppedSpanIDs, "span ids of a wrong length dropped"),
      (oddities.ignoredTimes, "impossible times ignored"),
      (oddities.ignoredStringIndexes, "string table indexes, which logs do not have, read as empty"),
    ]
    let parts = mended.filter { $0.count > 0 }.map { "\($0.count) \($0.what)" }
    if parts.isEmpty { return nil }
    self.init(message: "all records accepted, with changes: " + parts.joined(separator: ", "))
  }

  /// The response as protobuf.
  var protobuf: [UInt8] {
    var arena = MessageArena()
    var partial = Opentelemetry__Proto__Collector__Logs__V1__ExportLogsPartialSuccess()
    opentelemetry__proto__collector__logs__v1__export_logs_partial_success__init(&partial)
    partial.error_message = arena.string(message)
    var response = Opentelemetry__Proto__Collector__Logs__V1__ExportLogsServiceResponse()
    opentelemetry__proto__collector__logs__v1__export_logs_service_response__init(&response)
    response.partial_success = arena.pointer(to: partial)
    return arena.pack(response)
  }

  /// The response in OTLP's JSON mapping.
  var json: [UInt8] {
    var json = ByteWriter(capacityBytes: 256)
    json.append("{\"partialSuccess\":{\"errorMessage\":")
    json.appendJSON(text: message)
    json.append("}}")
    return json.array
  }
}
