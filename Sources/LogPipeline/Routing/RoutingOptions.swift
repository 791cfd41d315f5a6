package import Options

/// `connectors.routing`: hands each record to the pipelines of the first row of a table that matches it.
package struct RoutingOptions: ConnectorOptions {
  package static let doc = "Hands records to the pipelines that a table says."

  private let rows: [Row]
  private let defaults: [ComponentReference]

  package init(_ options: ConfigReader) {
    defaults = options.pipelines("default_pipelines", "Where records go that no row has moved; none drops them.")
    let mode = options.errorMode(default: .propagate)
    let limits = options.ottlLimits()
    rows = options.sections("table", "The rows, asked in this order.") { Row($0, mode, limits) }.compactMap(\.self)
    options.ignored("match_once", because: "a row moves the records it matches unless its action is copy")
    if options.isEmpty("table") {
      options.error(at: "table", "at least one row is required")
    }
    let count = Set((targets ?? []).map(\.id)).count
    if count > RoutingTable.maxTargets {
      options.error(at: "table", "found \(count) pipelines: the limit is \(RoutingTable.maxTargets)")
    }
  }

  package var targets: [ComponentReference]? { rows.flatMap(\.pipelines) + defaults }

  package func makeTable(id: String, receivers: [ComponentID]) -> RoutingTable {
    var ids: [ComponentID] = []
    for target in targets ?? [] where !ids.contains(target.id) { ids.append(target.id) }
    func indices(_ pipelines: [ComponentReference]) -> [Int] {
      pipelines.compactMap { ids.firstIndex(of: $0.id) }
    }
    return RoutingTable(
      id: id, targets: ids.map(\.description),
      rows: rows.map {
        RoutingTable.Row(
          request: $0.request, selecting: $0.records, targets: indices($0.pipelines), action: $0.action)
      }, defaults: indices(defaults))
  }

  /// One row as the configuration gives it.
  private struct Row {
    var request: RequestMatcher?
    var records: RoutingTable.Selection?
    let pipelines: [ComponentReference]
    let action: RoutingTable.Action

    /// Reads a row; nil after an error.
    init?(_ options: ConfigReader, _ mode: OTTLErrorMode, _ limits: OTTLLimits) {
      let context = options.optional(
        "context", .choice(RoutingCondition.Context.resource),
        "What the condition's paths begin at: resource by default.")
      let condition = options.text("condition", "Which records, in OTTL.")
      let statement = options.text("statement", "The same, as in route() where …")
      let match = options.optionalSection("match", "Which records, all of this; not in the Collector.") {
        Match($0)
      }
      pipelines = options.pipelines("pipelines", "Where they go.")
      action = options.read(
        "action", .choice(RoutingTable.Action.move), default: .move, "copy asks the next rows too; move does not.")
      if options.isEmpty("pipelines") { options.error(at: "pipelines", "at least one pipeline is required") }
      if ["condition", "statement", "match"].count(where: options.has) != 1 {
        options.report.error(
          at: options.place, path: options.path, "exactly one of condition, statement and match must be given")
        return nil
      }
      if let match {
        if context != nil { options.error(at: "context", "match says itself what it is about") }
        (request, records) = (match.request, match.records.map { .matcher($0) })
      } else {
        let reader = RoutingConditionReader(options: options, context: context, errorMode: mode)
        guard let read = condition.flatMap(reader.condition) ?? statement.flatMap(reader.statement) else { return nil }
        switch read {
        case .request(let matcher): request = matcher
        case .records(let conditions): records = .conditions(conditions.within(limits))
        case .everything: break
        }
      }
    }
  }

  /// The section `match`.
  private struct Match {
    let request: RequestMatcher?
    let records: RecordMatcher?

    init(_ options: ConfigReader) {
      let type = options.matchType()
      let conditions = options.conditions(.routingConnector, type)
      records = conditions.isEmpty ? nil : RecordMatcher(conditions)
      request =
        options.optionalSection("request", "What the request says beside its records.") { request in
          let name = request.required("header", .nonEmptyString, "A header field or an entry of gRPC metadata.")
          let values = request.texts("values", type, "It has one of these values.")
          if request.isEmpty("values") { request.error(at: "values", "at least one value is required") }
          return values.map { RequestMatcher(field: name, $0) }
        } ?? nil
      if conditions.isEmpty && !options.has("request") {
        options.report.error(at: options.place, path: options.path, "asks for nothing")
      }
    }
  }
}

extension ConfigReader {
  /// References to pipelines.
  fileprivate func pipelines(_ key: String, _ doc: String) -> [ComponentReference] {
    placedList(key, of: .componentID, doc).map { ComponentReference(id: $0.value, place: $0.place) }
  }
}
