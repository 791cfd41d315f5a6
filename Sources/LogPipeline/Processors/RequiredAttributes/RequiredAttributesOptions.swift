package import Options

/// `processors.required_attributes`: what becomes of records that lack an attribute; not in the Collector.
package struct RequiredAttributesOptions: ProcessorOptions {
  package static let doc = "Marks, drops or rejects records that lack an attribute; not in the Collector."

  /// Attributes of the record or its resource, which must not be empty.
  package var keys: [String] = []
  package var needsTraceID = false
  package var action = RequiredAttributesProcessor.Action.mark
  /// The attribute that names what a record lacks.
  package var markKey = "sluice.missing"

  package init() {}

  package init(_ options: ConfigReader) {
    keys = options.list("keys", of: .nonEmptyString, "Attributes that a record or its resource must have.")
    needsTraceID = options.read("trace_id", .bool, default: needsTraceID, "Whether a record must have a trace id.")
    action = options.read(
      "action", .choice(RequiredAttributesProcessor.Action.mark), default: action,
      "mark adds an attribute that names what is missing; drop drops the record; reject drops it and tells the sender.")
    markKey = options.read(
      "mark_attribute", .nonEmptyString, default: markKey, "The attribute that mark adds.")
    if options.isEmpty("keys") && !needsTraceID && (options.isEmpty("trace_id") || options.saysFalse("trace_id")) {
      options.report.error(at: options.place, path: options.path, "keys or trace_id: one is required")
    }
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    RequiredAttributesProcessor(id: id, options: self)
  }
}
