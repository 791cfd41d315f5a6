package import Options

/// `processors.required_attributes`: what becomes of records that lack an attribute; not in the Collector.
package struct RequiredAttributesOptions: ProcessorOptions {
  package static let doc = "Marks, drops or rejects records that lack an attribute; not in the Collector."

  private let keys: [String]
  private let needsTraceID: Bool
  private let action: RequiredAttributesProcessor.Action
  private let markKey: String

  package init(_ options: ConfigReader) {
    keys = options.list("keys", of: .nonEmptyString, "Attributes that a record or its resource must have.")
    needsTraceID = options.read("trace_id", .bool, default: false, "Whether a record must have a trace id.")
    action = options.read(
      "action", .choice(RequiredAttributesProcessor.Action.mark), default: .mark,
      "mark adds an attribute that names what is missing; drop drops the record; reject drops it and tells the sender.")
    markKey = options.read(
      "mark_attribute", .nonEmptyString, default: "sluice.missing", "The attribute that mark adds.")
    if options.isEmpty("keys") && !needsTraceID && (options.isEmpty("trace_id") || options.saysFalse("trace_id")) {
      options.report.error(at: options.place, path: options.path, "keys or trace_id: one is required")
    }
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    RequiredAttributesProcessor(id: id, keys: keys, needsTraceID: needsTraceID, action: action, markKey: markKey)
  }
}
