import LogPipeline
import Testing

@Suite struct OTLPValueWriterTests {
  private let dialect = OTLPDialect(transport: .grpc)

  @Test(arguments: [1, 100, 127, 128, 129, 16_383, 16_384, 16_385, 60_000, 70_000, 2_097_151, 2_097_152])
  func lengthsAreExactWhateverTheirSize(count: Int) throws {
    let text = String(repeating: "x", count: count)
    let nested = Message.map([.pair("a", .list([.text(text)]))])
    let request = Message.request(
      resource: .resource(.pair("r", .text(text))), scope: .string(1, text),
      records: .record(body: .text(text), attributes: [.pair("n", nested)]))
    #expect(try Encoded(request, as: dialect).bytes == request.bytes)
  }

  @Test func deepNestingOfLargeValuesTakesLinearTime() throws {
    var value = Message.text(String(repeating: "d", count: 1 << 20))
    for _ in 0..<60 { value = .map([.pair("m", value)]) }
    let request = Message.request(records: .record(body: value))
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try Encoded(request, as: dialect).bytes == request.bytes)
    #expect(clock.now - start < .seconds(5))
  }
}
