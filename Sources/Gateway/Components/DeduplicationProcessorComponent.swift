package import LogPipeline

/// `processors.log_dedup`: suppresses records that repeat within an interval and says how many there were.
package struct DeduplicationProcessorComponent: ProcessorComponent {
  private let deduplication: DeduplicationOptions

  package init(_ options: ConfigReader) {
    var deduplication = DeduplicationOptions()
    let interval = options.read(
      "interval", .duration(in: .milliseconds(1) ... .seconds(86_400)), default: .seconds(10),
      "How long records that repeat one are suppressed, from that one on.")
    deduplication.intervalNano = interval.wholeNanoseconds
    deduplication.countAttribute = options.read(
      "log_count_attribute", .nonEmptyString, default: deduplication.countAttribute,
      "The attribute that says how many records were suppressed.")
    deduplication.selection = options.selection(.filterProcessor)
    deduplication.fields = Self.fields(options)
    deduplication.maxWindows = options.read(
      "max_windows", .int(in: 1...10_000_000), default: deduplication.maxWindows,
      "Different records that are watched at once; what comes beyond passes. Not in the Collector.")
    deduplication.maxBytes = options.read(
      "max_bytes", .byteSize(in: 1...(1 << 40)), default: deduplication.maxBytes,
      "Memory for records to tell of; beyond it nothing more is suppressed. Not in the Collector.")
    if let zone = options.optional("timezone", .string, "Of no effect: times are told in UTC."), zone != "UTC" {
      options.warning(at: "timezone", "times are told in UTC")
    }
    options.unsupported("conditions", because: "OTTL conditions are not yet supported; use include or exclude")
    options.unsupported(
      "metadata_keys", "metadata_cardinality_limit", because: "records are told apart by what they say alone")
    self.deduplication = deduplication
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    DeduplicationProcessor(id: id, options: deduplication)
  }

  private static func fields(_ options: ConfigReader) -> DuplicateFields {
    let included = paths("include_fields", "The fields that tell whether records are the same; else all do.", options)
    let excluded = paths(
      "exclude_fields", "Fields that may differ, as in body.timestamp; the summary does not have them.", options)
    if !included.isEmpty && !excluded.isEmpty {
      options.error(at: "exclude_fields", "include_fields and exclude_fields exclude each other")
    }
    return included.isEmpty ? .allBut(RecordFields(excluded)) : .only(RecordFields(included))
  }

  private static func paths(_ key: String, _ doc: String, _ options: ConfigReader) -> [RecordFieldPath] {
    options.placedList(key, of: .string, doc).compactMap { text in
      let path = RecordFieldPath(text.value)
      if path == nil {
        options.report.error(
          at: text.place, path: "\(options.path).\(key)",
          "expected a field as in body.timestamp or attributes.src.ip, found \"\(text.value.forDisplay(maxCharacters: 64))\""
        )
      }
      return path
    }
  }
}

extension Duration {
  /// Whole nanoseconds of a configured time, which is not negative.
  fileprivate var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000)
  }
}
