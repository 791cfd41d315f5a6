package import Options

/// The options of one connector type, and how a routing table is made of them.
package protocol ConnectorOptions: ComponentOptions {
  /// The pipelines that the options name, each as often as they do; nil if it feeds all that name it as a receiver.
  var targets: [ComponentReference]? { get }
  /// The table for pipelines of which these name the connector as a receiver.
  func makeTable(id: String, receivers: [ComponentID]) -> RoutingTable
}
