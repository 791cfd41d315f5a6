/// A set of built-in rules.
package struct RuleSet: Sendable, Equatable {
  private var bits: UInt64 = 0

  package init(_ rules: [Rule] = []) {
    for rule in rules { insert(rule) }
  }

  @inline(__always)
  package func contains(_ rule: Rule) -> Bool { bits >> UInt64(rule.rawValue) & 1 != 0 }
  package mutating func insert(_ rule: Rule) { bits |= 1 << UInt64(rule.rawValue) }
  package mutating func remove(_ rule: Rule) { bits &= ~(1 << UInt64(rule.rawValue)) }
  package mutating func formUnion(_ other: RuleSet) { bits |= other.bits }
  package func containsAny(of rules: Rule...) -> Bool { rules.contains { contains($0) } }
  package var isEmpty: Bool { bits == 0 }
  /// The rules in the order of their declaration.
  package var rules: [Rule] { Rule.allCases.filter { contains($0) } }

  /// The names of the packs.
  package static let packNames = RulePack.allCases.map(\.rawValue)

  /// The rules of a pack; nil if there is none of this name.
  package static func pack(_ name: String) -> RuleSet? {
    RulePack(rawValue: name).map { pack in
      RuleSet(Rule.allCases.filter { pack == .strict || $0.definition.packs.contains(pack) })
    }
  }
}
