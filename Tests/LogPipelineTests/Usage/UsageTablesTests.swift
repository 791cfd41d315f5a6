import Foundation
import FrameQueues
import Testing

@testable import LogPipeline

@Suite struct UsageTablesTests {
  private let tables = UsageTables(UsageTables.Sizes(tenants: 2, services: 3))
  private let queue = MemoryQueue(capacityBytes: 1 << 20)

  private func pipeline(_ queues: [MemoryQueue], _ tables: UsageTables? = nil) -> IngestPipeline {
    let destinations = queues.enumerated().map { index, queue in
      Destination(id: "lines/\(index)", dialect: FileDialect(), queue: queue)
    }
    var ingest = IngestPipeline(
      pipelines: [Pipeline(id: "logs", processors: [], destinations: destinations)], limits: DecodeLimits())
    ingest.usage = tables ?? self.tables
    return ingest
  }

  /// A request with a resource for each service, of so many records each.
  private func request(_ services: [String?], records: Int = 1) -> [UInt8] {
    services.reduce(Message()) { request, service in
      let attribute = service.map { Message.message(1, .pair("service.name", .text($0))) } ?? Message()
      let logs = (0..<records).reduce(Message()) { logs, _ in logs + .message(2, .message(5, .text("hello"))) }
      return request + .message(1, Message(.message(1, attribute), .message(2, logs)))
    }.bytes
  }

  private func ingest(_ body: [UInt8], _ pipeline: IngestPipeline, with scratch: IngestScratch = IngestScratch()) {
    _ = try? pipeline.ingest(body, as: .protobuf, receivedUnixNano: 1, with: scratch)
    scratch.release()
  }

  private func counts(_ name: String, in snapshot: UsageSnapshot?) -> UsageCounts? {
    snapshot?.names.first { $0.name == name }?.counts
  }

