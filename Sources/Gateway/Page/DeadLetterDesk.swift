import Glibc
import LogExport
import LogPipeline
import Logging
import Synchronization

/// The dead letters of exporters at work, for the page: what there are, what one says, and what becomes of them.
///
/// Only files that an exporter writes, or has set aside, are touched. Who looks at the content of a letter, sends
/// letters again or removes them is written to the log.
final class DeadLetterDesk: Sendable {
  /// A file of dead letters.
  struct File: Sendable {
    let path: String
    let exporters: [Exporter]
    /// Whether rotation has set it aside.
    let isBackup: Bool
  }

  /// One replay: under way, or the last one.
  struct Job: Sendable {
    enum State: String, Sendable { case running, done, failed }

    var state = State.running
    let file: String
    let exporter: String
    var outcome = DeadLetterReplay.Outcome()
    var readBytes = 0
    let fileBytes: Int
    var error: String?
  }

  private struct Desk {
    var job: Job?
    var stop = StopRequest()
    var task: Task<Void, Never>?
    var isOver = false
  }

  /// Gives the exporters that there are.
  private let exporters = Mutex<@Sendable () -> [Exporter]>({ [] })
  private let logger: Logger
  private let desk = Mutex(Desk())

  init(logger: Logger) { self.logger = logger }

  /// From now on the files are those of these exporters, whenever it is asked.
  func use(_ exporters: @escaping @Sendable () -> [Exporter]) { self.exporters.withLock { $0 = exporters } }

  /// The files, each with what was set aside of it.
  var files: [File] {
    var writers: [String: [Exporter]] = [:]
    for exporter in exporters.withLock({ $0 })() {
      guard let path = exporter.plan.delivery.deadLetters?.path else { continue }
      writers[path, default: []].append(exporter)
    }
    return writers.sorted { $0.key < $1.key }.flatMap { path, exporters in
      [File(path: path, exporters: exporters, isBackup: false)]
        + FileRotation.backupPaths(of: path).map { File(path: $0, exporters: exporters, isBackup: true) }
    }
  }

  var job: Job? { desk.withLock { $0.job } }

  /// The letters that a filter means, from a place in the file on, and where there may be more.
  func letters(
    of file: File, matching filter: DeadLetterFilter, from offset: Int, limit: Int
  ) throws(FileFailure) -> (lines: [(DeadLetterPlace, DeadLetter, bytes: Int)], next: Int?) {
    var reader = try DeadLetterReader(path: file.path, from: offset)
    var found: [(DeadLetterPlace, DeadLetter, bytes: Int)] = []
    while found.count < limit, reader.offset - offset < Self.maxReadBytes {
      guard let line = try reader.next() else { return (found, nil) }
      guard var letter = line.letter, filter.matches(letter) else { continue }
      letter.record = []
      found.append((line.place, letter, line.bytes.count))
    }
    return (found, reader.offset)
  }

  /// Bytes of a file that are read for one answer.
  private static let maxReadBytes = 64 << 20

  /// One letter with all that it says; nil if it is not there any more.
  func letter(at place: DeadLetterPlace, of file: File, for asker: String) throws(FileFailure) -> DeadLetter? {
    var reader = try DeadLetterReader(path: file.path, from: place.offset)
    guard let line = try reader.next(), line.place == place, let letter = line.letter else { return nil }
    audit("a dead letter is looked at", asker, file, ["exporter": "\(letter.exporter)", "place": "\(place)"])
    return letter
  }

  /// Removes the letters that a filter means; gives their number.
  func purge(_ file: File, _ filter: DeadLetterFilter, for asker: String) throws(FileFailure) -> Int {
    let purged = try purgeDeadLetters(path: file.path, matching: filter)
    audit("dead letters are removed", asker, file, ["letters": "\(purged)"])
    return purged
  }

  /// Bytes of a file; nil if it is not there.
  static func size(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  private func audit(_ message: Logger.Message, _ asker: String, _ file: File, _ more: Logger.Metadata) {
    logger.notice(message, metadata: more.merging(["by": "\(asker)", "file": "\(file.path)"]) { own, _ in own })
  }
}

// Replays: one at a time, each by what sends the exporter's own records.
extension DeadLetterDesk {
  /// Why a replay does not begin.
  enum Refusal: Error, Equatable {
    case busy, ends
    case noExporter(String)
    /// The exporter does not send over HTTP.
    case notHTTP(String)
  }

  /// Begins to send letters of an exporter again.
  func replay(_ file: File, _ filter: DeadLetterFilter, of id: String, for asker: String) throws(Refusal) {
    guard let exporter = file.exporters.first(where: { $0.id == id }) else { throw .noExporter(id) }
    guard let sender = exporter.sender as? HTTPSender else { throw .notHTTP(id) }
    let job = Job(file: file.path, exporter: id, fileBytes: Self.size(of: file.path) ?? 0)
    let stop = try desk.withLock { desk throws(Refusal) in
      if desk.isOver { throw .ends }
      if desk.job?.state == .running { throw .busy }
      desk.job = job
      desk.stop = StopRequest()
      return desk.stop
    }
    audit("dead letters are sent again", asker, file, ["exporter": "\(id)"])
    var replay = DeadLetterReplay(path: file.path) {
      ComponentRegistry.standard.replayDialect(exporter: $0, format: $1)
    }
    replay.filter = filter
    replay.filter.exporter = id
    replay.stop = stop
    replay.progress = { [weak self] outcome, readBytes in
      self?.note { ($0.outcome, $0.readBytes) = (outcome, readBytes) }
    }
    let task = Task { [replay] in
      do {
        let outcome = try await replay.run(by: sender)
        self.end(.done, outcome, nil)
      } catch {
        self.end(.failed, nil, "\(error)")
      }
    }
    desk.withLock { $0.task = task }
  }

  private func note(_ change: (inout Job) -> Void) {
    desk.withLock { desk in
      if var job = desk.job {
        change(&job)
        desk.job = job
      }
    }
  }

  private func end(_ state: Job.State, _ outcome: DeadLetterReplay.Outcome?, _ error: String?) {
    note { job in
      job.state = state
      job.outcome = outcome ?? job.outcome
      job.error = error
      if state == .done { job.readBytes = job.fileBytes }
    }
    guard let job else { return }
    logger.notice(
      "dead letters were sent again",
      metadata: [
        "file": "\(job.file)", "exporter": "\(job.exporter)", "delivered": "\(job.outcome.delivered)",
        "refused": "\(job.outcome.rejected)", "left": "\(job.outcome.untouchedLetters)", "error": "\(error ?? "")",
      ])
  }

  /// Asks the replay that is under way to end.
  func stopReplay() { desk.withLock { $0.stop }.raise() }

  /// Lets no replay begin any more and returns once the one under way has put its file right.
  func end() async {
    let (stop, task) = desk.withLock { desk in
      desk.isOver = true
      return (desk.stop, desk.task)
    }
    stop.raise(to: .atOnce)
    await task?.value
  }
}
