/// Whose attributes, or which cache: what has a range in `LogBatch.attributes`.
enum OTTLOwner: UInt8, Sendable, CaseIterable {
  case record, scope, resource, recordCache, scopeCache, resourceCache
}

/// The caches of a batch's records, scopes and resources, and where owners were edited last.
///
/// A cache is a run of `LogBatch.attributes` too, which nobody else knows of; what is left there goes with the batch.
struct OTTLOwners: Sendable {
  /// By record, scope and resource; empty as long as nothing was put into a cache of that kind.
  private var caches: [[EntryRange]] = [[], [], []]
  /// The same of groups that share them, while a group that does not is at work.
  private var shared: [[EntryRange]] = [[], [], []]
  /// By owner kind: which owner was moved last, and where the places end that are its own.
  private var moved = Array(repeating: Moved(), count: OTTLOwner.allCases.count)

  private struct Moved: Sendable {
    var index = -1
    /// Where its attributes begin; if they do no more, nothing is known.
    var start: UInt32 = 0
    var end = 0
  }

  /// Begins a group with empty caches, or with those of the groups that share them.
  mutating func begin(sharing: Bool) {
    caches = sharing ? shared : [[], [], []]
    if sharing { shared = [[], [], []] }
  }

  mutating func end(sharing: Bool) { if sharing { shared = caches } }

  /// Where the members of all caches lie. When they are told, they have moved, as may have all that was edited.
  var ranges: [[EntryRange]] {
    get { caches + shared }
    set {
      caches = Array(newValue.prefix(caches.count))
      shared = Array(newValue.dropFirst(caches.count))
      moved = Array(repeating: Moved(), count: moved.count)
    }
  }

  private static func kind(_ owner: OTTLOwner) -> Int {
    switch owner {
    case .record, .recordCache: 0
    case .scope, .scopeCache: 1
    case .resource, .resourceCache: 2
    }
  }

  func cache(_ owner: OTTLOwner, _ index: Int) -> EntryRange {
    let caches = caches[Self.kind(owner)]
    return index < caches.count ? caches[index] : .empty
  }

  /// Sets the range of one of `count` caches.
  mutating func setCache(_ owner: OTTLOwner, _ index: Int, of count: Int, to range: EntryRange) {
    let kind = Self.kind(owner)
    if caches[kind].count < count {
      caches[kind].append(contentsOf: repeatElement(.empty, count: count &- caches[kind].count))
    }
    if index < caches[kind].count { caches[kind][index] = range }
  }

  /// Where the places end that belong to an owner, whose attributes begin at `start`; nil if that is not known.
  func end(_ owner: OTTLOwner, _ index: Int, from start: UInt32) -> Int? {
    let moved = moved[Int(owner.rawValue)]
    return moved.index == index && moved.start == start ? moved.end : nil
  }

  mutating func setEnd(_ owner: OTTLOwner, _ index: Int, from start: UInt32, to end: Int) {
    moved[Int(owner.rawValue)] = Moved(index: index, start: start, end: end)
  }
}
