/// What a built-in rule is, in the file of the rule: its name, the packs that have it, what its mask leaves, and the
/// literals whose sight starts its closer look.
struct RuleDefinition: Sendable {
  /// The rule's id in configuration and metrics.
  let id: String
  /// The packs that have the rule, but for `strict`, which has all.
  let packs: [RulePack]
  /// What stays visible unless the configuration says otherwise.
  var mask = Mask.whole
  let triggers: [Trigger]
}

/// A set of rules that has a name in the configuration.
package enum RulePack: String, CaseIterable, Sendable {
  case `default`, secrets, pci
  case piiCN = "pii-cn"
  case piiUS = "pii-us"
  case gdpr, strict
}

/// What a mask leaves visible of a match; the mask's text stands for the rest.
package enum Mask: Sendable, Equatable {
  case whole
  /// So many characters at the start and the end; a match with no more than these is masked whole.
  case keep(first: Int, last: Int)
  /// The first character and the domain of an e-mail address.
  case domain
  /// An IPv4 address with its last octet zero.
  case network4
  /// The first three groups of an IPv6 address.
  case network6
  /// The first three octets of a MAC address.
  case manufacturer
}
