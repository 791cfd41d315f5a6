package import Options

/// `processors.filter`: drops records of which a condition is true, or that are not selected.
package struct FilterOptions: ProcessorOptions {
  package static let doc = "Drops records."

  private let selection: RecordSelection
  private let conditions: [CompiledConditions]

  package init(_ options: ConfigReader) {
    let mode = options.errorMode(default: .ignore)
    var conditions: [CompiledConditions?] = []
    selection = options.section("logs", "Which log records are dropped, or kept.") { logs in
      let records = logs.texts("log_record", "Records of which one of these is true are dropped.")
      let resources = logs.texts("resource", "Records of resources of which one of these is true are dropped.")
      conditions = [
        logs.compiled(resources, in: .resource, errorMode: mode), logs.compiled(records, in: .log, errorMode: mode),
      ]
      if !(logs.isEmpty("log_record") && logs.isEmpty("resource")) {
        for key in ["include", "exclude"] where logs.has(key) {
          logs.error(at: key, "conditions and \(key) cannot stand beside each other")
        }
      }
      return logs.selection(.filterProcessor)
    }
    conditions += Self.conditions(options, mode)
    let limits = options.ottlLimits()
    self.conditions = conditions.compactMap(\.self).filter { !$0.tallies.isEmpty }.map { $0.within(limits) }
    options.ignored(
      "traces", "spans", "metrics", "profiles", "trace_conditions", "metric_conditions", "profile_conditions",
      because: "this gateway handles logs only")
    if selection.include == nil && selection.exclude == nil && self.conditions.isEmpty {
      options.warning(at: "logs", "keeps all records: nothing asks for any to be dropped")
    }
  }

  /// `log_conditions`: strings, or groups.
  private static func conditions(_ options: ConfigReader, _ mode: OTTLErrorMode) -> [CompiledConditions?] {
    var texts: [ConfigText] = []
    let groups = options.items(
      "log_conditions", "Records of which one is true are dropped: strings, or groups of them."
    ) { item -> CompiledConditions? in
      switch item {
      case .text(let text):
        texts.append(text)
        return nil
      case .section(let group):
        let context = group.ottlContext()
        let mode = group.errorMode(default: mode)
        return group.compiled(
          group.texts("conditions", "Conditions, one of which has to be true."), in: context, errorMode: mode)
      }
    }
    if options.isEmpty("log_conditions") { return [] }
    if options.has("logs") { options.error(at: "log_conditions", "logs and log_conditions exclude each other") }
    if !texts.isEmpty && texts.count < groups.count {
      options.error(at: "log_conditions", "strings and groups cannot stand in one list")
    }
    return groups + [options.compiled(texts, in: nil, errorMode: mode)]
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    FilterProcessor(id: id, selection: selection, conditions: conditions)
  }
}
