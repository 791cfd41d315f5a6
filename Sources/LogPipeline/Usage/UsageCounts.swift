/// What was counted of the requests of one tenant or service.
package struct UsageCounts: Sendable, Equatable {
  /// Records of requests whose records were put into queues, as decoded.
  package var acceptedRecords = 0
  /// Records of requests that were decoded and then refused.
  package var refusedRecords = 0
  /// Requests that were refused; one with records of several names counts for each.
  package var refusedRequests = 0
  /// Bytes of decoded requests.
  package var decompressedBytes = 0
  /// Bytes that were put into queues, once for each destination.
  package var enqueuedBytes = 0

  package init() {}

  /// By what names are compared: bytes received, and something for a request that brought none.
  var weight: Int { decompressedBytes &+ refusedRequests }

  /// Adds what was counted elsewhere.
  package static func += (counts: inout UsageCounts, more: UsageCounts) {
    counts.acceptedRecords &+= more.acceptedRecords
    counts.refusedRecords &+= more.refusedRecords
    counts.refusedRequests &+= more.refusedRequests
    counts.decompressedBytes &+= more.decompressedBytes
    counts.enqueuedBytes &+= more.enqueuedBytes
  }
}

/// What is counted of all tenants, or of all services, at one moment: the sum of all parts is the total.
package struct UsageSnapshot: Sendable {
  /// The name of what has one that is not among `names`; a name that is the same counts there.
  package static let otherName = "other"

  /// What has no name.
  package var unnamed = UsageCounts()
  /// What has a name that is not among `names`.
  package var other = UsageCounts()
  /// The names that have counts of their own, in the order of their bytes.
  package var names: [(name: String, counts: UsageCounts)] = []

  /// The sum of all parts.
  package var total: UsageCounts {
    var total = unnamed
    total += other
    for (_, counts) in names { total += counts }
    return total
  }
}
