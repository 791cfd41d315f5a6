import Gateway
import LogPipeline
import Testing

@Suite struct ServiceOptionsTests {
  private let sink = withExporter("nop", "")

  @Test func whatReloadsMayLeaveHasBounds() throws {
    let given = try loadStandard(sink).service
    #expect(given.maxLeavingExporters == 16 && given.maxLeavingBytes == 512 << 20)
    let most = try loadStandard(sink + "\n  max_leaving_exporters: 1000\n  max_leaving_size: 1TiB").service
    #expect(most.maxLeavingExporters == 1000 && most.maxLeavingBytes == 1 << 40)
    let none = try loadStandard(sink + "\n  max_leaving_exporters: 0\n  max_leaving_size: 0").service
    #expect(none.maxLeavingExporters == 0 && none.maxLeavingBytes == 0)
  }

  @Test(arguments: ["max_leaving_exporters: 1001", "max_leaving_exporters: -1", "max_leaving_size: 1025GiB"])
  func noneIsPassed(option: String) {
    let problems = standardProblems(sink + "\n  \(option)")
    #expect(problems.count == 1 && problems.first?.contains("service.max_leaving_") == true, "\(problems)")
  }

  /// An exporter that answers once it has delivered has the senders of its pipelines wait, unless these say otherwise.
  @Test(arguments: [
    ("", "", AcknowledgementPoint.disk), ("sending_queue: {enabled: false}", "", .delivered),
    ("sending_queue: {wait_for_result: true}", "", .delivered),
    ("sending_queue: {enabled: false}", "ack: memory, ", .memory),
  ])
  func senderWaitWhereAnExporterSaysSo(_ exporter: String, _ ack: String, _ point: AcknowledgementPoint) throws {
    let yaml = withExporter("nop", exporter).replacing("logs: {", with: "logs: {\(ack)")
    #expect(try loadStandard(yaml).service.pipelines.map(\.acknowledgement) == [point])
  }
}
