package import Options

/// `processors.transform`: changes records by OTTL statements.
package struct TransformOptions: ProcessorOptions {
  package static let doc = "Changes records by statements."

  private let compiled: CompiledStatements?
  private let flattens: Bool

  package init(_ options: ConfigReader) {
    let mode = options.errorMode(default: .ignore)
    var kinds: Set<Kind> = []
    let lists = options.items("log_statements", "The statements, each a string, or groups of them.") { item in
      switch item {
      case .text(let text):
        kinds.insert(.text)
        let source = OTTLGroupSource(errorMode: mode, sharesCache: true)
        return StatementList(source, statements: [text], report: options.report)
      case .section(let group):
        kinds.insert(.group)
        return Self.group(group, mode)
      }
    }
    if kinds.count > 1 {
      options.error(at: "log_statements", "strings and groups cannot stand in one list")
    }
    options.ignored("trace_statements", "metric_statements", "profile_statements", because: "only logs come here")
    if options.isEmpty("log_statements") {
      options.warning(at: "log_statements", "changes nothing: there are no statements")
    }
    flattens = options.read(
      "flatten_data", .bool, default: false,
      "Whether every record has a resource and a scope of its own while statements run; equal ones are joined again.")
    let limits = options.ottlLimits()
    compiled = options.compiled(lists)?.within(limits)
  }

  /// What the items of a list are.
  private enum Kind { case text, group }

  private static func group(_ options: ConfigReader, _ mode: OTTLErrorMode) -> StatementList {
    var source = OTTLGroupSource()
    source.context = options.ottlContext()
    source.errorMode = options.errorMode(default: mode)
    source.sharesCache = options.read(
      "shared_cache", .bool, default: false, "Whether caches go on from earlier groups that say so.")
    let conditions = options.texts("conditions", "The group runs where one of these holds; always without any.")
    let statements = options.texts("statements", "Run one after the other.")
    if options.isEmpty("statements") { options.warning(at: "statements", "changes nothing: there are no statements") }
    // Else it would be listed beside the keys that are known.
    if options.has("flatten") {
      options.unsupported("flatten", because: "flatten_data beside log_statements does it for all groups")
    }
    return StatementList(source, statements: statements, conditions: conditions, report: options.report)
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    compiled.map { TransformProcessor(id: id, $0, flattens: flattens) }
  }
}
