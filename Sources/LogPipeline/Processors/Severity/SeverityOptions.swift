package import Options

/// `processors.severity`: a severity number for records that have only a text; not in the Collector.
package struct SeverityOptions: ProcessorOptions {
  package static let doc = "Gives records a severity number by their text; not in the Collector."

  private let attributes: [String]
  private let fallback: Int

  package init(_ options: ConfigReader) {
    attributes = options.list(
      "attributes", of: .nonEmptyString, default: ["level", "severity", "log.level"],
      "Attributes that may name a severity, first wins; severity_text comes before them.")
    fallback = options.read("default", .severity, default: 0, "The severity where nothing names one; 0 for none.")
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    SeverityProcessor(id: id, attributes: attributes, fallback: Int32(truncatingIfNeeded: fallback))
  }
}
