import Access
import Options

extension AdminPolicy {
  /// What a configuration says, by those of the authenticators that it names: a check of it has found them all, and
  /// without one nobody is known. Counts of `old` go on.
  init(_ options: AdminOptions, _ authenticators: [ComponentID: any Authenticator], counting old: AdminPolicy?) {
    rules = options.rules
    hosts = options.hosts
    guard let auth = options.auth else { return }
    let known = old?.tallies ?? []
    let links = auth.authenticators.compactMap { named -> AuthenticatorChain.Link? in
      guard let authenticator = authenticators[named.id] else { return nil }
      let tally = known.first { $0.authenticator == "\(named.id)" } ?? AuthenticationTally(authenticator: "\(named.id)")
      tallies.append(tally)
      return AuthenticatorChain.Link(authenticator, tally)
    }
    authentication = (AuthenticatorChain(links), auth.timeout)
  }
}
