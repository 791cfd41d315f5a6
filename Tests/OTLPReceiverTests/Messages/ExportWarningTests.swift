import COTLP
import LogPipeline
import Testing

@testable import OTLPReceiver

@Suite struct ExportWarningTests {
  @Test func nothingMendedMeansNoWarning() {
    #expect(ExportWarning(IngestReceipt(), mentionsMending: true) == nil)
  }

  @Test func itCountsWhatWasMended() throws {
    var oddities = Oddities()
    oddities.repairedStrings = 3
    oddities.ignoredTimes = 1
    let receipt = IngestReceipt(records: 9, oddities: oddities)
    #expect(ExportWarning(receipt, mentionsMending: false) == nil)
    let warning = try #require(ExportWarning(receipt, mentionsMending: true))
    #expect(warning.rejectedRecords == 0)
    #expect(warning.message.contains("3 strings with invalid UTF-8 repaired, 1 impossible times ignored"))
    #expect(!warning.message.contains("trace"))
  }

  @Test func itSaysHowManyRecordsWereRejectedAndWhyWhateverIsMended() throws {
    var receipt = IngestReceipt(records: 9)
    receipt.rejectedRecords = 2
    receipt.rejectionReasons = ["a: no x", "b: no y"]
    let warning = try #require(ExportWarning(receipt, mentionsMending: false))
    #expect(warning == ExportWarning(message: "2 of 9 records rejected: a: no x; b: no y", rejectedRecords: 2))
    receipt.oddities.ignoredTimes = 1
    let both = try #require(ExportWarning(receipt, mentionsMending: true))
    #expect(both.message == "2 of 9 records rejected: a: no x; b: no y; changes: 1 impossible times ignored")
    #expect(
      String(decoding: warning.json, as: UTF8.self)
        == #"{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"2 of 9 records rejected: a: no x; b: no y"}}"#)
  }

  @Test func protobufCarriesTheCountOfRejectedRecords() throws {
    let bytes = ExportWarning(message: "no", rejectedRecords: 300).protobuf
    let unpacked = opentelemetry__proto__collector__logs__v1__export_logs_service_response__unpack(
      nil, bytes.count, bytes)
    let response = try #require(unpacked)
    defer { opentelemetry__proto__collector__logs__v1__export_logs_service_response__free_unpacked(response, nil) }
    #expect(response.pointee.partial_success?.pointee.rejected_log_records == 300)
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
