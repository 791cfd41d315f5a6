import Logging
import Synchronization

/// Keeps what is logged.
final class LogCapture: Sendable {
  struct Line: Sendable {
    var level: Logger.Level
    var message: String
    var fields: [String: String]
  }

  private let kept = Mutex<[Line]>([])

  var lines: [Line] { kept.withLock { $0 } }

  func lines(_ message: String) -> [Line] { lines.filter { $0.message == message } }

  var logger: Logger { Logger(label: "test") { _ in Handler(capture: self) } }

  private struct Handler: LogHandler {
    let capture: LogCapture
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = (event.metadata ?? [:]).mapValues { "\($0)" }
      capture.kept.withLock {
        $0.append(Line(level: event.level, message: event.message.description, fields: fields))
      }
    }
  }
}
