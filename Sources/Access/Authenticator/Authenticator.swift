package import HTTPTransport

/// Says who sends a request, by what the request's head presents; one for each extension that an `auth` section names.
package protocol Authenticator: Sendable {
  /// Judges a head before its body is taken. Called on the event loop of the connection, so that it must not wait.
  func judge(_ head: HTTPRequestHead) -> Authentication
}

/// How far the judgement of a head has come.
package enum Authentication: Sendable {
  case decided(AuthenticationVerdict)
  /// It takes work that an event loop must not wait for, such as a password hash or a key that has to be fetched: the
  /// work is begun by calling this, and tells its verdict once, from any thread.
  case later(@Sendable (@escaping @Sendable (AuthenticationVerdict) -> Void) -> Void)
}

/// What an authenticator says of a head. None of it quotes what was presented.
package enum AuthenticationVerdict: Sendable, Equatable {
  case identified(Identity)
  /// Nothing of the authenticator's kind is presented; the next one may know the sender.
  case absent
  /// What is presented is wrong, has expired or is malformed.
  case denied
  /// The sender is known and may not do this.
  case forbidden
  /// Whether it is right cannot be told now, as what would tell is away; the sender may try again.
  case unavailable
}
