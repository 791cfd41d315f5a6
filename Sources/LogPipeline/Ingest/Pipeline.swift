import FrameQueues
package import Options

/// One of `service.pipelines` of the configuration.
package struct Pipeline: Sendable {
  /// The pipeline's id in the configuration, such as `logs` or `logs/audit`.
  package let id: String
  /// What it takes.
  package let signal: Signal
  package let steps: [PipelineStep]
  package let destinations: [Destination]
  /// The connectors among its exporters.
  package let routers: [Router]
  package let acknowledgement: AcknowledgementPoint
  /// How long a sender waits at most for its records to be delivered.
  package let acknowledgementTimeout: Duration
  /// How many outlets it has, those of the pipelines behind its routers included.
  let outletCount: Int
  /// Whether a batch may not be the same after it, here or further on.
  let edits: Bool
  /// Who looks at its records as they pass.
  package let tapPoint: TapPoint
  /// Whether it is what follows a step of another, whose records did not come in here.
  private var isRest = false

  package init(
    id: String, signal: Signal = .logs, steps: [PipelineStep], destinations: [Destination], routers: [Router] = [],
    acknowledgement: AcknowledgementPoint = .disk, acknowledgementTimeout: Duration = .seconds(60),
    tapPoint: TapPoint = TapPoint()
  ) {
    self.id = id
    self.signal = signal
    self.tapPoint = tapPoint
    self.steps = steps
    self.destinations = destinations
    self.routers = routers
    self.acknowledgement = acknowledgement
    self.acknowledgementTimeout = acknowledgementTimeout
    edits = steps.contains { $0.edits } || routers.contains { $0.pipelines.contains { $0.edits } }
    outletCount = routers.reduce(destinations.count) { $1.pipelines.reduce($0) { $0 + $1.outletCount } }
  }

  /// A pipeline of processors that no other pipeline names.
  package init(
    id: String, processors: [any Processor], destinations: [Destination],
    acknowledgement: AcknowledgementPoint = .disk, acknowledgementTimeout: Duration = .seconds(60)
  ) {
    self.init(
      id: id, steps: processors.map { PipelineStep($0) }, destinations: destinations, acknowledgement: acknowledgement,
      acknowledgementTimeout: acknowledgementTimeout)
  }

  /// What follows the step of this index, as a pipeline.
  package func rest(afterStep index: Int) -> Pipeline {
    var rest = Pipeline(
      id: id, signal: signal, steps: Array(steps.dropFirst(index + 1)), destinations: destinations, routers: routers,
      acknowledgement: acknowledgement, acknowledgementTimeout: acknowledgementTimeout, tapPoint: tapPoint)
    rest.isRest = true
    return rest
  }

  /// The pipelines behind its routers.
  private var fed: [Pipeline] { routers.flatMap(\.pipelines) }

  var needsContext: Bool {
    steps.contains { $0.processor.needsContext } || destinations.contains { $0.metadata != nil }
      || routers.contains { $0.table.needsContext } || fed.contains { $0.needsContext }
  }

  /// The header fields that steps, routes and destinations ask for, here and behind routers.
  var contextFields: [[UInt8]] {
    steps.flatMap(\.processor.contextFields) + destinations.flatMap { $0.metadata?.keys.contextFields ?? [] }
      + routers.flatMap(\.table.contextFields) + fed.flatMap(\.contextFields)
  }

  var needsRequestHash: Bool {
    destinations.contains { $0.dialect.needsRequestHash } || fed.contains { $0.needsRequestHash }
  }

  /// The destinations in the order in which `run` writes for them.
  func outlets(isBehindRouter: Bool = false) -> [Outlet] {
    destinations.map {
      Outlet(
        destination: $0, acknowledgement: acknowledgement, acknowledgementTimeout: acknowledgementTimeout,
        isBehindRouter: isBehindRouter)
    } + fed.flatMap { $0.outlets(isBehindRouter: true) }
  }

  /// Processes a batch and encodes it for every destination, each with the scratch's next writer, then hands it to the
  /// routers.
  func run(
    _ batch: inout LogBatch, of request: inout RequestContext, with scratch: IngestScratch
  ) throws(IngestRefusal) {
    let received = batch.records.count
    let taps = tapPoint.open
    if let taps {
      if !isRest { taps.look(at: batch, .received) }
      try run(&batch, of: &request, watchedBy: taps)
    } else {
      for step in steps { try step.process(&batch, of: &request) }
    }
    for destination in destinations {
      try scratch.writers[scratch.nextWriter].keepApart(request, for: destination)
      do {
        try scratch.writers[scratch.nextWriter].encode(batch, received: received, for: destination)
      } catch {
        throw .unencodable(error)
      }
      scratch.uses.noteKept(in: batch, by: scratch.nextWriter)
      scratch.nextWriter &+= 1
    }
    for (index, router) in routers.enumerated() {
      let isLast = index + 1 == routers.count
      try router.run(&batch, of: &request, mayEdit: isLast, with: scratch)
    }
  }

  /// Has the processors work on a batch while somebody looks, who sees it go to destinations and routers too.
  private func run(
    _ batch: inout LogBatch, of request: inout RequestContext, watchedBy taps: OpenTaps
  ) throws(IngestRefusal) {
    for step in steps {
      try taps.look(atWorkOf: step.processor.id, on: &batch) { batch throws(IngestRefusal) in
        try step.process(&batch, of: &request)
      }
    }
    for destination in destinations { taps.look(at: batch, .to(destination.id)) }
    for router in routers { taps.look(at: batch, .to(router.table.id)) }
  }
}

