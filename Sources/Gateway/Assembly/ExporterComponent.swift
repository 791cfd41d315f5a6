package import LogExport
package import LogPipeline
import Logging
package import NIOCore

/// The options of one exporter type, and how a destination is made of them.
package protocol ExporterComponent: Sendable {
  /// How its queue and its sending are sized.
  var delivery: DeliveryOptions { get }
  /// What it speaks.
  func makeDialect() throws -> any Dialect
  /// What carries its bodies, on the gateway's event loops.
  func makeSender(id: String, group: any EventLoopGroup) throws -> any Sender
}

/// What every exporter has: a queue, batches, and a way to try again.
package struct DeliveryOptions: Sendable {
  /// Bytes that wait for the destination at most (`sending_queue.queue_size`).
  package var queueBytes: Int
  package var loop: ExportLoopOptions
  /// What becomes of requests that find the queue full (`sending_queue.on_full`).
  package var onFull = OnFull.refuse
  /// Where refused records are kept (`dead_letter`); nil keeps none.
  package var deadLetters: DeadLetterOptions?

  package init(queueBytes: Int = 256 << 20, loop: ExportLoopOptions = ExportLoopOptions()) {
    self.queueBytes = queueBytes
    self.loop = loop
  }
}
