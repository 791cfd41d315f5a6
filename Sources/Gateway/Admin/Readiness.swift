import FrameQueues
import LogExport
import LogPipeline

/// Whether the gateway takes logs now, how full each destination's queue is, and what fails.
struct Readiness {
  /// One destination and its queue.
  struct Queue {
    var exporter: String
    var queuedBytes: Int
    var capacityBytes: Int
    var queuedRecords: Int
    /// How long the oldest record held has been there.
    var oldestAge = Duration.zero
    /// Set while nothing is delivered although it is tried.
    var failing: Failing?
    /// The batch that has been sent again for longest of those that failed while others were delivered.
    var stuck: Failing?
    var deadLetters = RejectionDesk.Status()
    /// Set while the queue's disk fails, and once records have been lost to it.
    var disk: Disk?
    /// Whether the configuration in force does not have this exporter any more, and only its queue is emptied.
    var isLeaving = false
  }

  /// What is wrong with the disk of a queue.
  struct Disk {
    var isWritable: Bool
    var isReadable: Bool
    var error: String?
    /// Since the start.
    var lostRecords: Int

    /// Nil if nothing is.
    init?(_ status: DiskQueueStatus, error: FileError?) {
      let lost = status.counters.lost.records
      if status.isWritable, status.isReadable, lost == 0 { return nil }
      (isWritable, isReadable, lostRecords) = (status.isWritable, status.isReadable, lost)
      self.error = error?.description
    }
  }

  /// A certificate that the gateway shows to others.
  struct Certificate {
    /// Whose it is, such as `receiver otlp grpc`.
    var owner: String
    /// Unix time at which it ends.
    var expiry: Int
    /// Unix time of the question.
    var now: Int

    /// Whole days; negative once it has ended.
    var daysLeft: Int {
      let seconds = expiry &- now
      return (seconds < 0 ? seconds &- 86_399 : seconds) / 86_400
    }
  }

  /// What a processor knows of Kubernetes.
  struct Kubernetes {
    var processor: String
    /// Whether all objects that are asked for have been listed.
    var isSynced: Bool
    /// What fails, and since when as Unix time.
    var failing: (since: Int, error: String)?
  }

  /// Files of a component that hold something that cannot be used; what they held before still is.
  struct FailingFiles {
    /// The component with its kind, such as `exporter otlp`.
    var component: String
    /// The option that names the files.
    var option: String
    /// Unix time.
    var since: Int
    /// Times that they could not be used since the start, each problem once for as long as it lasts.
    var failures: Int
  }

  /// An issuer of tokens whose keys cannot be had.
  struct FailingIssuer {
    /// The component that asks it, with its kind, such as `extension oidc`.
    var component: String
    var issuer: String
    /// Unix time.
    var since: Int
    /// Why not the last time.
    var error: String
    /// Keys from before, which go on counting.
    var keys: Int
  }

  /// What the gateway is doing.
  var state: GatewayState
  var queues: [Queue]
  var refusedConfiguration: RefusedConfiguration?
  var certificates: [Certificate] = []
  var kubernetes: [Kubernetes] = []
  var failingFiles: [FailingFiles] = []
  var failingIssuers: [FailingIssuer] = []

  /// A full queue does not make a replica unready: the others share its destination, and a sender that is refused
  /// with a hint to retry is better off than one that finds no replica at all. Nor does a destination that fails, a
  /// certificate that has ended, a file that cannot be used, or an issuer that is away.
  var isReady: Bool { state == .ready }

  var json: String {
    let configuration =
      refusedConfiguration.map {
        ",\"refused_configuration\":{\"since\":\"\(Self.time($0.since))\",\"error\":\(OwnLog.quoted($0.error))}"
      } ?? ""
    let certificates =
      certificates.isEmpty ? "" : ",\"certificates\":[\(certificates.map(\.json).joined(separator: ","))]"
    let queues = queues.map(\.json).joined(separator: ",")
    let kubernetes = kubernetes.isEmpty ? "" : ",\"kubernetes\":[\(kubernetes.map(\.json).joined(separator: ","))]"
    let files =
      failingFiles.isEmpty ? "" : ",\"failing_files\":[\(failingFiles.map(\.json).joined(separator: ","))]"
    let issuers =
      failingIssuers.isEmpty ? "" : ",\"failing_issuers\":[\(failingIssuers.map(\.json).joined(separator: ","))]"
    let before = "{\"status\":\"\(state.rawValue)\"\(configuration)\(certificates)\(files)\(issuers)"
    return "\(before),\"queues\":[\(queues)]\(kubernetes)}\n"
  }
}

