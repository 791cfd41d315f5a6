package import HTTPTransport

/// Authenticators that are asked in order, until one knows the sender or says that it may not send.
package struct AuthenticatorChain: Sendable {
  /// An authenticator, and what it has said so far.
  package struct Link: Sendable {
    let authenticator: any Authenticator
    let tally: AuthenticationTally

    package init(_ authenticator: any Authenticator, _ tally: AuthenticationTally) {
      self.authenticator = authenticator
      self.tally = tally
    }
  }

  private let links: [Link]
  /// What a sender without credentials is told to present, one text for each scheme.
  package let challenges: [String]

  package init(_ links: [Link]) {
    self.links = links
    challenges = links.reduce(into: []) { challenges, link in
      if let challenge = link.authenticator.challenge, !challenges.contains(challenge) { challenges.append(challenge) }
    }
  }

  /// Judges a head before its body is taken; `absent` if nothing that one of the authenticators knows is presented.
  package func judge(_ head: HTTPRequestHead) -> Authentication { judge(head, from: 0, otherwise: .absent) }

  /// The same, waited for.
  package func verdict(of head: HTTPRequestHead) async -> AuthenticationVerdict {
    switch judge(head) {
    case .decided(let verdict): verdict
    case .later(let begin):
      await withCheckedContinuation { done in
        begin(AuthenticationWaiter(isWaiting: { true }) { done.resume(returning: $0) })
      }
    }
  }

  /// Asks the authenticators from one on; the verdict is another if none of them says more.
  private func judge(
    _ head: HTTPRequestHead, from start: Int, otherwise: AuthenticationVerdict
  ) -> Authentication {
    var otherwise = otherwise
    for index in start..<links.count {
      let link = links[index]
      switch link.authenticator.judge(head) {
      case .decided(let verdict):
        link.tally.count(verdict)
        guard verdict.mayBeOfAnother else { return .decided(verdict) }
        otherwise = otherwise.orRather(verdict)
      case .later(let begin):
        let before = otherwise
        return .later { waiter in
          begin(
            AuthenticationWaiter(isWaiting: waiter.isWaiting) { verdict in
              link.tally.count(verdict)
              guard verdict.mayBeOfAnother else { return waiter.tell(verdict) }
              // A verdict that took work is told, or the authenticators after the one that said it are asked.
              switch judge(head, from: index &+ 1, otherwise: before.orRather(verdict)) {
              case .decided(let verdict): waiter.tell(verdict)
              case .later(let begin): begin(waiter)
              }
            })
        }
      }
    }
    return .decided(otherwise)
  }
}
