import FrameQueues
import LogExport

/// An exporter that a command works with, and no gateway.
extension Exporter {
  /// Sends what its queue holds while `work` runs, then for so long what is under way, and of a queue in memory what
  /// waits, unless the end is asked for at once; then ends its connections.
  func run<Failure: Error>(
    until stop: StopRequest, within timeout: Duration, while work: () async throws(Failure) -> Void
  ) async throws(Failure) -> (left: FrameTotals, isClosed: Bool) {
    let haste = Task {
      await stop.reached(.atOnce)
      if !Task.isCancelled { _ = await loop.stop(within: .zero, leavingFailed: true) }
    }
    let sending = Task { await loop.run() }
    var failure: Failure?
    do { try await work() } catch { failure = error }
    let left =
      plan.directory == nil
      ? await loop.drain(within: timeout, leavingFailed: true) : await loop.stop(within: timeout, leavingFailed: true)
    await sending.value
    haste.cancel()
    let isClosed = await close(by: .now + .seconds(1))
    if let failure { throw failure }
    return (left, isClosed)
  }
}
