package import Options

/// `processors.filter`: drops records that do not match what is included, or match what is excluded.
package struct FilterOptions: ProcessorOptions {
  package static let doc = "Drops records."

  private let selection: RecordSelection

  package init(_ options: ConfigReader) {
    selection = options.section("logs", "Which log records are kept.") { logs in
      logs.unsupported(
        "log_record", "resource", because: "OTTL conditions are not yet supported; use include or exclude")
      return logs.selection(.filterProcessor)
    }
    options.unsupported("log_conditions", because: "OTTL conditions are not yet supported; use logs.include or exclude")
    options.ignored("error_mode", because: "include and exclude cannot fail")
    options.ignored(
      "traces", "spans", "metrics", "profiles", "trace_conditions", "metric_conditions", "profile_conditions",
      because: "this gateway handles logs only")
    if selection.include == nil && selection.exclude == nil {
      options.warning(at: "logs", "keeps all records: neither include nor exclude asks for anything")
    }
  }

  package func makeProcessor(id: String) -> (any Processor)? { FilterProcessor(id: id, selection: selection) }
}
