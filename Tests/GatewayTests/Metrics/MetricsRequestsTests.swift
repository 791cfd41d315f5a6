import LogPipeline
import NIOPosix
import Testing

@testable import Gateway

@Suite struct MetricsRequestsTests {
  private func requests(_ families: MetricFamilies) -> [[UInt8]] {
    MetricsRequests(from: 1, to: 2).requests(families, of: OwnResource([("service.name", "edge")]))
  }

  /// The points of a request that is as the schema says.
  private func points(_ request: [UInt8]) throws -> Int {
    var passing = SignalRequest(.metrics)
    try passing.read(.metrics, protobuf: request, limits: DecodeLimits())
    #expect(passing.oddities.isEmpty && passing.pieces.count == 1)
    return passing.items
  }

  @Test func everySampleIsAPoint() throws {
    let histogram = Histogram(.requests)
    histogram.observe(.milliseconds(3))
    var families = MetricFamilies()
    families.begin("a.b", .counter, "A.", in: .bytes)
    families.sample([MetricLabel("k", "v")], -1)
    families.sample([], 2)
    families.begin("c", .gauge, "C.")
    families.sample([], 0.5)
    families.begin("d", .histogram, "D.", in: .milliseconds)
    families.histogram([MetricLabel("k", "v")], histogram.snapshot, times: 1000)
    families.begin("empty", .counter, "Nothing.")
    let all = requests(families)
    #expect(try all.map(points) == [4])
    let text = String(decoding: all[0], as: UTF8.self)
    for part in ["a.b", "By", "ms", "edge", "sluice"] { #expect(text.contains(part), "\(part)") }
    #expect(!text.contains("empty"))
  }

  @Test func aFullRequestGetsNoFurtherMetric() throws {
    var families = MetricFamilies()
    let value = String(repeating: "x", count: 1000)
    for number in 0..<3000 {
      families.begin("metric_\(number)", .gauge, "One of many.")
      families.sample([MetricLabel("k", value)], number)
    }
    let all = requests(families)
    #expect(all.count == 4)
    #expect(try all.map(points).reduce(0, +) == 3000)
    for request in all { #expect(request.count < MetricsRequests.fullBytes + 2000) }
    #expect(requests(MetricFamilies()).isEmpty)
  }

  @Test func allThatTheGatewayHasCanBeSent() async throws {
    let configuration = try loadStandard(withExporter("nop", ""))
    let assembly = try await Assembly(
      configuration, group: MultiThreadedEventLoopGroup.singleton, logger: LogCapture().logger)
    let families = GatewayMetrics.families(assembly, ports: [], level: .detailed, uptime: .seconds(1))
    await assembly.close()
    let samples = families.all.reduce(0) { $0 + $1.samples.count }
    #expect(try requests(families).map(points).reduce(0, +) == samples && samples > 50)
  }
}
