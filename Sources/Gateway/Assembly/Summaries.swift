import Glibc
import LogPipeline
import Logging
import Synchronization

/// Takes what processors have to tell of themselves through the rest of their pipelines.
final class Summaries: Sendable {
  /// How often processors are asked.
  private static let interval = Duration.milliseconds(250)

  private let sources: [SummarySource]
  private let logger: Logger
  /// Whether another goes on with a processor of a pipeline, so that what it has suppressed is not told yet.
  private let isHandedOver = Mutex<@Sendable (_ processor: String, _ pipeline: String) -> Bool> { _, _ in false }

  init(of pipelines: [Pipeline], logger: Logger) {
    self.logger = logger
    sources = pipelines.flatMap { pipeline in
      pipeline.steps.enumerated().compactMap { index, step in
        guard let processor = step.processor as? any SummarizingProcessor else { return nil }
        let rest = pipeline.rest(afterStep: index)
        return SummarySource(
          processor: processor, pipeline: pipeline.id,
          ingest: IngestPipeline(pipelines: [rest], limits: .ownRecords))
      }
    }
  }

  /// Leaves processors to others that go on with them, once the task that runs this is cancelled.
  func handOver(_ isHandedOver: @escaping @Sendable (_ processor: String, _ pipeline: String) -> Bool) {
    self.isHandedOver.withLock { $0 = isHandedOver }
  }

  /// Asks again and again until the task is cancelled; what has no room in a queue is tried until it has.
  func run() async {
    if sources.isEmpty { return }
    let scratch = IngestScratch()
    var untold = sources.map { _ in [Summary]() }
    while (try? await Task.sleep(for: Self.interval)) != nil {
      for (index, source) in sources.enumerated() {
        if untold[index].isEmpty { untold[index] = source.requests(at: WallClock.unixNano, isLast: false) }
        untold[index] = source.tell(untold[index], at: WallClock.unixNano, with: scratch).untold
      }
    }
    for (source, untold) in zip(sources, untold) { finish(source, untold, with: scratch) }
  }

  /// Tells what is left, once; what has no room is lost.
  private func finish(_ source: SummarySource, _ untold: [Summary], with scratch: IngestScratch) {
    let now = WallClock.unixNano
    let isHandedOver = isHandedOver.withLock { $0 }(source.processor.id, source.pipeline)
    let last = isHandedOver ? [] : source.requests(at: now, isLast: true)
    let lost = source.tell(untold + last, at: now, with: scratch)
    guard let cause = lost.cause else { return }
    logger.error(
      "summaries of suppressed records are lost: how often they came is not known",
      metadata: ["processor": "\(source.processor.id)", "requests": "\(lost.untold.count)", "cause": "\(cause)"])
  }
}

/// A processor that has something to tell, and what follows it in its pipeline.
private struct SummarySource: Sendable {
  /// Summaries of more bytes than this are several requests.
  private static let requestBytes = 1 << 20

  let processor: any SummarizingProcessor
  let pipeline: String
  let ingest: IngestPipeline

  /// What the processor has to tell, several summaries of a tenant to a request.
  func requests(at now: UInt64, isLast: Bool) -> [Summary] {
    var requests: [Summary] = []
    for summary in processor.summaries(at: now, isLast: isLast) {
      if let last = requests.indices.last, requests[last].tenant == summary.tenant,
        requests[last].request.count + summary.request.count <= Self.requestBytes
      {
        requests[last].append(summary)
      } else {
        requests.append(summary)
      }
    }
    return requests
  }

  /// Takes requests through what follows the processor; gives those that were refused, and why the first was.
  func tell(_ requests: [Summary], at now: UInt64, with scratch: IngestScratch) -> (
    untold: [Summary], cause: IngestRefusal?
  ) {
    for (index, request) in requests.enumerated() {
      do {
        var context = RequestContext()
        if !request.tenant.isEmpty { context.tenant = HeadTenant(name: request.tenant, rank: 0) }
        let receipt = try ingest.ingest(
          request.request, as: .protobuf, receivedUnixNano: now, of: context, with: scratch)
        Settlement(receipt).begin { _ in }
      } catch {
        return (Array(requests[index...]), error)
      }
    }
    return ([], nil)
  }
}
