package import Options

/// The options of an exporter that other signals than logs may go to.
package protocol SignalExporterOptions: ExporterOptions {
  var delivery: DeliveryOptions { get set }
  /// The signal of the pipelines that name it.
  var signal: Signal { get set }
}

extension SignalExporterOptions {
  package func problem(in signal: Signal) -> String? { nil }
  package func passing(_ signal: Signal, isShared: Bool) -> Self { withQueue(of: signal) }

  /// The same for a signal, with a queue of its own.
  func withQueue(of signal: Signal) -> Self {
    var options = self
    options.signal = signal
    options.delivery = delivery.passing(signal)
    return options
  }
}
