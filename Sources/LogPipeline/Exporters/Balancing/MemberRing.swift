import Synchronization

/// Which of several destinations gets what, by a key: each key has an order of all members of its own, and the first
/// gets it (rendezvous hashing). Where a member comes or goes, only what it gets or had changes its place. It is the
/// same for the same members in every process and version.
package struct MemberRing: Sendable, Equatable {
  /// Sorted, each once.
  package let members: [String]
  private let seeds: [UInt64]

  package init(_ members: some Sequence<String> = [String]()) {
    self.members = Set(members).sorted()
    seeds = self.members.map { Self.key(of: Array($0.utf8)) }
  }

  /// The member that gets a key, by its place; nil if there is none.
  package func place(of key: UInt64) -> Int? {
    var best: (place: Int, weight: UInt64)?
    for (place, seed) in seeds.enumerated() {
      let weight = Self.mix(key ^ seed)
      if best.map({ weight > $0.weight }) ?? true { best = (place, weight) }
    }
    return best?.place
  }

  /// The member of this name or, if it has gone, another that gets what it had; nil if there is none.
  package func member(for name: String) -> String? {
    if members.contains(name) { return name }
    return place(of: Self.key(of: Array(name.utf8))).map { members[$0] }
  }

  /// The key that bytes are.
  static func key(of bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { RequestHash(of: $0).high } }

  /// The key that a trace id is.
  static func key(of id: TraceID) -> UInt64 { mix(id.high ^ mix(id.low)) }

  /// Every bit of the result depends on every bit of the word.
  static func mix(_ word: UInt64) -> UInt64 {
    var mixed = (word ^ (word &>> 32)) &* 0xD6E8_FEB8_6659_FD93
    mixed = (mixed ^ (mixed &>> 32)) &* 0xD6E8_FEB8_6659_FD93
    return mixed ^ (mixed &>> 32)
  }
}

/// The members of an exporter as they are known now.
package final class MemberTable: Sendable {
  private let current: Mutex<MemberRing>

  package init(_ members: [String] = []) { current = Mutex(MemberRing(members)) }

  package var ring: MemberRing { current.withLock { $0 } }

  /// Takes other members.
  package func set(_ members: [String]) {
    let ring = MemberRing(members)
    current.withLock { $0 = ring }
  }
}
