import FrameQueues
import LogExport
import LogPipeline
import Logging
import NIOCore

/// One exporter at work: its queue, the loop that empties it and the sender that carries its bodies.
struct RunningExporter: Sendable {
  let id: String
  let destination: Destination
  let loop: ExportLoop
  let sender: any Sender

  init(id: String, component: any ExporterComponent, group: any EventLoopGroup, logger: Logger) throws {
    self.id = id
    let delivery = component.delivery
    // A lease never crosses a segment, so a segment holds at least a whole batch.
    let segmentBytes = max(5 << 20, delivery.loop.maxBatchBytes)
    let queue = MemoryQueue(capacityBytes: delivery.queueBytes, segmentBytes: segmentBytes)
    destination = Destination(id: id, dialect: try component.makeDialect(), queue: queue)
    sender = try component.makeSender(id: id, group: group)
    loop = ExportLoop(destination: destination, sender: sender, options: delivery.loop, logger: logger)
  }

  var readiness: Readiness.Queue {
    let queue = destination.queue
    return Readiness.Queue(
      exporter: id, queuedBytes: queue.queuedBytes, capacityBytes: queue.capacityBytes,
      queuedRecords: queue.queuedRecords)
  }
}
