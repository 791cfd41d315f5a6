package import LogPipeline
package import OTLPReceiver
package import Options

/// The options of one receiver type, and how a receiver is made of them.
package protocol ReceiverOptions: ComponentOptions {
  /// What one request may ask for, and how many connections there are.
  var limits: OTLPLimits { get set }
  /// Where it listens.
  var ports: [ListeningPort] { get }
  /// The receiver that feeds these pipelines. It goes on with the connections and counts of `old`.
  func makeReceiver(
    id: String, feeding pipelines: [Pipeline], replacing old: Receiver?, health: HealthState, workers: RequestWorkers?,
    refusals: RefusalLog
  ) throws -> Receiver
}

/// An address that a receiver listens on.
package struct ListeningPort: Sendable {
  /// The address; port 0 lets the system choose.
  package var endpoint: Endpoint
  /// The option that says so, relative to the receiver's section.
  package var option: String
  /// Where the configuration says so.
  package var place: ConfigPlace
}
