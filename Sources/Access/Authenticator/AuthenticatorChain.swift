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
  package func judge(_ head: HTTPRequestHead) -> Authentication { judge(head, from: 0) }

  private func judge(_ head: HTTPRequestHead, from start: Int) -> Authentication {
    for index in start..<links.count {
      let link = links[index]
      switch link.authenticator.judge(head) {
      case .decided(let verdict):
        link.tally.count(verdict)
        if case .absent = verdict { continue }
        return .decided(verdict)
      case .later(let begin):
        return .later { waiter in
          begin(
            AuthenticationWaiter(isWaiting: waiter.isWaiting) { verdict in
              link.tally.count(verdict)
              goOn(with: verdict, from: index &+ 1, head, waiter)
            })
        }
      }
    }
    return .decided(.absent)
  }

  /// Tells a verdict that took work, or asks the authenticators after the one that said it.
  private func goOn(
    with verdict: AuthenticationVerdict, from next: Int, _ head: HTTPRequestHead, _ waiter: AuthenticationWaiter
  ) {
    guard case .absent = verdict else { return waiter.tell(verdict) }
    switch judge(head, from: next) {
    case .decided(let verdict): waiter.tell(verdict)
    case .later(let begin): begin(waiter)
    }
  }
}
