import ArgumentParser
import FrameQueues
import Gateway
import Glibc

/// `sluice queue`: looks after the folders that `sending_queue` of an exporter keeps.
struct QueueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "Show what a queue on disk holds, or send it from here.",
    subcommands: [Show.self, Drain.self])

  /// The arguments that every command has.
  struct Folder: ParsableArguments {
    @Option(help: ArgumentHelp("The folder of one exporter's queue.", valueName: "folder"))
    var directory: String

    @Flag(help: "Write JSON, one object a line.")
    var json = false
  }

  /// Turns a failure into a line on standard error and exit code 1.
  static func reporting<T>(_ body: () async throws -> T) async throws -> T {
    do {
      return try await body()
    } catch {
      writeToStandardError("error: \(error)")
      throw ExitCode.failure
    }
  }
}

extension QueueCommand {
  /// `sluice queue show`: what a folder holds, also while a gateway uses it.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a queue holds; changes nothing, and a gateway may be using it.")
    @OptionGroup var folder: Folder

    @Flag(help: "Read every record, to find those that are damaged.")
    var verify = false

    func run() async throws {
      let content = try await reporting { try await read() }
      for line in Self.lines(content, asJSON: folder.json) { print(line) }
      if content.isDamaged { throw ExitCode.failure }
    }

    /// Reads the folder; again if something seems damaged, as a gateway may just be writing it.
    private func read() async throws -> DiskQueueContent {
      try DiskQueue.checkIsQueue(folder.directory)
      let content = try DiskQueueContent.read(folder.directory, verifying: verify)
      guard content.isDamaged else { return content }
      try await Task.sleep(for: .seconds(1))
      return try DiskQueueContent.read(folder.directory, verifying: verify)
    }

    /// A line for each segment, then the sum.
    static func lines(_ content: DiskQueueContent, asJSON: Bool) -> [String] {
      asJSON ? content.segments.map { json($0) } + [json(content)] : content.segments.flatMap(texts) + texts(content)
    }

    /// A line for a segment, and one for each damaged part of it.
    private static func texts(_ segment: DiskQueueContent.Segment) -> [String] {
      var line =
        "\(segment.name)  \(utc(segment.lastWritten))  \(counted(segment.queued.records, "record")), "
        + "\(counted(segment.queued.bytes, "byte")) of \(segment.fileBytes)"
      if let header = segment.headerName { line += ", by its header \(header)" }
      if !segment.isClosed { line += ", not closed" }
      if segment.corruptBytes > 0 { line += ", \(counted(segment.corruptBytes, "byte")) damaged" }
      if segment.tailBytes > 0 { line += ", \(counted(segment.tailBytes, "byte")) at the end not whole" }
      return [line] + segment.damage.map { "  damaged: \(text($0))" }
    }

    private static func text(_ damage: SegmentDamage) -> String {
      "\(counted(damage.offsets.count, "byte")) at offset \(damage.offsets.lowerBound), \(numbers(damage.frames)), "
        + "\(counted(damage.lost.records, "record")) lost"
    }

    /// `frame 7`, or `frames 7 to 9`.
    private static func numbers(_ frames: Range<UInt64>) -> String {
      let last = frames.upperBound &- 1
      return last == frames.lowerBound ? "frame \(last)" : "frames \(frames.lowerBound) to \(last)"
    }

    private static func texts(_ content: DiskQueueContent) -> [String] {
      let queued = content.queued
      var lines = [
        "\(counted(queued.records, "record")), \(counted(queued.bytes, "byte")) queued in "
          + "\(counted(content.segments.count, "segment"))."
      ]
      if let oldest = content.segments.first, let newest = content.segments.last {
        lines[0] += " The oldest was last written \(utc(oldest.lastWritten)), the newest \(utc(newest.lastWritten))."
      }
      if content.corruptBytes > 0 {
        lines.append(
          "\(counted(content.corruptBytes, "byte")) are damaged: \(counted(content.lost.records, "record")) lost.")
      }
      if !content.missing.isEmpty {
        lines.append("In no segment, and not delivered: \(content.missing.map(numbers).joined(separator: ", ")).")
      }
      if !content.unreadable.isEmpty {
        lines.append("Files that cannot be read: \(content.unreadable.joined(separator: ", ")).")
      }
      if !content.misnamed.isEmpty {
        lines.append("Files that have the name of another segment: \(content.misnamed.joined(separator: ", ")).")
      }
      if content.isCursorDamaged { lines.append("The cursor cannot be read: everything counts as queued.") }
      if content.isCursorMissing { lines.append("The cursor is missing: everything counts as queued.") }
      return lines
    }

