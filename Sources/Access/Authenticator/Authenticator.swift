package import Files
package import HTTPTransport

/// Says who sends a request, by what the request's head presents; one for each extension that an `auth` section names.
package protocol Authenticator: Sendable {
  /// What a sender without credentials is told to present, such as `Bearer` (RFC 9110 section 11.6.1); nil if it is
  /// nothing that a header field holds.
  var challenge: String? { get }
  /// The files it is made of and has read again when they hold something else.
  var files: [UsedFiles] { get }
  /// Judges a head before its body is taken. It must not wait: an event loop may call it.
  func judge(_ head: HTTPRequestHead) -> Authentication
}

extension Authenticator {
  package var files: [UsedFiles] { [] }
}

/// How far the judgement of a head has come.
package enum Authentication: Sendable {
  case decided(AuthenticationVerdict)
  /// It takes work that an event loop must not wait for, such as a password hash or a key that has to be fetched: this
  /// begins the work, and the waiter is told its verdict once, from any thread.
  case later(@Sendable (AuthenticationWaiter) -> Void)
}

/// Who waits for a verdict that takes work.
package struct AuthenticationWaiter: Sendable {
  /// Whether the sender still waits; if not, the work can be left.
  package let isWaiting: @Sendable () -> Bool
  package let tell: @Sendable (AuthenticationVerdict) -> Void

  package init(
    isWaiting: @escaping @Sendable () -> Bool, tell: @escaping @Sendable (AuthenticationVerdict) -> Void
  ) {
    self.isWaiting = isWaiting
    self.tell = tell
  }
}

/// What an authenticator says of a head. None of it quotes what was presented.
package enum AuthenticationVerdict: Sendable, Equatable {
  case identified(Identity)
  /// Nothing of the authenticator's kind is presented; the next one may know the sender.
  case absent
  /// What is presented is wrong or malformed.
  case denied
  /// What is presented is a token that an issuer has signed, and cannot be taken.
  case deniedToken(TokenFault)
  /// The sender is known and may not do this.
  case forbidden
  /// Whether it is right cannot be told now, as what would tell is away; the sender may try again.
  case unavailable

  /// What is said of a sender that two authenticators do not know: what the first says that has recognised its
  /// credentials, or has at least had some of its kind.
  func orRather(_ next: AuthenticationVerdict) -> AuthenticationVerdict {
    switch (self, next) {
    case (.absent, _), (.denied, .deniedToken): next
    default: self
    }
  }

  /// Whether another authenticator may know the sender all the same.
  var mayBeOfAnother: Bool {
    switch self {
    case .absent, .denied, .deniedToken(.issuer), .deniedToken(.audience): true
    case .identified, .deniedToken, .forbidden, .unavailable: false
    }
  }
}
