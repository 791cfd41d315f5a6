package import Access
package import LogPipeline
package import Options
import Synchronization

/// How a sender speaks to the receiver.
package enum RequestProtocol: Int, Sendable, CaseIterable {
  case grpc
  case httpProtobuf
  case httpJSON

  /// The value of the label `transport`, as in the Collector.
  package var transport: String { self == .grpc ? "grpc" : "http" }
  /// The value of the label `encoding`.
  package var encoding: String { self == .httpJSON ? "json" : "protobuf" }

  init(_ form: RequestForm?) {
    switch form {
    case .grpc, .grpcUnknown: self = .grpc
    case .protobuf, .plainProtobuf: self = .httpProtobuf
    case .json, nil: self = .httpJSON
    }
  }
}

/// What became of a request; the raw value is the label `outcome`.
package enum RequestOutcome: String, Sendable, CaseIterable {
  case accepted
  case refused
}

/// What one receiver has counted since it started, by protocol. Counting takes no lock.
package final class ReceiverCounters: Sendable {
  /// The receiver's id in the configuration, such as `otlp` or `otlp/edge`.
  package let id: String
  private let tallies = RequestProtocol.allCases.map { _ in RequestTally() }
  private let authenticated = Mutex<[AuthenticationTally]>([])

  package init(id: String) {
    self.id = id
  }

  /// The counts at this moment.
  package subscript(spoken: RequestProtocol) -> RequestCounts { tally(spoken).snapshot }

  /// What each authenticator has said, in the order they were asked first.
  package var authentications: [AuthenticationTally] { authenticated.withLock { $0 } }

  /// The tally of an authenticator, which goes on when the receiver is replaced.
  package func tally(ofAuthenticator id: String) -> AuthenticationTally {
    authenticated.withLock { tallies in
      if let known = tallies.first(where: { $0.authenticator == id }) { return known }
      let new = AuthenticationTally(authenticator: id)
      tallies.append(new)
      return new
    }
  }

  /// How long requests took that ended so, from the end of their head to their answer.
  package func durations(_ spoken: RequestProtocol, _ outcome: RequestOutcome) -> Histogram.Snapshot {
    tally(spoken).durations(outcome).snapshot
  }

  /// Bytes of the bodies of decoded requests, as received.
  package func bodySizes(_ spoken: RequestProtocol) -> Histogram.Snapshot { tally(spoken).bodySizes.snapshot }

  func tally(_ spoken: RequestProtocol) -> RequestTally { tallies[spoken.rawValue] }
}

/// What was counted of the requests of one protocol.
package struct RequestCounts: Sendable, Equatable {
  /// `otelcol_receiver_accepted_log_records`
  package var acceptedRecords = 0
  /// `otelcol_receiver_refused_log_records`: the sender was told that they were not taken. Records of requests that
  /// were refused before they were decoded are not known.
  package var refusedRecords = 0
  /// `otelcol_receiver_failed_log_records`: refused by an error of the receiver's own.
  package var failedRecords = 0
  package var acceptedRequests = 0
  /// Requests refused; kinds that have not occurred are absent.
  package var refusedRequests: [RefusalKind: Int] = [:]
  /// Requests with other signals that were answered and dropped; signals that have not occurred are absent.
  package var discardedRequests: [Signal: Int] = [:]
  /// The same of spans, data points and the like; signals of which nothing has come are absent.
  package var otherItems: [Signal: ItemCounts] = [:]
  /// Bodies as received.
  package var receivedBytes = 0
  /// Bodies after decompression.
  package var decompressedBytes = 0
  /// What was mended in accepted requests.
  package var oddities = Oddities()
}

extension RequestCounts {
  /// What was counted of the items of a signal.
  package func items(of signal: Signal) -> ItemCounts {
    guard signal == .logs else { return otherItems[signal] ?? ItemCounts() }
    return ItemCounts(accepted: acceptedRecords, refused: refusedRecords, failed: failedRecords)
  }
}

/// What was counted of the items of one signal.
package struct ItemCounts: Sendable, Equatable {
  package var accepted = 0
  package var refused = 0
  package var failed = 0
}

