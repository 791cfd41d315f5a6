import ArgumentParser
import Gateway
import Glibc
import LogStore
import Options
import Synchronization

/// `sluice replay`: sends what a store keeps to a destination.
struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send records that an exporter store keeps, by another exporter of a configuration.",
    discussion: """
      For a move to another backend, or to fill a hole that an outage has left. The folder is only read, also while a \
      gateway writes it; what comes meanwhile is not sent. SIGTERM or SIGINT end it in order, and with --resume the \
      next one goes on where this one was.
      """)

  @Option(help: ArgumentHelp("Which records, as for sluice logs; all without it.", valueName: "query"))
  var query = "*"

  @Option(help: ArgumentHelp("Only records from this time on, as 2026-01-31T10:30:00Z, or 2h ago.", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("Only records before this time.", valueName: "time"))
  var to: String?

  @Option(help: ArgumentHelp("The exporter that sends them, as elasticsearch/new.", valueName: "id"))
  var exporter: String

  @OptionGroup var config: ConfigArguments

  @Option(help: ArgumentHelp("The folder of the store; else that of the configuration.", valueName: "folder"))
  var path: String?

  @Option(help: ArgumentHelp("Records a second at most.", valueName: "count"))
  var rate: Int?

  @Option(
    help: ArgumentHelp("A file that keeps how far it is; one that is there says where to go on.", valueName: "file"))
  var resume: String?

  @Flag(help: "Write what became of the records as JSON.")
  var json = false

  func validate() throws {
    if let rate, !(1...100_000_000).contains(rate) {
      throw ValidationError("--rate: expected 1 to 100000000 records a second, found \(rate)")
    }
  }

  func run() async throws {
    let lifetime = Lifetime.begin(hangUp: .ends)
    defer { LogWriter.standardError.flush() }
    let configuration = try config.load()
    lifetime.arm(configuration.service.shutdownTimeout) {
      writeToStandardError("error: what was sent last may be sent again by the next replay")
    }
    let progress = try await QueueCommand.reporting {
      var replay = StoreReplay(of: try folder(configuration), try meant())
      replay.recordsPerSecond = rate
      replay.stop = lifetime.stop
      let file = resume.map { ReplayFile($0, of: [replay.folder, exporter, query, from ?? "", to ?? ""]) }
      replay.firstOrdinal = try file?.read() ?? 0
      let line = ProgressLine()
      replay.report = { progress in
        try file?.write(progress.doneOrdinal)
        line.show(Self.text(of: progress))
      }
      defer { line.end() }
      return try await replay.run(by: exporter, of: configuration)
    }
    print(Self.text(progress, by: exporter, asJSON: json))
    if !progress.isComplete { throw ExitCode.failure }
  }

  /// The folder that is named, or the only store of the configuration.
  private func folder(_ configuration: Configuration) throws -> String {
    if let path { return path }
    let folders = configuration.storeFolders
    if let folder = folders.first, folders.count == 1 { return folder }
    throw ReplayError(
      folders.isEmpty
        ? "the configuration has no exporter store: say with --path which folder to read"
        : "several stores are configured, say with --path which: \(folders.joined(separator: ", "))")
  }

  private func meant() throws -> Query {
    let now = WallClock.unixNano
    let (first, last) = (try time("--from", from, now) ?? 0, try time("--to", to, now) ?? .max)
    if last <= first { throw ReplayError("--to is not after --from") }
    do throws(QueryError) {
      let query = try QueryParser.parse(query, nowUnixNano: now)
      return from == nil && to == nil ? query : .and([query, .time(first...(to == nil ? .max : last - 1))])
    } catch {
      throw ReplayError("--query: \(error)\n\(error.excerpt)")
    }
  }

  private func time(_ option: String, _ text: String?, _ now: UInt64) throws -> UInt64? {
    guard let text else { return nil }
    guard let time = TimeText.start(text, nowUnixNano: now) else {
      throw ReplayError("\(option): expected a time such as 2026-01-31T10:30:00Z or 2h, found \(visible(text))")
    }
    return time
  }

  /// How far it is, in a line.
  static func text(of progress: StoreReplay.Progress) -> String {
    "\(Int(progress.share * 100)) %  \(counted(progress.found, "record")) found, \(progress.delivered) delivered"
      + (progress.rejected > 0 ? ", \(progress.rejected) refused" : "")
  }

  static func text(_ progress: StoreReplay.Progress, by exporter: String, asJSON: Bool) -> String {
    if asJSON {
      return "{\"exporter\":\"\(exporter)\",\"found\":\(progress.found),\"delivered\":\(progress.delivered),"
        + "\"duplicates\":\(progress.duplicates),\"refused\":\(progress.rejected),"
        + "\"dead_lettered\":\(progress.deadLetters != nil),\"damaged_blocks\":\(progress.damagedBlocks),"
        + "\"next\":\(progress.doneOrdinal),\"end\":\(progress.ordinals.upperBound)}"
    }
    var text =
      "\(counted(progress.delivered, "record")) delivered by \(exporter), \(progress.duplicates) of them already "
      + "there; \(progress.rejected) refused"
    if progress.rejected > 0 {
      text += " (\(progress.deadLetters.map { "kept in \($0)" } ?? "gone, as \(exporter) has no dead_letter"))"
    }
    let left = progress.ordinals.upperBound - progress.doneOrdinal
    text += left > 0 ? "; \(left) of the store were not looked at, or not delivered." : "."
    if progress.damagedBlocks > 0 {
      text += " Damaged: \(counted(progress.damagedBlocks, "block")), which are not sent."
    }
    return text
  }
}

/// Why a replay does not begin.
struct ReplayError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A line on standard error that is written over where that is a terminal, and else comes every ten seconds.
private final class ProgressLine: Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let last = Mutex(ContinuousClock.now)

  func show(_ text: String) {
    if isTerminal { return write("\r\u{1B}[K\(text)") }
    let isDue = last.withLock { last in
      if ContinuousClock.now - last < .seconds(10) { return false }
      last = .now
      return true
    }
    if isDue { write("\(text)\n") }
  }

  func end() { if isTerminal { write("\n") } }

  private func write(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
