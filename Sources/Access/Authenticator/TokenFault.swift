/// Why a token is not taken; the raw value is the label `reason`.
package enum TokenFault: String, Error, Sendable, CaseIterable {
  /// It is none, is longer than it may be, or has what cannot be understood.
  case malformed
  /// Its header names an algorithm that is not taken, such as `none`.
  case algorithm
  case issuer
  case audience
  /// It ended at its `exp`, or does not say when it ends.
  case expired
  /// Its `nbf` is more than five minutes ahead.
  case notYetValid = "not_yet_valid"
  /// A claim that the configuration asks for is missing, or is none of what it can be.
  case claim
  /// The issuer has no key of the name that it gives, or none for its algorithm.
  case unknownKey = "unknown_key"
  case signature
}
