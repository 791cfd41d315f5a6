import LogPipeline
import Logging
import Synchronization

/// A line of the gateway's own log on its way to an OTLP endpoint.
struct OwnLogRecord: Sendable {
  var unixNano: UInt64
  var level: Logger.Level
  var message: String
  var fields: [(String, String)]

  /// About the memory that it takes.
  fileprivate var byteCount: Int {
    fields.reduce(message.utf8.count + 64) { $0 + $1.0.utf8.count + $1.1.utf8.count + 32 }
  }

  /// Its number in OTLP.
  private var severity: UInt64 {
    switch level {
    case .trace: 1
    case .debug: 5
    case .info: 9
    case .notice: 10
    case .warning: 13
    case .error: 17
    case .critical: 21
    }
  }

  fileprivate func append(to records: inout ByteWriter) {
    records.appendMessage(0x12) { record in
      record.appendField(0x09, fixed64: unixNano)
      record.appendField(0x10, varint: severity)
      record.appendField(0x1A, level.rawValue.uppercased())
      record.appendMessage(0x2A) { $0.appendField(0x0A, message) }
      for (key, value) in fields { record.appendAttribute(0x32, key, value) }
      record.appendField(0x59, fixed64: unixNano)
    }
  }
}

/// Lines of the gateway's own log that wait to be sent. Whoever logs waits for nothing: what finds no room is left out
/// and counted.
final class OwnLogQueue: Sendable {
  private struct State {
    var records: [OwnLogRecord] = []
    var bytes = 0
    var dropped = 0
  }

  private let most: Int
  private let state = Mutex(State())
  /// The memory that waiting lines may take.
  static let maxBytes = 1 << 20

  /// A queue of so many lines at most.
  init(most: Int) { self.most = most }

  /// Lines that found no room.
  var dropped: Int { state.withLock { $0.dropped } }

  /// Takes a line, if there is room.
  func append(_ record: OwnLogRecord) {
    let bytes = record.byteCount
    state.withLock { state in
      guard state.records.count < most, state.bytes + bytes <= Self.maxBytes else {
        state.dropped &+= 1
        return
      }
      state.records.append(record)
      state.bytes += bytes
    }
  }

  /// The first lines as a request, and how many they are; nil if none wait.
  func request(of resource: OwnResource, most: Int) -> (bytes: [UInt8], records: Int)? {
    let records = state.withLock { Array($0.records.prefix(most)) }
    if records.isEmpty { return nil }
    var request = ByteWriter(capacityBytes: 4096)
    request.appendOwn(resource) { scope in
      for record in records { record.append(to: &scope) }
    }
    return (request.array, records.count)
  }

  /// Forgets the first lines.
  func removeFirst(_ count: Int) {
    state.withLock { state in
      for record in state.records.prefix(count) { state.bytes -= record.byteCount }
      state.records.removeFirst(min(count, state.records.count))
    }
  }
}
