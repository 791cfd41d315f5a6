import Glibc
package import Logging
import Synchronization

/// The gateway's own log: one line an event on standard error, as text or as JSON (`service.telemetry.logs`). Whoever
/// logs does not wait for the line to be written.
package struct OwnLog: LogHandler {
  /// Makes a line of a time, a level, a message and fields.
  typealias Format = @Sendable (String, Logger.Level, String, [(String, String)]) -> String

  private let settings: LogSettings
  /// Whether its lines go to OTLP endpoints too.
  private let isSent: Bool
  /// The level of this logger alone, if it was given one.
  private var ownLevel: Logger.Level?
  package var metadata: Logger.Metadata = [:]

  package var logLevel: Logger.Level {
    get { ownLevel ?? settings.level }
    set { ownLevel = newValue }
  }

  init(_ settings: LogSettings, isSent: Bool = true) {
    self.settings = settings
    self.isSent = isSent
  }

  /// A logger that writes as the settings say, and from then on as they are changed; to OTLP endpoints too unless its
  /// lines are about these.
  static func logger(_ settings: LogSettings, isSent: Bool = true) -> Logger {
    LogWriter.standardError.setFormat { format(settings.encoding)($0, $1, $2, $3) }
    return Logger(label: "sluice") { _ in OwnLog(settings, isSent: isSent) }
  }

  /// A logger that writes as the configuration says.
  static func logger(_ options: TelemetryOptions) -> Logger { logger(LogSettings(options)) }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
      .map { ($0.key, "\($0.value)") }
      .sorted { $0.0 < $1.0 }
    let time = Self.now()
    let encoding = settings.encoding
    let line = Self.format(encoding)(time, event.level, event.message.description, fields)
    LogWriter.standardError.write(
      line, contentFrom: time.utf8.count + (encoding == .json ? "{\"time\":\"".utf8.count : 0))
    if isSent {
      settings.send(
        OwnLogRecord(unixNano: Self.unixNano(), level: event.level, message: event.message.description, fields: fields))
    }
  }

  private static func format(_ encoding: TelemetryOptions.LogEncoding) -> Format {
    switch encoding {
    case .console: { console($0, $1, $2, $3) }
    case .json: { json($0, $1, $2, $3) }
    }
  }

  static func console(_ time: String, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]) -> String
  {
    let pairs = fields.map { " \($0.0)=\(quotedIfNeeded($0.1))" }.joined()
    return "\(time) \(level.rawValue) \(printable(message))\(pairs)\n"
  }

  static func json(_ time: String, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]) -> String {
    let pairs = fields.map { ",\(quoted($0.0)):\(quoted($0.1))" }.joined()
    return "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"message\":\(quoted(message))\(pairs)}\n"
  }

  private static func quotedIfNeeded(_ text: String) -> String {
    let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 < 0x7F }
    return isPlain ? text : quoted(text)
  }

  /// The text as a JSON string, so that nothing in it can forge a line or drive a terminal.
  static func quoted(_ text: String) -> String { "\"\(printable(text, escapingQuotes: true))\"" }

  private static func printable(_ text: String, escapingQuotes: Bool = false) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\" where escapingQuotes: result += "\\\\"
      case "\"" where escapingQuotes: result += "\\\""
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where isInvisible(scalar):
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          result += "\\u" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits
        }
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// True for what moves the cursor, ends a line or turns the direction of writing.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  /// The time as Unix time in nanoseconds.
  static func unixNano() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
  }

  /// The time as RFC 3339 in UTC with milliseconds.
  static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    gmtime_r(&time.tv_sec, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let seconds = String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fraction = String(1000 + time.tv_nsec / 1_000_000).dropFirst()
    return "\(seconds).\(fraction)Z"
  }
}

/// What `service.telemetry.logs` says, for all loggers that were made with it.
final class LogSettings: Sendable {
  private let options: Mutex<(level: TelemetryOptions.LogLevel, encoding: TelemetryOptions.LogEncoding)>
  private let queues = Mutex<[OwnLogQueue]>([])

  /// The settings of a configuration; those of the time before one is read unless it is given.
  init(_ options: TelemetryOptions? = nil) {
    self.options = Mutex((options?.logLevel ?? .info, options?.logEncoding ?? .console))
  }

  /// Has all loggers write as another configuration says.
  func use(_ options: TelemetryOptions) {
    self.options.withLock { $0 = (options.logLevel, options.logEncoding) }
  }

  /// Has lines go to these queues from now on.
  func send(to queues: [OwnLogQueue]) { self.queues.withLock { $0 = queues } }

  fileprivate func send(_ record: @autoclosure () -> OwnLogRecord) {
    let queues = queues.withLock { $0 }
    if queues.isEmpty { return }
    let record = record()
    for queue in queues { queue.append(record) }
  }

  /// The form of a line.
  var encoding: TelemetryOptions.LogEncoding { options.withLock { $0.encoding } }

  /// The least severe level that is written.
  var level: Logger.Level {
    switch options.withLock({ $0.level }) {
    case .debug: .debug
    case .info: .info
    case .warn: .warning
    case .error: .error
    }
  }
}
