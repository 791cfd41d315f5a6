package import Options

/// `connectors.forward`: hands everything to every pipeline that names it as a receiver.
package struct ForwardOptions: ConnectorOptions {
  package static let doc = "Hands all records to every pipeline that names it."

  package init(_ options: ConfigReader) {}

  package var targets: [ComponentReference]? { nil }

  package func makeTable(id: String, receivers: [ComponentID]) -> RoutingTable {
    RoutingTable(id: id, targets: receivers.map(\.description), rows: [], defaults: Array(receivers.indices))
  }
}
