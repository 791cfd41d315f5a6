import FrameQueues
import LogPipeline

/// Holds routing to its promise for any request: every record ends in exactly one of the places that rows move it to,
/// or is counted as unrouted, and every ledger balances.
package struct RoutingOracle {
  private let ends: [Destination]
  private let routers: [Router]
  private let ingest: IngestPipeline
  private let scratch = IngestScratch()

  /// Tables that ask for severity, a resource's attribute and a body, one behind another, in front of processors that
  /// edit, reject and drop.
  package init() throws {
    ends = (0..<4).map {
      Destination(id: "\($0)", dialect: FileDialect(), queue: MemoryQueue(capacityBytes: 1 << 30))
    }
    let stamp = AttributesProcessor(
      id: "attributes", owners: .records,
      actions: [.upsert(key: "a", .constant(.int(1))), .delete(key: "x", pattern: nil)])
    var required = RequiredAttributesOptions()
    (required.keys, required.action) = (["a"], .reject)
    let reject = RequiredAttributesProcessor(id: "required_attributes", options: required)
    var rates = RateLimitOptions()
    rates.records = Rate(perSecond: 3, burst: .seconds(1))
    rates.bytes = Rate(perSecond: 64, burst: .seconds(1))
    (rates.key, rates.onLimit, rates.maxKeys) = (.resourceAttribute("service.name"), .drop, 2)
    let limit = RateLimitProcessor(id: "rate_limit", options: rates)
    let inner = Router(
      try Self.table([[.body(TextMatcher(["a", "日"], .regexp))], [.not(.severityText(.strict([Array("a".utf8)])))]]),
      pipelines: [
        Pipeline(id: "logs/0", processors: [limit], destinations: [ends[0]]),
        Pipeline(id: "logs/1", processors: [stamp], destinations: [ends[1]]),
      ])
    let outer = Router(
      try Self.table([
        [.severityNumber(minimum: 9, matchUndefined: false)],
        [.resourceAttribute(AttributeMatcher(key: "service.name", .any)), .any([.scope([]), .all([])])],
      ]),
      pipelines: [
        Pipeline(id: "logs/2", steps: [PipelineStep(reject)], destinations: [ends[2]], routers: [inner]),
        Pipeline(id: "logs/3", processors: [stamp, reject], destinations: [ends[3]]),
      ])
    routers = [outer, inner]
    let root = Pipeline(id: "logs", steps: [], destinations: [], routers: [outer])
    ingest = IngestPipeline(pipelines: [root], limits: DecodeLimits())
  }

  /// A table that moves what each list of conditions matches to the target of its place.
  private static func table(_ rows: [[RecordMatcher.Condition]]) throws -> RoutingTable {
    RoutingTable(
      id: "routing", targets: rows.indices.map { "logs/\($0)" },
      rows: rows.enumerated().map { .init(request: nil, records: RecordMatcher($1), targets: [$0]) }, defaults: [])
  }

  /// What is wrong about where a request's records went; empty if it cannot be decoded, or if all is well. One thread
  /// at a time uses an oracle.
  package func problems(ofRequest body: [UInt8], at monotonicNano: UInt64) -> [String] {
    let before = received
    let filtered = ends[2].filteredRecords
    let unrouted = routers.map(\.table.unrouted.value)
    let request = RequestContext(clientAddress: "", monotonicNano: monotonicNano)
    guard
      let receipt = try? ingest.ingest(body, as: .protobuf, receivedUnixNano: 1, of: request, with: scratch)
    else { return [] }
    let gone = zip(routers, unrouted).map { $0.table.unrouted.value - $1 }
    let got = zip(received, before).map { $0 - $1 }
    var problems: [String] = []
    if got[2] + got[3] + gone[0] != receipt.records {
      problems.append("\(receipt.records) records became \(got[2]) and \(got[3]) and \(gone[0]) unrouted")
    }
    let left = got[2] - (ends[2].filteredRecords - filtered)
    if got[0] + got[1] + gone[1] != left {
      problems.append("\(left) records behind the first table became \(got[0]) and \(got[1]), \(gone[1]) unrouted")
    }
    if receipt.rejectedRecords > receipt.records { problems.append("more records rejected than there are") }
    for end in ends {
      if end.receivedRecords != end.filteredRecords + end.appended.records + end.droppedRecords {
        problems.append("the ledger of \(end.id) does not balance")
      }
      while let lease = end.queue.lease(maxBytes: .max) { end.queue.acknowledge(lease) }
    }
    return problems
  }

  private var received: [Int] { ends.map(\.receivedRecords) }

  /// What happened so far, each of which a run should have seen: records of each end, unrouted by each table, filtered
  /// by each end's processors.
  package var counts: [Int] {
    received + routers.map(\.table.unrouted.value) + [ends[0], ends[2]].map(\.filteredRecords)
  }
}
