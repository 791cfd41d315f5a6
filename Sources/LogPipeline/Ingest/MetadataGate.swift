import Synchronization

/// Keeps records with different metadata apart on their way to one destination, and counts how many combinations of
/// values are on their way.
///
/// A combination is on its way until all bytes that came into the queue before its last are gone from there; what is
/// sent out of turn may make that a little early. What an earlier process left in the queue does not count.
package final class MetadataGate: Sendable {
  package let keys: MetadataKeys
  private let state = Mutex(State())

  fileprivate struct State {
    var combinations: [[UInt8]: Combination] = [:]
    /// Up to where the queue's front had come when it was last looked what is gone.
    var sweptFront = -1
  }

  fileprivate struct Combination {
    /// How many bytes had come into the queue after the last of it was appended.
    var end = 0
    /// Requests that are being taken.
    var pending = 0

    func isOnItsWay(after front: Int) -> Bool { pending > 0 || end > front }
  }

  package init(_ keys: MetadataKeys) { self.keys = keys }

  /// Combinations that are remembered, for tests.
  package var combinations: Int { state.withLock { $0.combinations.count } }

  /// Combinations that records have which are on their way, when so many bytes are gone from the queue.
  func combinations(onTheirWayAfter front: Int) -> Int {
    state.withLock { $0.combinations.values.count { $0.isOnItsWay(after: front) } }
  }

  /// What is to be known of the metadata of a request's records. Throws if it is too much, or a new combination while
  /// there are as many as may be; otherwise `settle` has to follow. `front` is how many bytes are gone from the queue.
  func admit(_ request: RequestContext, front: Int) throws(MetadataRefusal) -> [UInt8] {
    let text = try keys.text(of: request)
    let isAdmitted = state.withLock { state in
      if state.combinations[text] == nil {
        state.sweep(before: front, keeping: keys.maxCombinations)
        if state.combinations.count >= keys.maxCombinations { return false }
      }
      state.combinations[text, default: Combination()].pending &+= 1
      return true
    }
    if !isAdmitted { throw .combinations(limit: keys.maxCombinations) }
    return text
  }

  /// Takes note that an admitted request has ended: in the queue, with which `came` bytes have come in all, or nowhere.
  func settle(_ text: [UInt8], came: Int?) {
    state.withLock { state in
      guard var combination = state.combinations[text] else { return }
      combination.pending &-= 1
      if let came { combination.end = max(combination.end, came) }
      state.combinations[text] = combination.pending > 0 || combination.end > 0 ? combination : nil
    }
  }
}

extension MetadataGate.State {
  /// Forgets what is gone, if there is no room for another and something has gone since the last time.
  fileprivate mutating func sweep(before front: Int, keeping most: Int) {
    guard combinations.count >= most, front > sweptFront else { return }
    sweptFront = front
    combinations = combinations.filter { $0.value.isOnItsWay(after: front) }
  }
}
