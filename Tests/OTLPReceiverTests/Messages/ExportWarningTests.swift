import COTLP
import LogPipeline
import Testing

@testable import OTLPReceiver

@Suite struct ExportWarningTests {
  @Test func nothingMendedMeansNoWarning() {
    #expect(ExportWarning(Oddities()) == nil)
  }

  @Test func itCountsWhatWasMended() throws {
    var oddities = Oddities()
    oddities.repairedStrings = 3
    oddities.ignoredTimes = 1
    let warning = try #require(ExportWarning(oddities))
    #expect(warning.message.contains("3 strings with invalid UTF-8 repaired, 1 impossible times ignored"))
    #expect(!warning.message.contains("trace"))
  }

  @Test func protobufRejectsNothingAndReadsBack() throws {
    let bytes = ExportWarning(message: "mended").protobuf
    let unpacked = opentelemetry__proto__collector__logs__v1__export_logs_service_response__unpack(
      nil, bytes.count, bytes)
    let response = try #require(unpacked)
    defer { opentelemetry__proto__collector__logs__v1__export_logs_service_response__free_unpacked(response, nil) }
    let partial = try #require(response.pointee.partial_success?.pointee)
    #expect(partial.rejected_log_records == 0)
    #expect(String(cString: partial.error_message) == "mended")
  }

  @Test func jsonNamesOnlyTheMessage() {
    let json = String(decoding: ExportWarning(message: "a\"b").json, as: UTF8.self)
    #expect(json == #"{"partialSuccess":{"errorMessage":"a\"b"}}"#)
  }

  @Test func theMessageIsBounded() {
    let warning = ExportWarning(message: String(repeating: "x", count: 5000))
    #expect(warning.message.utf8.count == 1024)
  }
}
