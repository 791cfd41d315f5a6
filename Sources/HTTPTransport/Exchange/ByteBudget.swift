import Synchronization

/// Bytes that may be held at once, shared by all connections: `0 <= usedBytes <= capacityBytes` at every moment.
package final class ByteBudget: Sendable {
  private let ownCapacityBytes: Int
  private let used = Atomic<Int>(0)
  /// Where the bytes come from, and whose they are; nil if they are its own.
  private let origin: (whole: ByteBudget, account: any ByteAccount)?

  package init(capacityBytes: Int) {
    ownCapacityBytes = max(0, capacityBytes)
    origin = nil
  }

  /// A budget whose bytes come from another and are counted to an account, which may be full before that is.
  package init(from whole: ByteBudget, for account: any ByteAccount) {
    ownCapacityBytes = whole.capacityBytes
    origin = (whole, account)
  }

  /// The most that it ever holds; of an account the most that it may have now.
  package var capacityBytes: Int { min(ownCapacityBytes, max(origin?.account.limitBytes ?? .max, 0)) }

  /// What the account has left; nil without one.
  package var roomOfAccount: Int? { origin?.account.roomBytes }

  package var usedBytes: Int { origin?.whole.usedBytes ?? used.load(ordering: .relaxed) }

  /// Who has no room for bytes that are asked for.
  package enum Shortage: Sendable {
    case ofAll, ofAccount
  }

  /// Takes `bytes` from the budget, or takes nothing and answers false.
  package func reserve(_ bytes: Int) -> Bool { take(bytes) == nil }

  /// Takes `bytes` from the budget, or takes nothing and says who has too little.
  package func take(_ bytes: Int) -> Shortage? {
    guard bytes >= 0 else { return .ofAll }
    guard let origin else { return reserveOwn(bytes) ? nil : .ofAll }
    guard origin.account.reserve(bytes) else { return .ofAccount }
    if origin.whole.reserve(bytes) { return nil }
    origin.account.release(bytes)
    return .ofAll
  }

  private func reserveOwn(_ bytes: Int) -> Bool {
    var current = used.load(ordering: .relaxed)
    while true {
      guard bytes <= ownCapacityBytes &- current else { return false }
      let (exchanged, original) = used.compareExchange(
        expected: current, desired: current &+ bytes, ordering: .relaxed)
      if exchanged { return true }
      current = original
    }
  }

  /// Gives back `bytes` that were reserved; never goes below zero.
  package func release(_ bytes: Int) {
    guard bytes > 0 else { return }
    if let origin {
      origin.whole.release(bytes)
      origin.account.release(bytes)
      return
    }
    var current = used.load(ordering: .relaxed)
    while true {
      let (exchanged, original) = used.compareExchange(
        expected: current, desired: max(0, current &- bytes), ordering: .relaxed)
      if exchanged { return }
      current = original
    }
  }
}
