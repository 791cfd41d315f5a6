package import Options

extension DeduplicationOptions: ProcessorOptions {
  package static let doc = "Suppresses records that repeat."

  package init(_ options: ConfigReader) {
    self.init()
    let interval = options.read(
      "interval", .duration(in: .milliseconds(1) ... .seconds(86_400)), default: .seconds(10),
      "How long records that repeat one are suppressed, from that one on.")
    intervalNano = interval.wholeNanoseconds
    countAttribute = options.read(
      "log_count_attribute", .nonEmptyString, default: countAttribute,
      "The attribute that says how many records were suppressed.")
    selection = options.selection(.filterProcessor)
    fields = Self.fields(options, &identity)
    let byTrace = options.read(
      "trace_ids", .bool, default: false,
      "Whether records of other traces and spans are others. Not in the Collector.")
    if byTrace { identity.insert(.traceIDs) }
    maxWindows = options.read(
      "max_windows", .int(in: 1...10_000_000), default: maxWindows,
      "Different records that are watched at once; what comes beyond passes. Not in the Collector.")
    maxBytes = options.read(
      "max_bytes", .byteSize(in: 1...(1 << 40)), default: maxBytes,
      "Memory for records to tell of; beyond it nothing more is suppressed. Not in the Collector.")
    if let zone = options.optional("timezone", .string, "Of no effect: times are told in UTC."), zone != "UTC" {
      options.warning(at: "timezone", "times are told in UTC")
    }
    let conditions = options.texts("conditions", "Records of which one is true are looked at; all without any.")
    let limits = options.ottlLimits()
    self.conditions = options.compiled(conditions, in: .log, errorMode: .ignore).flatMap {
      $0.tallies.isEmpty ? nil : $0.within(limits)
    }
    if !options.isEmpty("conditions") {
      for key in ["include", "exclude"] where options.has(key) {
        options.error(at: key, "conditions and \(key) cannot stand beside each other")
      }
    }
    options.unsupported(
      "metadata_keys", "metadata_cardinality_limit", because: "records are told apart by what they say alone")
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    DeduplicationProcessor(id: id, options: self)
  }

  private static func fields(_ options: ConfigReader, _ identity: inout RecordIdentity) -> DuplicateFields {
    var none = RecordIdentity()
    let included = paths(
      "include_fields", "The fields that tell whether records are the same; else all do.", options, &none)
    let excluded = paths(
      "exclude_fields",
      "Fields that may differ, as in body.timestamp, which the summary does not have; also severity_number, "
        + "severity_text, event_name, scope.name and scope.version.", options, &identity)
    if !included.isEmpty && !excluded.isEmpty {
      options.error(at: "exclude_fields", "include_fields and exclude_fields exclude each other")
    }
    return included.isEmpty ? .allBut(RecordFields(excluded)) : .only(RecordFields(included))
  }

  /// The paths of a list; names of other fields are taken out of the identity.
  private static func paths(
    _ key: String, _ doc: String, _ options: ConfigReader, _ identity: inout RecordIdentity
  ) -> [RecordFieldPath] {
    let texts = options.placedList(key, of: .string, doc)
    let named = RecordIdentity.named.filter { named in texts.contains { $0.value == named.name } }
    for (_, field) in named where identity.contains(field) { identity.remove(field) }
    return texts.compactMap { text in
      if key == "exclude_fields", named.contains(where: { $0.name == text.value }) { return nil }
      let path = RecordFieldPath(text.value)
      if path == nil {
        options.report.error(
          at: text.place, path: "\(options.path).\(key)",
          "expected a field as in body.timestamp or attributes.src.ip, "
            + "found \"\(text.value.forDisplay(maxCharacters: 64))\""
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
