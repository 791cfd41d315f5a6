import Access
import LogStore
import LogPipeline

/// What some people may do at the admin port (an item of `access`).
package struct AdminRule: Sendable {
  /// Whom it is for, any of these; empty for everybody who is known.
  var who: [IdentityMatcher]
  var may: Set<AdminCapability>
  /// The records that they see; nil for all.
  var condition: RecordCondition?

  func isFor(_ identity: Identity) -> Bool { who.isEmpty || who.contains { $0.matches(identity) } }
}

/// Who may look, as the configuration in force says (`service.admin`).
struct AdminPolicy: Sendable {
  /// Tells who asks; nil if nobody is asked, so that only this machine is answered.
  var authentication: (chain: AuthenticatorChain, timeout: Duration)?
  /// What those who are known may do; nil for everything.
  var rules: [AdminRule]?
  /// Names, in lower case, by which the port may be asked besides those of this machine.
  var hosts: Set<String> = []
  /// What each authenticator has said so far.
  var tallies: [AuthenticationTally] = []

  /// Of a gateway that is gone.
  static var nobody: AdminPolicy {
    var policy = AdminPolicy()
    policy.authentication = (AuthenticatorChain([]), .seconds(1))
    return policy
  }

  /// Whether the page asks for a token, and so has to be there before one is given.
  var takesTokens: Bool { authentication?.chain.challenges.contains("Bearer") == true }

  /// Whether somebody may do what is demanded, and which records are seen.
  func grant(_ demand: AdminDemand, to identity: Identity) -> AdminGrant {
    guard let rules else { return .granted(nil) }
    let own = rules.filter { $0.isFor(identity) }
    if demand == .page { return .granted(nil) }
    guard let capability = demand.capability else { return own.isEmpty ? .lacking(nil) : .granted(nil) }
    let fitting = own.filter { $0.may.contains(capability) }
    if fitting.isEmpty { return .lacking(capability) }
    let conditions = fitting.compactMap(\.condition)
    return .granted(conditions.count < fitting.count ? nil : RecordScope(anyOf: conditions))
  }
}

/// Whether somebody may do something.
enum AdminGrant {
  /// The records that are seen; nil for all.
  case granted(RecordScope?)
  /// What is lacking; nil if no rule is for them.
  case lacking(AdminCapability?)
}
