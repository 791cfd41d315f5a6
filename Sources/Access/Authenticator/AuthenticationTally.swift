import Synchronization

/// What an authenticator can say; the raw value is the label `outcome`.
package enum AuthenticationOutcome: Int, Sendable, CaseIterable {
  case identified, absent, denied, forbidden, unavailable

  package var label: String { "\(self)" }

  init(_ verdict: AuthenticationVerdict) {
    self =
      switch verdict {
      case .identified: .identified
      case .absent: .absent
      case .denied, .deniedToken: .denied
      case .forbidden: .forbidden
      case .unavailable: .unavailable
      }
  }
}

/// How often an authenticator has said what to one receiver.
package final class AuthenticationTally: Sendable {
  /// The authenticator's id in the configuration.
  package let authenticator: String
  private let identified = Atomic<Int>(0)
  private let absent = Atomic<Int>(0)
  private let denied = Atomic<Int>(0)
  private let forbidden = Atomic<Int>(0)
  private let unavailable = Atomic<Int>(0)

  package init(authenticator: String) { self.authenticator = authenticator }

  func count(_ verdict: AuthenticationVerdict) {
    switch AuthenticationOutcome(verdict) {
    case .identified: identified.add(1, ordering: .relaxed)
    case .absent: absent.add(1, ordering: .relaxed)
    case .denied: denied.add(1, ordering: .relaxed)
    case .forbidden: forbidden.add(1, ordering: .relaxed)
    case .unavailable: unavailable.add(1, ordering: .relaxed)
    }
  }

  /// How often it was said so.
  package func count(of outcome: AuthenticationOutcome) -> Int {
    switch outcome {
    case .identified: identified.load(ordering: .relaxed)
    case .absent: absent.load(ordering: .relaxed)
    case .denied: denied.load(ordering: .relaxed)
    case .forbidden: forbidden.load(ordering: .relaxed)
    case .unavailable: unavailable.load(ordering: .relaxed)
    }
  }
}
