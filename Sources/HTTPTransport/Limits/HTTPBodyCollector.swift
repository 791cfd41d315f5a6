/// A body as it arrives: `bytes.count <= limitBytes`, and the memory it takes is reserved from the budget first.
///
/// The reservation outlives `take` and ends with `release`.
struct HTTPBodyCollector {
  private(set) var bytes: [UInt8] = []
  private(set) var reservedBytes = 0
  private let declaredBytes: Int?
  private let limitBytes: Int
  private let budget: ByteBudget?
  /// Who had too little for the latest step.
  private var shortage: ByteBudget.Shortage?

  /// What is allocated on the word of a Content-Length alone is at most this.
  static let firstStepBytes = 64 * 1024

  init(declaredBytes: Int?, limitBytes: Int, budget: ByteBudget?) {
    self.declaredBytes = declaredBytes
    self.limitBytes = max(0, limitBytes)
    self.budget = budget
  }

  /// The refusal that the declared length alone calls for, before any byte is taken.
  var refusalOfDeclaredLength: HTTPBodyRefusal? {
    guard let declaredBytes, declaredBytes > limitBytes else { return nil }
    return .tooLarge(bytes: declaredBytes, limitBytes: limitBytes)
  }

  /// Takes the next bytes, or says why not; after a refusal the collector holds nothing.
  mutating func append(_ chunk: UnsafeBufferPointer<UInt8>) -> HTTPBodyRefusal? {
    let (needed, overflow) = bytes.count.addingReportingOverflow(chunk.count)
    guard !overflow, needed <= limitBytes else {
      release()
      return .tooLarge(bytes: overflow ? .max : needed, limitBytes: limitBytes)
    }
    if needed > reservedBytes, !grow(toHold: needed) {
      let missing = needed &- reservedBytes
      release()
      if shortage == .ofAccount { return .overAccount(neededBytes: needed) }
      return .overBudget(neededBytes: missing, capacityBytes: budget?.capacityBytes ?? 0)
    }
    unsafe bytes.append(contentsOf: chunk)
    return nil
  }

  /// Takes bytes that were held elsewhere.
  mutating func append(_ held: [UInt8]) -> HTTPBodyRefusal? {
    held.isEmpty ? nil : unsafe held.withUnsafeBufferPointer { unsafe append($0) }
  }

  /// Hands the body over without a copy; its reservation stays until `release`.
  mutating func take() -> [UInt8] {
    let taken = bytes
    bytes = []
    return taken
  }

  /// Drops what is held and gives the reservation back.
  mutating func release() {
    bytes = []
    budget?.release(reservedBytes)
    reservedBytes = 0
  }

  private mutating func grow(toHold needed: Int) -> Bool {
    guard reserve(stepToHold: needed) || reserve(leastStepToHold(needed)) || reserveRest(toHold: needed) else {
      return false
    }
    bytes.reserveCapacity(reservedBytes)
    return true
  }

  /// The first step trusts the declared length up to `firstStepBytes`, later ones up to four times what has come;
  /// without a declared length what has come is doubled.
  private mutating func reserve(stepToHold needed: Int) -> Bool {
    guard let declaredBytes else { return reserve(max(needed, min(reservedBytes &* 2, limitBytes))) }
    let trusted = reservedBytes == 0 ? Self.firstStepBytes : reservedBytes &* 4
    return reserve(max(needed, min(trusted, declaredBytes, limitBytes)))
  }

  /// What is taken when the budget has no room for a whole step. All that has come is copied with each, so that of a
  /// long body it is a quarter: with less room than that the body is refused.
  private func leastStepToHold(_ needed: Int) -> Int {
    if needed <= Self.firstStepBytes { return needed }
    return max(needed, min(reservedBytes &+ reservedBytes / 4, declaredBytes ?? limitBytes, limitBytes))
  }

  /// Takes all that is left of an account, if that is enough: the last step of a body that comes to its limit.
  private mutating func reserveRest(toHold needed: Int) -> Bool {
    guard shortage == .ofAccount, let room = budget?.roomOfAccount else { return false }
    let (rest, overflow) = reservedBytes.addingReportingOverflow(max(room, 0))
    return !overflow && rest >= needed && reserve(min(rest, leastStepToHold(needed)))
  }

  private mutating func reserve(_ capacity: Int) -> Bool {
    let more = capacity &- reservedBytes
    shortage = budget?.take(more)
    if shortage != nil { return false }
    reservedBytes = capacity
    return true
  }
}

extension HTTPRequest {
  /// A request with the body that has been collected.
  init(head: HTTPRequestHead, taking collector: inout HTTPBodyCollector?, isOneOfSeveral: Bool = false) {
    self.init(
      head: head, body: collector?.take() ?? [], reservedBytes: collector?.reservedBytes,
      isOneOfSeveral: isOneOfSeveral)
  }
}
