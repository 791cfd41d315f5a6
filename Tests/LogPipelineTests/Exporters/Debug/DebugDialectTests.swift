import LogPipeline
import Testing

@Suite struct DebugDialectTests {
  private static let request = Message.request(
    resource: .resource(.pair("service.name", .text("shop"))), records: .record(), .record(body: nil))

  @Test func basicCountsTheRecordsOfARequest() throws {
    let encoded = try Encoded(Self.request, as: DebugDialect(verbosity: .basic))
    #expect(encoded.text == "Logs resource logs: 1, log records: 2\n")
    #expect(encoded.records == 2 && encoded.marks.count == 1)
    #expect(try Encoded(Message(), as: DebugDialect(verbosity: .basic)).bytes.isEmpty)
  }

  @Test func detailedShowsTheResourceInEachFrame() throws {
    let encoded = try Encoded(Self.request, as: DebugDialect(verbosity: .detailed), frameBytes: 1)
    #expect(encoded.frames.count == 2)
    for frame in encoded.frames {
      #expect(String(decoding: frame, as: UTF8.self).hasPrefix("ResourceLog #0\n"))
    }
  }
}