    private static func json(_ segment: DiskQueueContent.Segment) -> String {
      "{\"segment\":\"\(segment.name)\"" + (segment.headerName.map { ",\"header\":\"\($0)\"" } ?? "")
        + ",\"records\":\(segment.queued.records),\"bytes\":\(segment.queued.bytes),"
        + "\"file_bytes\":\(segment.fileBytes),\"closed\":\(segment.isClosed),\"verified\":\(segment.isVerified),"
        + "\"corrupt_bytes\":\(segment.corruptBytes),\"lost\":\(segment.lost.records),"
        + "\"damage\":[\(segment.damage.map(json).joined(separator: ","))],\"tail_bytes\":\(segment.tailBytes),"
        + "\"last_written\":\"\(utc(segment.lastWritten))\"}"
    }

    private static func json(_ damage: SegmentDamage) -> String {
      "{\"offset\":\(damage.offsets.lowerBound),\"bytes\":\(damage.offsets.count),\(json(damage.frames)),"
        + "\"lost\":\(damage.lost.records)}"
    }

    private static func json(_ frames: Range<UInt64>) -> String {
      "\"first_frame\":\(frames.lowerBound),\"last_frame\":\(frames.upperBound &- 1)"
    }

    private static func json(_ content: DiskQueueContent) -> String {
      let missing = content.missing.map { "{\(json($0))}" }.joined(separator: ",")
      return "{\"segments\":\(content.segments.count),\"records\":\(content.queued.records),"
        + "\"bytes\":\(content.queued.bytes),\"corrupt_bytes\":\(content.corruptBytes),"
        + "\"lost\":\(content.lost.records),\"missing\":[\(missing)],"
        + "\"unreadable_files\":\(content.unreadable.count),\"misnamed_files\":\(content.misnamed.count),"
        + "\"cursor_damaged\":\(content.isCursorDamaged),\"cursor_missing\":\(content.isCursorMissing)}"
    }

    /// A time in UTC, to the second.
    private static func utc(_ unixSeconds: Int) -> String {
      var (time, parts) = (time_t(unixSeconds), tm())
      guard gmtime_r(&time, &parts) != nil else { return "\(unixSeconds)" }
      let numbers = [
        Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec),
      ]
      let digits = numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }
      return "\(Int(parts.tm_year) + 1900)-\(digits[0])-\(digits[1])T\(digits[2]):\(digits[3]):\(digits[4])Z"
    }
  }

  /// `sluice queue drain`: sends what another process left.
  struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send what a queue holds, by an exporter of a configuration; what is not taken stays.",
      discussion: """
        For the folder of a replica that is gone. It is locked meanwhile: a gateway that uses it has to be stopped \
        before. No port is opened. SIGTERM or SIGINT end it; what is left stays in the folder.
        """)
    @OptionGroup var folder: Folder
    @OptionGroup var config: ConfigArguments

    @Option(help: ArgumentHelp("The exporter to send with; needed if several of its kind are there.", valueName: "id"))
    var exporter: String?

    func run() async throws {
      let lifetime = Lifetime.begin(hangUp: .ends)
      defer { LogWriter.standardError.flush() }
      let configuration = try config.load()
      lifetime.arm(configuration.service.shutdownTimeout) {
        writeToStandardError("error: what was delivered last may be sent again; the rest stays in the folder")
      }
      let outcome = try await reporting {
        try await QueueDrain.run(folder.directory, exporter: exporter, of: configuration, until: lifetime.stop)
      }
      print(Self.text(outcome, asJSON: folder.json))
      if !outcome.isComplete { throw ExitCode.failure }
    }

    static func text(_ outcome: QueueDrain.Outcome, asJSON: Bool) -> String {
      if asJSON {
        return "{\"exporter\":\"\(outcome.exporter)\",\"delivered\":\(outcome.delivered),"
          + "\"duplicates\":\(outcome.duplicates),\"refused\":\(outcome.rejected),"
          + "\"dead_lettered\":\(outcome.deadLetters != nil),\"lost\":\(outcome.lost),\"left\":\(outcome.left),"
          + "\"corrupt_bytes\":\(outcome.corruptBytes),"
          + "\"set_aside_segments\":\(outcome.setAsideSegments),\"missing_frames\":\(outcome.missingFrames)}"
      }
      let rejected = outcome.deadLetters.map { "kept in \($0)" } ?? "gone, as \(outcome.exporter) has no dead_letter"
      var text =
        "\(counted(outcome.delivered, "record")) delivered by \(outcome.exporter), \(outcome.duplicates) of them "
        + "already there; \(outcome.rejected) refused"
      if outcome.rejected > 0 { text += " (\(rejected))" }
      if outcome.lost > 0 { text += "; \(outcome.lost) lost to damage of the disk" }
      text += "; \(outcome.left) left."
      if outcome.corruptBytes > 0 {
        text += " Damaged: \(counted(outcome.corruptBytes, "byte")), which are not sent."
      }
      if outcome.setAsideSegments > 0 {
        let segments = counted(outcome.setAsideSegments, "damaged segment")
        text += " Set aside: \(segments); what cannot be read there is not sent."
      }
      if outcome.missingFrames > 0 {
        text += " In no segment: \(counted(outcome.missingFrames, "frame")) of records."
      }
      if outcome.isUnclosed { text += " The disk does not answer: what was delivered last may be sent again." }
      return text
    }
  }
}