  @Test func recordsAndBytesAreSharedOutAmongServices() throws {
    let body = request(["a", "b", nil, "a"], records: 3)
    ingest(body, pipeline([queue]))
    let services = try #require(tables.read().services)
    #expect(services.names.map(\.name) == ["a", "b"])
    #expect(services.names.map(\.counts.acceptedRecords) == [6, 3] && services.unnamed.acceptedRecords == 3)
    #expect(services.total.decompressedBytes == body.count && services.total.enqueuedBytes == queue.queuedBytes)
    let (a, b) = (try #require(counts("a", in: services)), try #require(counts("b", in: services)))
    #expect(a.decompressedBytes == 2 * b.decompressedBytes && abs(a.enqueuedBytes - 2 * b.enqueuedBytes) <= 2)
    #expect(services.total.refusedRequests == 0)
  }

  @Test func bytesCountForEachDestination() throws {
    let other = MemoryQueue(capacityBytes: 1 << 20)
    ingest(request(["a"]), pipeline([queue, other]))
    let services = tables.read().services
    #expect(counts("a", in: services)?.enqueuedBytes == queue.queuedBytes + other.queuedBytes)
    #expect(queue.queuedBytes > 0)
  }

  @Test func whatIsRefusedIsCountedAsThat() throws {
    let small = MemoryQueue(capacityBytes: 10)
    ingest(request(["a", "b", "a"], records: 2), pipeline([small]))
    let services = try #require(tables.read().services)
    #expect(services.names.map(\.counts.refusedRecords) == [4, 2])
    #expect(services.names.map(\.counts.refusedRequests) == [1, 1])
    #expect(services.total.acceptedRecords == 0 && services.total.enqueuedBytes == 0)
  }

  @Test func tenantsAreCountedByWhoseResourcesAre() throws {
    var policy = TenantPolicy()
    policy.sources = [.attribute("service.name")]
    var ingest = IngestPipeline(
      pipelines: [
        Pipeline(
          id: "logs", processors: [],
          destinations: [Destination(id: "lines", dialect: FileDialect(), queue: queue)])
      ],
      limits: DecodeLimits(), tenants: Tenants(policy))
    ingest.usage = tables
    self.ingest(request(["acme", "umbrella", nil, "acme"]), ingest)
    let tenants = try #require(tables.read().tenants)
    #expect(tenants.names.map(\.name) == ["acme", "umbrella"])
    #expect(tenants.names.map(\.counts.acceptedRecords) == [2, 1] && tenants.unnamed.acceptedRecords == 1)
  }

  @Test func whatIsRefusedBeforeItIsDecodedCountsToItsTenant() throws {
    for name in ["acme", "acme", "umbrella"] { Array(name.utf8).withUnsafeBytes { tables.refused(tenant: $0) } }
    [UInt8]([0xFF]).withUnsafeBytes { tables.refused(tenant: $0) }
    let (tenants, services) = tables.read()
    #expect(counts("acme", in: tenants)?.refusedRequests == 2 && counts("umbrella", in: tenants)?.refusedRequests == 1)
    #expect(tenants?.total.refusedRequests == 3 && services?.total == UsageCounts())
  }

  @Test func aRequestWithoutRecordsCountsItsBytes() {
    ingest(request([]) + Message.string(9, "unknown").bytes, pipeline([queue]))
    ingest(request(["a"], records: 0), pipeline([queue]))
    let services = tables.read().services
    #expect(services?.unnamed.decompressedBytes == Message.string(9, "unknown").bytes.count)
    #expect(services?.total.acceptedRecords == 0 && counts("a", in: services)?.enqueuedBytes == 0)
  }

  @Test func countsGoOnWithOtherSizes() {
    ingest(request(["a", "b", "b", "c"]), pipeline([queue]))
    tables.resize(to: UsageTables.Sizes(tenants: 0, services: 1))
    let (tenants, services) = tables.read()
    #expect(tenants == nil && services?.names.map(\.name) == ["b"])
    #expect(services?.other.acceptedRecords == 2)
    tables.resize(to: UsageTables.Sizes(tenants: 1, services: 2))
    ingest(request(["d"]), pipeline([queue]))
    #expect(tables.read().tenants?.total.acceptedRecords == 1)
    #expect(tables.read().services?.total.acceptedRecords == 5)
  }

  @Test func nothingIsCountedForNobody() {
    let off = UsageTables(UsageTables.Sizes(tenants: 0, services: 0))
    ingest(request(["a"]), pipeline([queue], off))
    #expect(off.read().tenants == nil && off.read().services == nil)
  }

  /// What threads count at the same time, while others read, is there in the end, and no count falls meanwhile.
  @Test func threadsCountTogether() async throws {
    let tables = UsageTables(UsageTables.Sizes(tenants: 20, services: 20))
    let queues = (0..<4).map { _ in MemoryQueue(capacityBytes: 64 << 20) }
    await withTaskGroup { tasks in
      for thread in 0..<4 {
        tasks.addTask {
          let scratch = IngestScratch()
          for round in 0..<500 {
            ingest(request(["a", "b", "own \(thread) \(round)"]), pipeline([queues[thread]], tables), with: scratch)
          }
        }
      }
      tasks.addTask {
        var (other, total) = (0, 0)
        while total < 6000 {
          let now = tables.read().services
          #expect(now?.other.acceptedRecords ?? 0 >= other && now?.total.acceptedRecords ?? 0 >= total)
          (other, total) = (now?.other.acceptedRecords ?? 0, now?.total.acceptedRecords ?? 6000)
          await Task.yield()
        }
      }
    }
    let services = try #require(tables.read().services)
    #expect(services.total.acceptedRecords == 6000)
    #expect(services.total.enqueuedBytes == queues.reduce(0) { $0 + $1.queuedBytes })
    #expect(counts("a", in: services)?.acceptedRecords == 2000)
  }

  /// Whoever sends a name of its own with every record takes neither memory nor the place of others.
  @Test func twoHundredThousandNamesTakeNoMemory() throws {
    let table = UsageTable(names: UsageTables.maxNames)
    var tally = UsageTally()
    var counts = UsageCounts()
    (counts.acceptedRecords, counts.decompressedBytes) = (1, 100)
    var name = Array("hostile-service-0000000".utf8)
    func send(_ range: Range<Int>) {
      for number in range {
        var rest = number
        for digit in name.indices.suffix(7).reversed() {
          name[digit] = UInt8(ascii: "0") + UInt8(rest % 10)
          rest /= 10
        }
        name.withUnsafeBytes { table.add(counts, to: $0, in: &tally) }
      }
    }
    send(0..<10_000)
    let before = try residentBytes()
    send(10_000..<210_000)
    let grown = try residentBytes() - before
    #expect(grown < 8 << 20, "\(grown) bytes")
    table.take(&tally)
    let snapshot = try #require(table.snapshot)
    #expect(snapshot.total.acceptedRecords == 210_000 && snapshot.names.count <= UsageTables.maxNames)
  }

  /// The second number of /proc/self/statm (proc(5)).
  private func residentBytes() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return try #require(fields.count > 1 ? Int(fields[1]) : nil) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