extension Readiness.Queue {
  fileprivate var json: String {
    let saturation = Double(queuedBytes) / Double(max(capacityBytes, 1))
    var text =
      "{\"exporter\":\(OwnLog.quoted(exporter)),\"queued_records\":\(queuedRecords),"
      + "\"queued_bytes\":\(queuedBytes),\"capacity_bytes\":\(capacityBytes),"
      + "\"saturation\":\((saturation * 1000).rounded() / 1000),\"oldest_seconds\":\(oldestAge.components.seconds)"
    if let failing { text += ",\"failing\":\(failing.json)" }
    if let stuck { text += ",\"stuck\":\(stuck.json)" }
    if let since = deadLetters.failingSince {
      text +=
        ",\"dead_letters\":{\"failing_since\":\"\(Readiness.time(since))\","
        + "\"error\":\(OwnLog.quoted(deadLetters.error)),\"waiting_records\":\(deadLetters.waiting.records),"
        + "\"waiting_bytes\":\(deadLetters.waiting.bytes)}"
    }
    if let disk { text += ",\"disk\":\(disk.json)" }
    if isLeaving { text += ",\"leaving\":true" }
    return text + "}"
  }
}

extension Readiness {
  /// A Unix time as RFC 3339 in UTC.
  static func time(_ unixSeconds: Int) -> String {
    var times = TimestampWriter()
    var bytes = ByteWriter()
    times.appendRFC3339(UInt64(clamping: unixSeconds) &* 1_000_000_000, to: &bytes)
    // Whole seconds.
    return bytes.withUnsafeBytes { String(decoding: $0.prefix(19), as: UTF8.self) + "Z" }
  }
}

extension Readiness.Certificate {
  fileprivate var json: String {
    "{\"of\":\(OwnLog.quoted(owner)),\"ends\":\"\(Readiness.time(expiry))\",\"days_left\":\(daysLeft)}"
  }
}

extension Readiness.FailingFiles {
  /// Neither paths nor reasons: those are in the log.
  fileprivate var json: String {
    "{\"component\":\(OwnLog.quoted(component)),\"option\":\(OwnLog.quoted(option)),"
      + "\"since\":\"\(Readiness.time(since))\",\"failures\":\(failures)}"
  }
}

extension Readiness.FailingIssuer {
  fileprivate var json: String {
    "{\"component\":\(OwnLog.quoted(component)),\"issuer\":\(OwnLog.quoted(issuer)),"
      + "\"since\":\"\(Readiness.time(since))\",\"error\":\(OwnLog.quoted(error)),\"keys\":\(keys)}"
  }
}

extension Readiness.Kubernetes {
  fileprivate var json: String {
    let failing =
      failing.map {
        ",\"failing\":{\"since\":\"\(Readiness.time($0.since))\",\"error\":\(OwnLog.quoted($0.error))}"
      } ?? ""
    return "{\"processor\":\(OwnLog.quoted(processor)),\"synced\":\(isSynced)\(failing)}"
  }
}

extension Readiness.Disk {
  fileprivate var json: String {
    "{\"writable\":\(isWritable),\"readable\":\(isReadable),\"lost_records\":\(lostRecords)"
      + (error.map { ",\"error\":\(OwnLog.quoted($0))" } ?? "") + "}"
  }
}

extension Failing {
  var json: String {
    "{\"since\":\"\(Readiness.time(since))\",\"error\":\(OwnLog.quoted(error)),"
      + "\"attempts\":\(attempts),\"batch_records\":\(records)}"
  }
}

/// The stages of the gateway's life.
enum GatewayState: String, Sendable {
  case starting
  case ready
  /// It takes logs as before, and asks to be sent no more: ports close soon.
  case leaving
  case draining

  /// Whether requests are taken.
  var takesLogs: Bool { self == .ready || self == .leaving }
}
