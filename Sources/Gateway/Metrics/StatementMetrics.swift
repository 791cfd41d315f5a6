import LogPipeline

extension GatewayMetrics {
  /// What came of the statements and conditions of components, each by its option.
  mutating func statements(_ users: [any StatementUser]) {
    let rows = users.flatMap { user in
      user.statements.map { ([Label("component", user.id), Label("statement", $0.place)], $0) }
    }
    family(rows, "sluice_ottl_met", "Times that statements were run, or that conditions held.") { $0.met }
    family(rows, "sluice_ottl_faults", "Times that statements or conditions failed.") { $0.faults }
  }
}