/// The counters of one protocol.
final class RequestTally: Sendable {
  private let items = Signal.allCases.map { (signal: $0, tally: ItemTally()) }
  private let requests = Atomic<Int>(0)
  private let refusals = RefusalKind.allCases.map { (kind: $0, count: Count()) }
  private let discarded = Signal.allCases.map { (signal: $0, count: Count()) }
  private let received = Atomic<Int>(0)
  private let decompressed = Atomic<Int>(0)
  private let oddities = Mutex(Oddities())
  private let acceptedDurations = Histogram(.requests)
  private let refusedDurations = Histogram(.requests)
  let bodySizes = Histogram(.bytes)

  /// An atomic count with an address of its own.
  private final class Count: Sendable {
    let value = Atomic<Int>(0)
  }

  func count(receivedBytes: Int, decompressedBytes: Int) {
    bodySizes.observe(receivedBytes)
    received.add(receivedBytes, ordering: .relaxed)
    decompressed.add(decompressedBytes, ordering: .relaxed)
  }

  func durations(_ outcome: RequestOutcome) -> Histogram {
    switch outcome {
    case .accepted: acceptedDurations
    case .refused: refusedDurations
    }
  }

  /// The records, or the items of another signal.
  private final class ItemTally: Sendable {
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let failed = Atomic<Int>(0)

    var counts: ItemCounts {
      var counts = ItemCounts()
      counts.accepted = accepted.load(ordering: .relaxed)
      counts.refused = refused.load(ordering: .relaxed)
      counts.failed = failed.load(ordering: .relaxed)
      return counts
    }
  }

  /// Counts an accepted request, which took so long.
  func count(_ receipt: IngestReceipt, of signal: Signal = .logs, after duration: Duration) {
    acceptedDurations.observe(duration)
    requests.add(1, ordering: .relaxed)
    for (other, tally) in items where other == signal {
      tally.accepted.add(receipt.records &- receipt.rejectedRecords, ordering: .relaxed)
      tally.refused.add(receipt.rejectedRecords, ordering: .relaxed)
    }
    if !receipt.oddities.isEmpty { oddities.withLock { $0.add(receipt.oddities) } }
  }

  /// Counts the records of a request that was decoded and then refused.
  func count(_ refusal: Refusal, records: Int, of signal: Signal = .logs) {
    let isFailure = refusal.kind == .internalError
    for (other, tally) in items where other == signal {
      if isFailure {
        tally.failed.add(records, ordering: .relaxed)
      } else {
        tally.refused.add(records, ordering: .relaxed)
      }
    }
  }

  /// Counts a refused request, which took so long.
  func count(_ refusal: Refusal, after duration: Duration) {
    refusedDurations.observe(duration)
    for (kind, count) in refusals where kind == refusal.kind { count.value.add(1, ordering: .relaxed) }
  }

  /// Counts a request with another signal that is answered and dropped.
  func countDiscarded(_ signal: Signal) {
    for (other, count) in discarded where other == signal { count.value.add(1, ordering: .relaxed) }
  }

  var snapshot: RequestCounts {
    var counts = RequestCounts()
    for (signal, tally) in items {
      let ofSignal = tally.counts
      if signal == .logs {
        counts.acceptedRecords = ofSignal.accepted
        counts.refusedRecords = ofSignal.refused
        counts.failedRecords = ofSignal.failed
      } else if ofSignal != ItemCounts() {
        counts.otherItems[signal] = ofSignal
      }
    }
    counts.acceptedRequests = requests.load(ordering: .relaxed)
    for (kind, count) in refusals where count.value.load(ordering: .relaxed) > 0 {
      counts.refusedRequests[kind] = count.value.load(ordering: .relaxed)
    }
    for (signal, count) in discarded where count.value.load(ordering: .relaxed) > 0 {
      counts.discardedRequests[signal] = count.value.load(ordering: .relaxed)
    }
    counts.receivedBytes = received.load(ordering: .relaxed)
    counts.decompressedBytes = decompressed.load(ordering: .relaxed)
    counts.oddities = oddities.withLock { $0 }
    return counts
  }
}

extension Oddities {
  fileprivate mutating func add(_ more: Oddities) {
    repairedStrings &+= more.repairedStrings
    droppedTraceIDs &+= more.droppedTraceIDs
    droppedSpanIDs &+= more.droppedSpanIDs
    ignoredTimes &+= more.ignoredTimes
    mendedTimes &+= more.mendedTimes
    ignoredStringIndexes &+= more.ignoredStringIndexes
    repeatedKeys &+= more.repeatedKeys
    mendedValues &+= more.mendedValues
    unknownMembers &+= more.unknownMembers
    snakeCaseMembers &+= more.snakeCaseMembers
  }
}
