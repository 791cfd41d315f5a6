import FrameQueues
import LogPipeline

/// Where routed records go; both take the same dialect.
let ends = ["0", "1"].map {
  Destination(id: $0, dialect: OTLPDialect(transport: .grpc), queue: MemoryQueue(capacityBytes: 1 << 30))
}

/// Without a connector both ends get all; then a table that sends whole requests to the first end, and one that splits
/// records between the two.
func routes() -> [(String, Router?)] {
  let pipelines = ends.map { Pipeline(id: "logs/\($0.id)", processors: [], destinations: [$0]) }
  func router(_ condition: RecordMatcher.Condition) -> Router {
    let row = RoutingTable.Row(request: nil, records: RecordMatcher([condition]), targets: [0])
    return Router(
      RoutingTable(id: "routing", targets: pipelines.map(\.id), rows: [row], defaults: [1]), pipelines: pipelines)
  }
  return [
    ("to-both", nil), ("routed-whole", router(.resourceAttribute(AttributeMatcher(key: "service.name", .any)))),
    ("routed-split", router(.severityNumber(minimum: 10, matchUndefined: false))),
  ]
}
