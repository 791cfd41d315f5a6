import FrameQueues

/// What becomes of the exporters that there are when another configuration is put in force.
struct ExporterChange {
  /// Those whose queues' folders others go on with.
  let handedOver: [Exporter]
  /// All others: those that go on, and those that leave.
  let others: [Exporter]
  /// Those that leave with records in their queues.
  private let leaving: [Exporter]

  /// The change from exporters to those that are planned.
  init(from exporters: [Exporter], to plans: [ExporterPlan]) {
    let gone = exporters.filter { !plans.contains($0.plan) }
    let handedOver = gone.filter { exporter in
      exporter.plan.directory.map { directory in plans.contains { $0.directory == directory } } ?? false
    }
    self.handedOver = handedOver
    others = exporters.filter { exporter in !handedOver.contains { $0.loop === exporter.loop } }
    leaving = gone.filter { exporter in
      exporter.destination.queue.queuedRecords > 0 && !handedOver.contains { $0.loop === exporter.loop }
    }
  }

  /// Throws if it cannot be made: if another would not find what is left in a folder, or more would leave than may.
  func check(against service: ServiceOptions) throws(GatewayError) {
    for exporter in handedOver {
      guard let fault = (exporter.destination.queue as? DiskQueue)?.folderFault else { continue }
      throw .cannotMake(
        component: "exporter \(exporter.id)", cause: "the folder of its queue has not what is queued: \(fault)")
    }
    if leaving.count > service.maxLeavingExporters {
      throw .tooManyLeave(exporters: leaving.count, limit: service.maxLeavingExporters)
    }
    let bytes = leaving.map(\.destination.queue).filter { !$0.isDurable }.reduce(0) { $0 &+ $1.queuedBytes }
    if bytes > service.maxLeavingBytes { throw .tooMuchLeaves(bytes: bytes, limitBytes: service.maxLeavingBytes) }
  }
}
