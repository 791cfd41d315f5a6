package import Access
package import LogPipeline
package import OTLPReceiver
package import Options

/// The options of one receiver type, and how a receiver is made of them.
package protocol ReceiverOptions: ComponentOptions {
  /// What one request may ask for, and how many connections there are.
  var limits: OTLPLimits { get set }
  /// Where it listens.
  var ports: [ListeningPort] { get }
  /// The extensions that say who may send.
  var authenticators: [ExtensionReference] { get }
  /// Those of them that stand at ports where no sender is asked for a certificate.
  var authenticatorsWithoutCertificates: [ExtensionReference] { get }
  /// The extension that says whose records are; nil if nobody asks.
  var tenants: ExtensionReference? { get }
  /// The receiver that feeds these pipelines. It goes on with the connections and counts of `old`.
  func makeReceiver(
    id: String, feeding pipelines: [Pipeline], replacing old: Receiver?, with surroundings: ReceiverSurroundings
  ) throws -> Receiver
}

extension ReceiverOptions {
  package var authenticatorsWithoutCertificates: [ExtensionReference] { [] }
  package var tenants: ExtensionReference? { nil }
}

/// What a receiver shares with the rest of the gateway.
package struct ReceiverSurroundings: Sendable {
  package var health: HealthState
  package var workers: RequestWorkers?
  package var refusals: RefusalLog
  /// The authenticators that are started.
  package var authenticators: [ComponentID: any Authenticator] = [:]
  /// The extensions of type `tenants` that are started.
  package var tenants: [ComponentID: Tenants] = [:]
  /// Counts who sends how much; nil if nobody wants to know.
  package var usage: SignalUsage?

  package init(
    health: HealthState, workers: RequestWorkers? = nil, refusals: RefusalLog,
    authenticators: [ComponentID: any Authenticator] = [:], tenants: [ComponentID: Tenants] = [:]
  ) {
    self.health = health
    self.workers = workers
    self.refusals = refusals
    self.authenticators = authenticators
    self.tenants = tenants
  }
}

/// An address that a receiver listens on.
package struct ListeningPort: Sendable {
  /// The address; port 0 lets the system choose.
  package var endpoint: Endpoint
  /// The option that says so, relative to the receiver's section.
  package var option: String
  /// Where the configuration says so.
  package var place: ConfigPlace
  /// Whether everybody may send over it.
  package var isOpen: Bool
}
