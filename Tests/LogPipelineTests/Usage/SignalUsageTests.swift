import FrameQueues
import Testing

@testable import LogPipeline

@Suite struct SignalUsageTests {
  private let usage = SignalUsage(UsageTables.Sizes(tenants: 2, services: 3))
  private let queue = MemoryQueue(capacityBytes: 1 << 20)

  private func pipeline(_ queue: MemoryQueue) -> IngestPipeline {
    let destination = Destination(
      id: "otlp", dialect: OTLPDialect(transport: .grpc, signal: .traces), queue: queue)
    var ingest = IngestPipeline(
      .traces, pipelines: [Pipeline(id: "traces", signal: .traces, steps: [], destinations: [destination])],
      limits: DecodeLimits())
    ingest.usage = usage[.traces]
    return ingest
  }

  /// `ResourceSpans` of a service with so many spans.
  private func group(_ service: Message?, spans: Int = 1) -> Message {
    let attribute = service.map { Message.message(1, .pair("service.name", $0)) } ?? Message()
    let resource = Message.message(1, .pair("other", .text("x"))) + attribute
    let scope = (0..<spans).reduce(Message()) { scope, _ in scope + .message(2, .string(5, "s")) }
    return .message(1, Message(.message(1, resource), .message(2, scope)))
  }

  private func ingest(_ body: [UInt8], as encoding: BodyEncoding = .protobuf, _ pipeline: IngestPipeline) {
    let scratch = IngestScratch()
    _ = try? pipeline.ingest(body, as: encoding, receivedUnixNano: 1, with: scratch)
    scratch.release()
  }

  @Test func spansAndBytesAreSharedOutAmongServices() throws {
    let body = (group(.text("a"), spans: 2) + group(nil) + group(.text("b")) + group(.text("a"))).bytes
    ingest(body, pipeline(queue))
    let services = try #require(usage[.traces].read().services)
    #expect(services.names.map(\.name) == ["a", "b"])
    #expect(services.names.map(\.counts.acceptedRecords) == [3, 1] && services.unnamed.acceptedRecords == 1)
    #expect(services.total.decompressedBytes == body.count && services.total.enqueuedBytes == queue.queuedBytes)
    #expect(services.names.allSatisfy { $0.counts.enqueuedBytes == $0.counts.decompressedBytes })
    #expect(usage[.logs].read().services?.total == UsageCounts())
  }

  /// As bytes of a request as protobuf are others, they are shared out in proportion.
  @Test func bytesOfJSONAreThoseThatCame() throws {
    let resource = { (name: String) in
      #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\#(name)"}}]},"#
        + #""scopeSpans":[{"spans":[{"name":"s"}]}]}"#
    }
    let body = Array(#"{"resourceSpans":[\#(resource("a")),\#(resource("b"))]}"#.utf8)
    ingest(body, as: .json, pipeline(queue))
    let services = try #require(usage[.traces].read().services)
    #expect(services.total.decompressedBytes == body.count && services.total.acceptedRecords == 2)
    let bytes = services.names.map(\.counts.decompressedBytes)
    #expect(bytes.count == 2 && abs(bytes[0] - bytes[1]) <= 1)
  }

  @Test func whatIsRefusedIsCountedToItsTenant() throws {
    ingest(group(.text("a")).bytes, pipeline(MemoryQueue(capacityBytes: 10)))
    let (tenants, services) = usage[.traces].read()
    #expect(services?.names.map(\.counts.refusedRequests) == [1] && services?.total.acceptedRecords == 0)
    #expect(tenants?.unnamed.refusedRecords == 1 && tenants?.unnamed.refusedRequests == 1)
  }

  @Test(arguments: [
    Message(.int(3, 7)), Message.pair("service.name", Message(.int(3, 7))),
    .pair("service.nam", .text("a")), .pair("service.name", .text("")),
  ])
  func aServiceThatHasNoNameIsNone(_ attribute: Message) throws {
    let resource = Message.message(1, attribute)
    let scope = Message.message(2, .string(5, "s"))
    ingest(Message.message(1, Message(.message(1, resource), .message(2, scope))).bytes, pipeline(queue))
    #expect(usage[.traces].read().services?.unnamed.acceptedRecords == 1)
  }
}
