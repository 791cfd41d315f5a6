import Options

/// Components by the signals of the pipelines that name them.
///
/// A destination takes one signal, and so does its queue: an exporter or processor in pipelines of other signals than
/// logs stands there as a component of its own, whose id has the signal (`otlp/next+traces`).
extension Configuration {
  /// Has each pipeline of another signal than logs name components of that signal.
  mutating func separateSignals() {
    let named = service.pipelines
    for index in named.indices where named[index].signal != .logs {
      let signal = named[index].signal
      for reference in named[index].exporters {
        let isShared = named.contains { $0.signal != signal && $0.exporters.contains { $0.id == reference.id } }
        addExporter(reference.id, of: signal, isShared: isShared)
      }
      for reference in named[index].processors { addProcessor(reference.id, of: signal) }
      Self.name(&service.pipelines[index].exporters, of: signal)
      Self.name(&service.pipelines[index].processors, of: signal)
    }
  }

  private static func name(_ references: inout [ServiceOptions.Reference], of signal: Signal) {
    for index in references.indices { references[index].id = references[index].id.of(signal) }
  }

  private mutating func addExporter(_ id: ComponentID, of signal: Signal, isShared: Bool) {
    if exporters.contains(where: { $0.id == id.of(signal) }) { return }
    guard var component = exporters.first(where: { $0.id == id }) else { return }
    component.options = component.options.passing(signal, isShared: isShared)
    component.id = id.of(signal)
    components.exporters.append(component)
  }

  private mutating func addProcessor(_ id: ComponentID, of signal: Signal) {
    if processors.contains(where: { $0.id == id.of(signal) }) { return }
    guard var component = processors.first(where: { $0.id == id }) else { return }
    component.id = id.of(signal)
    components.processors.append(component)
  }
}
