/// Why a request is refused because of the tenant whose it is, or because that is not known.
package struct TenantRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was reached or is missing; the raw value is the label `reason`.
  package enum Reason: String, Sendable, CaseIterable {
    case records
    case bytes
    case inFlight = "in_flight"
    case queued
    case queueShare = "queue_share"
    case workShare = "work_share"
    /// The request alone is more than the tenant may have in flight.
    case tooLarge = "too_large"
    case missing
    case invalid
    case contradiction

    /// Whether the same request may be taken later.
    package var isPassing: Bool {
      switch self {
      case .records, .bytes, .inFlight, .queued, .queueShare, .workShare: true
      case .tooLarge, .missing, .invalid, .contradiction: false
      }
    }
  }

  package let reason: Reason
  /// For the sender; it quotes nothing of the request and names no tenant.
  package let message: String
  /// How long the sender is asked to wait; nil leaves it to the receiver's `retry_after`.
  package let retryAfter: Duration?
  /// The header field that is at fault; nil if none is.
  package private(set) var field: String?
  /// Whose request it is, and what of it is known, for counts.
  package private(set) var tenant: [UInt8] = []
  package private(set) var records = 0
  package private(set) var bytes = 0

  package init(_ reason: Reason, _ message: String, retryAfter: Duration? = nil) {
    self.reason = reason
    self.message = message
    self.retryAfter = retryAfter
  }

  package var description: String { message }

  /// The refusal as one of a tenant's request.
  package func of(_ tenant: [UInt8], records: Int = 0, bytes: Int = 0) -> TenantRefusal {
    var refusal = self
    (refusal.tenant, refusal.records, refusal.bytes) = (tenant, records, bytes)
    return refusal
  }

  /// The refusal as one of what a source says.
  func of(_ source: TenantSource) -> TenantRefusal {
    guard case .field(let name) = source else { return self }
    var refusal = self
    refusal.field = name
    return refusal
  }

  static let missing = TenantRefusal(.missing, "no tenant is named, and one is required")
  static let invalid = TenantRefusal(.invalid, "the request has no room for the name of its tenant")
  static let contradiction = TenantRefusal(
    .contradiction, "the header field names another tenant than the sender's credentials")
  static let ambiguous = TenantRefusal(.contradiction, "more than one tenant is named")
}