/// One destination of one pipeline that a request can end in.
package struct Outlet: Sendable {
  package let destination: Destination
  /// When the pipeline's senders are told.
  let acknowledgement: AcknowledgementPoint
  /// How long a sender waits at most for its records to be delivered.
  let acknowledgementTimeout: Duration
  /// Whether it depends on a connector that a request's records get there.
  package let isBehindRouter: Bool

  /// What the sender has to wait for after an append; nil if nothing.
  func unsettled(_ position: FramePosition) -> UnsettledAppend? {
    let limit = acknowledgement == .delivered ? acknowledgementTimeout : nil
    guard limit != nil || acknowledgement == .disk && destination.queue.isDurable else { return nil }
    return UnsettledAppend(
      destination: destination.id, queue: destination.queue, position: position, deliveryLimit: limit)
  }
}

/// A processor as a step of every pipeline that names it, and what it has done to records.
package struct PipelineStep: Sendable {
  package private(set) var processor: any Processor
  /// Whether what it hands on may not be the same.
  let edits: Bool
  /// Records, or items of another signal, that were handed to it.
  package let incoming = RecordCount()
  /// Records that it has removed from batches without a word to their sender.
  package let filtered = RecordCount()
  /// Records that it has rejected.
  package let rejected = RecordCount()
  /// Records of batches that it has refused.
  package let refused = RecordCount()

  package init(_ processor: any Processor) {
    self.processor = processor
    edits = !(processor is PassingProcessor)
  }

  /// Records that it has handed on.
  package var outgoing: Int { max(incoming.value &- filtered.value &- rejected.value &- refused.value, 0) }

  /// The step in another pipeline, which counts together with this one.
  package func forAnotherPipeline() -> PipelineStep {
    var step = self
    step.processor = processor.forAnotherPipeline()
    return step
  }

  /// Has the processor edit a batch, and counts what became of its records.
  func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(IngestRefusal) {
    let before = batch.records.count
    incoming.add(before)
    if !edits { return }
    let rejectedBefore = request.rejections.total
    do {
      try processor.process(&batch, of: &request)
    } catch {
      refused.add(before)
      throw .processor(error)
    }
    let rejectedNow = request.rejections.total &- rejectedBefore
    rejected.add(rejectedNow)
    filtered.add(before &- batch.records.count &- rejectedNow)
  }
}
