package import Options

/// The `service.admin.tap` section: what looks at records that pass may take, and see.
package struct TapOptions: Sendable {
  /// Looks that are open at once.
  package var maxTaps = 4
  /// Records that each shows in a second.
  package var recordsPerSecond = 1000
  /// Bytes of records that wait to be shown, of each.
  package var maxWaitingBytes = 4 << 20
  /// How long each may be open.
  package var maxDuration = Duration.seconds(3600)
  /// Whether records are shown that a redaction processor has still to see.
  package var showsUnredacted = false

  package init() {}

  /// Reads the section.
  package init(_ options: ConfigReader) {
    maxTaps = options.read("max_taps", .int(in: 0...64), default: maxTaps, "Looks that are open at once; 0 for none.")
    recordsPerSecond = options.read(
      "records_per_second", .int(in: 10...100_000), default: recordsPerSecond,
      "Records that each copies and shows; further ones are counted.")
    maxWaitingBytes = options.read(
      "max_waiting", .byteSize(in: (64 << 10)...(256 << 20)), default: maxWaitingBytes,
      "Bytes of records that wait to be shown, of each; further records are counted.")
    maxDuration = options.read(
      "max_duration", .duration(in: .seconds(1) ... .seconds(86_400)), default: maxDuration,
      "How long each may be open.")
    showsUnredacted = options.read(
      "unredacted", .bool, default: showsUnredacted,
      "Whether those who may tap also see records that a redaction processor has still to see.")
  }
}
