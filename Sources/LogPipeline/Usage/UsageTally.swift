/// What was counted of names since it was handed to the names with the most weight: exact, and of few at a time.
struct UsageTally {
  /// The most names at a time.
  static let maxNames = 256

  private var unnamed = Row()
  private var other = Row()
  private var names = NameTable(capacity: maxNames)
  private var rows: [Row] = []
  private var request: UInt64 = 0

  /// The counts of one name.
  private struct Row {
    var counts = UsageCounts()
    /// The last refused request that was counted.
    private var refused: UInt64 = 0

    /// Adds what a resource of a request came to; the request itself counts once.
    mutating func add(_ more: UsageCounts, of request: UInt64) {
      counts += more
      guard more.refusedRequests > 0 else { return }
      if refused == request { counts.refusedRequests &-= more.refusedRequests }
      refused = request
    }
  }

  /// What is added from now on is of another request.
  mutating func beginRequest() { request &+= 1 }

  /// Adds what a resource of the request came to. False if there is no room for one more name.
  mutating func add(_ counts: UsageCounts, to name: UnsafeRawBufferPointer) -> Bool {
    if name.isEmpty {
      unnamed.add(counts, of: request)
      return true
    }
    if name.count <= NameTable.maxNameBytes {
      let hash = NameTable.hash(name)
      if let number = names.find(name, hash) {
        rows[number].add(counts, of: request)
        return true
      }
      if Self.mayBeTold(name) {
        guard let number = names.append(name, hash) else { return false }
        if number == rows.count { rows.append(Row()) } else { rows[number] = Row() }
        rows[number].add(counts, of: request)
        return true
      }
    }
    other.add(counts, of: request)
    return true
  }

  /// Whether a name may be the value of a label: it holds no control characters, with which some readers of metrics
  /// cannot do, and is not the one that stands for others.
  private static func mayBeTold(_ name: UnsafeRawBufferPointer) -> Bool {
    for byte in name where byte < 0x20 || byte == 0x7F { return false }
    return !name.elementsEqual(UsageSnapshot.otherName.utf8)
  }

  /// Hands over all that was counted.
  mutating func move(to top: inout TopNames) {
    top.add(unnamed: unnamed.counts)
    top.add(other: other.counts)
    for number in 0..<names.count {
      names.withName(number) { name, hash in top.add(rows[number].counts, to: name, hash) }
    }
    unnamed.counts = UsageCounts()
    other.counts = UsageCounts()
    names.removeAll()
  }
}
