/// What people may be allowed to do at the admin port (`may`).
package enum AdminCapability: String, Sendable, CaseIterable {
  /// Look at records that stores keep.
  case logs
  /// Look at records as they pass.
  case tap
  /// Look at, send again and remove records that a destination has rejected.
  case deadLetters = "dead_letters"
  /// Have the configuration read again.
  case reload
}

/// How something is asked for at the admin port. Nothing can be without saying what it demands: `AdminGate` wants it.
struct AdminEntrance {
  let demand: AdminDemand
  let methods: [String]
  let maxBodyBytes: Int
  /// Whether only who names the page's field asks for it, a browser or not.
  var isOfPage = false

  /// Most requests have no body worth taking.
  init(_ demand: AdminDemand, _ methods: [String] = ["GET", "HEAD"], maxBodyBytes: Int = 1024) {
    self.demand = demand
    self.methods = methods
    self.maxBodyBytes = maxBodyBytes
  }
}

/// What is demanded of whoever asks.
enum AdminDemand: Equatable {
  /// Nothing: it says how the gateway is, and nothing of records.
  case nothing
  /// To be on this machine, or known: the page without anything in it.
  case page
  /// The same, and to be allowed something.
  case anything
  /// To be allowed to look at something.
  case look(AdminCapability)
  /// To be allowed to do something, which no page of another site can have a browser do.
  case change(AdminCapability)

  var capability: AdminCapability? {
    switch self {
    case .nothing, .page, .anything: nil
    case .look(let capability), .change(let capability): capability
    }
  }

  var changesSomething: Bool { if case .change = self { true } else { false } }
}
