package import LogPipeline
package import Options

/// `connectors.forward`: hands everything to every pipeline that names it as a receiver.
package struct ForwardConnectorComponent: ConnectorComponent {
  package init(_ options: ConfigReader) {}

  package var targets: [ServiceOptions.Reference]? { nil }

  package func makeTable(id: String, receivers: [ComponentID]) -> RoutingTable {
    RoutingTable(id: id, targets: receivers.map(\.description), rows: [], defaults: Array(receivers.indices))
  }
}
