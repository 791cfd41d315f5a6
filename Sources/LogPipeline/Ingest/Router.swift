/// A connector at the end of a pipeline, with the pipelines that it feeds.
package struct Router: Sendable {
  package let table: RoutingTable
  /// In the order of the table's targets.
  package let pipelines: [Pipeline]

  /// A router to as many pipelines as the table has targets.
  package init(_ table: RoutingTable, pipelines: [Pipeline]) {
    self.table = table
    self.pipelines = Array(pipelines.prefix(table.targets.count))
  }

  /// Takes the records of a batch through the pipelines that the table says. With `mayEdit` the batch itself may be
  /// used up.
  func run(
    _ batch: inout LogBatch, of request: inout RequestContext, mayEdit: Bool, with scratch: IngestScratch
  ) throws(IngestRefusal) {
    let start = scratch.marks.count
    defer { scratch.marks.removeSubrange(start...) }
    do throws(ProcessorRefusal) {
      try table.mark(batch, of: request, into: &scratch.marks)
    } catch {
      throw .processor(error)
    }
    let counts = table.tally(scratch.marks[start...])
    let last = counts.lastIndex { $0 > 0 }
    for (index, pipeline) in pipelines.enumerated() {
      if counts[index] == 0 {
        scratch.nextWriter &+= pipeline.outletCount
      } else if counts[index] == batch.records.count && (mayEdit && index == last || !pipeline.edits) {
        try pipeline.run(&batch, of: &request, with: scratch)
      } else {
        var part = batch.part(counts[index], RoutingTable.target(index), of: scratch.marks[start...])
        try pipeline.run(&part, of: &request, with: scratch)
      }
    }
  }
}

extension LogBatch {
  /// A copy with the `count` records whose marks have this target.
  fileprivate func part(
    _ count: Int, _ target: RoutingTable.Targets, of marks: ArraySlice<RoutingTable.Targets>
  ) -> LogBatch {
    var part = copied()
    if count == records.count { return part }
    part.records = []
    part.records.reserveCapacity(count)
    for (record, mark) in zip(records, marks) where mark & target != 0 { part.records.append(record) }
    return part
  }
}
