package import LogExport
package import LogPipeline
package import Options

/// `exporters.file`: a rotating file of JSON lines.
package struct FileExporterOptions: SignalExporterOptions {
  package static let doc = "A rotating file of JSON lines."

  package var delivery: DeliveryOptions
  package var sendsRequests: Bool { false }
  package var frameFormat: String { "file \(dialect.format.rawValue)\(signal.frameSuffix)" }
  let dialect: FileDialect
  private(set) var sender: FileSenderOptions
  package var signal = Signal.logs
  package var keptPaths: [KeptPath] {
    (sender.path.isEmpty ? [] : [output]) + delivery.keptPaths(frameFormat: frameFormat)
  }
  private var output: KeptPath

  package init(_ options: ConfigReader) {
    var sender = FileSenderOptions()
    sender.path = options.required("path", .nonEmptyString, "The file that is written.")
    sender.truncates = !options.read("append", .bool, default: true, "Whether what is in the file already stays.")
    sender.createsDirectory = options.read(
      "create_directory", .bool, default: false, "Whether missing folders are made.")
    sender.syncs = options.read(
      "fsync", .bool, default: false, "Whether records count as delivered only once the disk has them.")
    sender.rotation = options.optionalSection("rotation", "When the file is set aside and begun anew.") {
      Self.rotation($0)
    }
    let format = options.read(
      "format", .choice(FileDialect.Format.json), default: .json,
      "json for OTLP/JSON requests, one a line; flat for one object a record.")
    let maxLineBytes = options.read(
      "max_line_size", .byteSize(in: 1024...(1 << 30)), default: 16 << 20,
      "Longer lines of the format flat are dropped and counted; not in the Collector.")
    dialect = FileDialect(format: format, maxLineBytes: maxLineBytes)
    options.unsupported("compression", "encoding", "group_by", because: "lines are written as they are")
    options.ignored("flush_interval", because: "every batch is written at once")
    delivery = DeliveryOptions(options, timeout: .seconds(30), queueBytes: 64 << 20)
    output = KeptPath(
      sender.path, .output(createsFolder: sender.createsDirectory, rotates: sender.rotation != nil), at: "path",
      of: options)
    self.sender = sender
  }

  private static func rotation(_ options: ConfigReader) -> FileRotation {
    var rotation = FileRotation()
    let megabytes = options.read(
      "max_megabytes", .int(in: 1...1_000_000), default: rotation.maxBytes >> 20, "The size at which it is set aside.")
    rotation.maxBytes = megabytes << 20
    rotation.maxDays = options.read(
      "max_days", .int(in: 0...36_500), default: rotation.maxDays, "Older backups are removed; 0 keeps them.")
    rotation.maxBackups = options.read(
      "max_backups", .int(in: 0...100_000), default: rotation.maxBackups, "Only so many are kept; 0 keeps all.")
    rotation.usesLocalTime = options.read(
      "localtime", .bool, default: false, "Whether backups are named after local time instead of UTC.")
    return rotation
  }

  package func problem(in signal: Signal) -> String? {
    signal != .logs && dialect.format == .flat ? "has format: flat, which is for logs only" : nil
  }

  /// A file that several signals would have has the signal in its name for all but logs: `out.traces.jsonl`.
  package func passing(_ signal: Signal, isShared: Bool) -> Self {
    var options = withQueue(of: signal)
    if isShared {
      options.sender.path = Self.path(sender.path, of: signal)
      options.output.path = options.sender.path
    }
    return options
  }

  private static func path(_ path: String, of signal: Signal) -> String {
    let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    guard let dot = name.dropFirst().lastIndex(of: ".") else { return "\(path).\(signal.rawValue)" }
    return "\(path[..<dot]).\(signal.rawValue)\(path[dot...])"
  }

  package func makeDialect() throws -> any Dialect { dialect }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender { try FileSender(sender) }
}

/// `exporters.debug`: records on standard error.
package struct DebugExporterOptions: SignalExporterOptions {
  package static let doc = "Standard error."

  package var delivery: DeliveryOptions
  package var sendsRequests: Bool { false }
  package var frameFormat: String { "debug \(verbosity.rawValue)\(signal.frameSuffix)" }
  package var signal = Signal.logs
  let verbosity: DebugDialect.Verbosity
  /// The words of the option that came before `verbosity`.
  private enum LogLevel: String, Sendable, CaseIterable { case debug, info, warn, error }

  package init(_ options: ConfigReader) {
    let level = options.optional(
      "loglevel", .choice(LogLevel.info, inAnyCase: true),
      "Older form: debug for detailed, info for normal, else basic.")
    let formerly = level.map { $0 == .debug ? DebugDialect.Verbosity.detailed : $0 == .info ? .normal : .basic }
    verbosity = options.read(
      "verbosity", .choice(DebugDialect.Verbosity.basic, inAnyCase: true), default: formerly ?? .basic,
      "basic for counts, normal for a line a record, detailed for all of it.")
    if level != nil, options.has("verbosity") {
      options.error(at: "loglevel", "cannot be given together with verbosity")
    }
    options.ignored("sampling_initial", "sampling_thereafter", because: "every request is written")
    options.ignored("use_internal_logger", "output_paths", because: "it writes to standard error")
    delivery = DeliveryOptions(options, timeout: .seconds(30), queueBytes: 16 << 20)
  }

  package func makeDialect() throws -> any Dialect { DebugDialect(verbosity: verbosity) }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender { DebugSender() }
}

/// `exporters.nop`: takes records and keeps nothing.
package struct NopExporterOptions: SignalExporterOptions {
  package static let doc = "Nowhere: takes records and keeps nothing."

  package var delivery: DeliveryOptions
  package var sendsRequests: Bool { false }
  package var frameFormat: String { "nop\(signal.frameSuffix)" }
  package var signal = Signal.logs

  package init(_ options: ConfigReader) { delivery = DeliveryOptions(options, timeout: .seconds(30)) }

  package func makeDialect() throws -> any Dialect { NopDialect() }

  package func makeSender(id: String, of parts: SenderParts) throws -> any Sender { DiscardSender() }
}

extension Signal {
  /// What stands behind a frame format that was without a signal when there were logs only.
  fileprivate var frameSuffix: String { self == .logs ? "" : " \(rawValue)" }
}
