import HTTPTransport
import LogStore
import NIOCore

/// Sends the records of a query as they are stored, for as long as somebody reads.
///
/// Each look sends so many records at most. Where more have come they are passed over, and a line says how many.
final class StoreTail: Sendable {
  private let question: SelectQuestion
  private let sight: StoreSight
  private let stores: OpenStores
  private let firstOrdinal: UInt64
  /// Records and bytes of them that one look sends.
  private static let maxRecords = 5000
  private static let maxBytes = 4 << 20
  /// How often it is asked whether somebody may still see them.
  private static let renewal = Duration.seconds(1)

  /// Begins behind what is stored, or with the records of the last `back`.
  init(_ question: SelectQuestion, of sight: StoreSight, in stores: OpenStores, from back: Duration?) {
    var question = question
    if let back {
      let now = WallClock.unixNano
      question.query = .and([.time((now - min(now, back.unixNano))...UInt64.max), question.query])
    }
    self.question = question
    self.sight = sight
    self.stores = stores
    firstOrdinal = back == nil ? sight.view.endOrdinal : 0
  }

  func run(each interval: Duration, through responder: HTTPResponder) async {
    var (next, sight, renewed) = (firstOrdinal, sight, ContinuousClock.now)
    while !responder.isCancelled {
      if ContinuousClock.now - renewed >= Self.renewal {
        guard let right = await sight.right.renewed() else { break }
        (sight.right, renewed) = (right, .now)
      }
      let look = await look(from: next, in: sight, for: responder)
      guard let look else { break }
      next = look.next
      if !look.lines.isEmpty { responder.send(ByteBuffer(bytes: look.lines)) }
      guard (try? await Task.sleep(for: interval)) != nil else { break }
    }
    responder.finish(trailers: nil)
  }

  private typealias Look = (lines: [UInt8], next: UInt64)

  /// What has come since an ordinal; nil if it cannot be read.
  private func look(from ordinal: UInt64, in sight: StoreSight, for responder: HTTPResponder) async -> Look? {
    var limits = sight.store.settings.limits
    limits.resultBytes = Self.maxBytes
    limits.isCancelled = { responder.isCancelled }
    return await withCheckedContinuation { continuation in
      stores.run { [self, limits] in
        let view = sight.view
        guard
          let found = try? view.tail(question.query, fromOrdinal: ordinal, limit: Self.maxRecords, limits)
        else { return continuation.resume(returning: nil) }
        var lines = RecordLineWriter(fields: question.pipes.fields)
        for record in found.result.records { lines.append(record) }
        var bytes = lines.array
        let isFull = found.result.records.count >= Self.maxRecords || lines.byteCount >= Self.maxBytes
        if isFull, found.nextOrdinal < view.endOrdinal {
          let skipped = (try? view.records(fromOrdinal: found.nextOrdinal, limits)) ?? 0
          bytes += Array("{\"_skipped\":\"\(skipped)\"}\n".utf8)
          return continuation.resume(returning: (bytes, view.endOrdinal))
        }
        continuation.resume(returning: (bytes, found.nextOrdinal))
      }
    }
  }
}
