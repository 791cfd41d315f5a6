package import FrameQueues

/// What one destination's export loop has done since the start.
///
/// Invariant: records appended to the queue = `delivered` + `refused` + queue's `queued` - `settledInQueue`.
package struct ExportCounters: Sendable, Equatable {
  /// Taken by the destination, duplicates included.
  package var delivered = FrameTotals.zero
  /// Records among them that the destination said it had stored before.
  package var duplicates = 0
  /// Handed to the refusal sink: refused by the destination or given up.
  package var refused = FrameTotals.zero
  /// Records among them that were given up because of `max_elapsed_time` or because retrying is off.
  package var gaveUp = 0
  /// Records sent again, once for every time.
  package var retried = 0
  /// Delivered or refused, but part of a lease of which other records are still open.
  package var settledInQueue = FrameTotals.zero
  /// Bytes of all bodies sent, before compression.
  package var bodyBytes = 0
  /// Bytes of all bodies sent, after compression.
  package var wireBytes = 0
  package var requests = AttemptCounts()
  /// Leases that are being sent or wait to be sent again.
  package var openLeases = 0
  /// Bodies that may be under way at once now.
  package var concurrencyLimit = 0
  /// Attempts that delivered something, and attempts that delivered nothing and are repeated.
  package var tally = Suspicion.Tally()
  /// Seconds since 1970 of the last body delivered in full or in part.
  package var lastSuccess: Int?
  /// Seconds since 1970 of the last attempt after which records had to be sent again.
  package var lastFailure: Int?
  /// Seconds since 1970 since which no attempt delivered anything; nil if the last one did.
  package var failingSince: Int?

  package init() {}

  mutating func settle(delivered totals: FrameTotals) {
    delivered += totals
    settledInQueue += totals
  }

  mutating func settle(refused totals: FrameTotals) {
    refused += totals
    settledInQueue += totals
  }
}

/// Attempts by the class of their answer.
package struct AttemptCounts: Sendable, Equatable {
  /// HTTP 2xx, gRPC OK.
  package var success = 0
  /// HTTP 429, gRPC RESOURCE_EXHAUSTED.
  package var tooMany = 0
  /// Other HTTP 4xx and what corresponds in gRPC.
  package var clientError = 0
  /// Every other answer.
  package var serverError = 0
  /// No answer: not connected, connection lost, timed out.
  package var failed = 0

  package init() {}

  package var total: Int { success &+ tooMany &+ clientError &+ serverError &+ failed }

  mutating func count(_ answer: Int, isGRPC: Bool) {
    switch isGRPC ? GRPCStatus.httpStatus(of: answer) : answer {
    case 200..<300: success &+= 1
    case 429: tooMany &+= 1
    case 400..<500: clientError &+= 1
    default: serverError &+= 1
    }
  }
}
