import ArgumentParser
import Gateway
import LogExport

/// `sluice dead-letter`: looks after the files that `dead_letter` of an exporter writes.
struct DeadLetterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letter", abstract: "List, show, send again or remove the records that destinations rejected.",
    discussion: "Files set aside by rotation are files like any other: name them with --path.",
    subcommands: [List.self, Show.self, Replay.self, Purge.self])

  /// The arguments that every command has.
  struct File: ParsableArguments {
    @Option(help: ArgumentHelp("The file of dead letters.", valueName: "file"))
    var path: String

    @Flag(help: "Write JSON, one object a line.")
    var json = false
  }

  /// Which letters a command is about.
  struct Selection: ParsableArguments {
    @Option(help: ArgumentHelp("Only letters of this exporter.", valueName: "id"))
    var exporter: String?

    @Option(help: ArgumentHelp("Only letters whose reason contains this.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("Only letters rejected before this time, in UTC.", valueName: "2026-01-31T12:00:00Z"))
    var before: String?

    func validate() throws {
      if let before, !DeadLetterFilter.isTime(before) {
        throw ValidationError("--before: expected a time such as 2026-01-31 or 2026-01-31T12:00:00Z")
      }
    }

    var filter: DeadLetterFilter { DeadLetterFilter(exporter: exporter, reason: reason, before: before) }
  }

  /// Turns a failure of a file into a line on standard error and exit code 1.
  static func reporting<T>(_ body: () async throws -> T) async throws -> T {
    do {
      return try await body()
    } catch let error as FileFailure {
      writeToStandardError("error: \(error)")
    } catch let error as SenderConfigurationError {
      writeToStandardError("error: \(error)")
    }
    throw ExitCode.failure
  }
}

extension DeadLetterCommand {
  /// `sluice dead-letter list`: counts by exporter and reason.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Count the letters by exporter and kind of reason.")
    @OptionGroup var file: File

    func run() async throws {
      let summary = try await reporting { try DeadLetterSummary(path: file.path) }
      for line in Self.lines(summary, asJSON: file.json) { print(line) }
    }

    /// The most records first.
    static func lines(_ summary: DeadLetterSummary, asJSON: Bool) -> [String] {
      let rows = summary.rows.sorted {
        ($1.value.records, $0.key.exporter, $0.key.reason) < ($0.value.records, $1.key.exporter, $1.key.reason)
      }
      var lines = rows.map { key, row in
        asJSON
          ? "{\"exporter\":\(json(key.exporter)),\"reason\":\(json(key.reason)),\"letters\":\(row.letters),"
            + "\"records\":\(row.records),\"first\":\(json(row.first)),\"last\":\(json(row.last))}"
          : "\(row.records) records in \(row.letters) letters  \(visible(row.first)) to \(visible(row.last))  "
            + "\(visible(key.exporter))  \(visible(key.reason))"
      }
      if !asJSON, rows.isEmpty { lines.append("No dead letters.") }
      if summary.unreadableLines > 0 {
        let count = summary.unreadableLines
        lines.append(asJSON ? "{\"unreadable_lines\":\(count)}" : "\(count) lines are no dead letters.")
      }
      return lines
    }
  }

  /// `sluice dead-letter show`: the letters themselves.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show letters, the oldest first.")
    @OptionGroup var file: File
    @OptionGroup var selection: Selection

    @Option(help: ArgumentHelp("The most letters to show; 0 for all.", valueName: "count"))
    var limit = 20

    func run() async throws {
      try await reporting {
        var reader = try DeadLetterReader(path: file.path)
        var left = limit > 0 ? limit : .max
        while left > 0, let line = try reader.next() {
          guard let letter = line.letter, selection.filter.matches(letter) else { continue }
          print(file.json ? String(decoding: line.bytes, as: UTF8.self) : Self.text(letter))
          left -= 1
        }
      }
    }

    static func text(_ letter: DeadLetter) -> String {
      let head = "\(letter.time)  \(letter.exporter)  \(letter.records) records, \(letter.attempts) attempts"
      let record =
        letter.record.isEmpty ? "(not named by the destination)" : String(decoding: letter.record, as: UTF8.self)
      return "\(visible(head))\n  reason: \(visible(letter.reason))\n  record: \(visible(record))"
    }
  }

  /// `sluice dead-letter replay`: sends letters again.
  struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send letters again; what is rejected again stays in the file.",
      discussion: "Letters go to the path where they were sent before, at the address given.")
    @OptionGroup var file: File
    @OptionGroup var selection: Selection

    @Option(
      help: ArgumentHelp("The address to send to, http:// or https://, without the path of the API.", valueName: "url"))
    var to: String

    @Option(
      name: .customLong("header-file"),
      help: ArgumentHelp("A file with a header field a line, such as Authorization: ApiKey ….", valueName: "file"))
    var headerFile: String?

    @Option(
      name: .customLong("give-up-after"),
      help: ArgumentHelp("Stop when the destination has not taken records for so long.", valueName: "seconds"))
    var giveUpAfter = 60

    @Option(
      name: .customLong("max-age"),
      help: ArgumentHelp(
        "The retention of VictoriaLogs: letters with older records stay, for it would drop them; 0 sends them.",
        valueName: "days"))
    var maxAge = 7

    @Flag(help: "Send also letters that VictoriaLogs would drop for their age or size: it has other limits now.")
    var force = false

    func validate() throws {
      if !(1...86_400).contains(giveUpAfter) {
        throw ValidationError("--give-up-after: expected 1 to 86400 seconds, found \(giveUpAfter)")
      }
      if !(0...36_500).contains(maxAge) {
        throw ValidationError("--max-age: expected 0 to 36500 days, found \(maxAge)")
      }
      do throws(SenderConfigurationError) {
        _ = try DeadLetterReplay.checked(to)
      } catch {
        throw ValidationError("--to: \(error)")
      }
    }

    func run() async throws {
      let lifetime = Lifetime.begin(hangUp: .ends)
      let outcome = try await reporting {
        let registry = ComponentRegistry.standard
        var replay = DeadLetterReplay(path: file.path, endpoint: to) {
          registry.replayDialect(exporter: $0, format: $1)
        }
        replay.stop = lifetime.stop
        lifetime.arm(replay.finishWithin + Self.rewriting) {
          writeToStandardError("error: the file is as it was: what was delivered meanwhile will be sent again")
        }
        replay.filter = selection.filter
        replay.giveUpAfter = .seconds(giveUpAfter)
        replay.gate.maxAge = .seconds(maxAge * 86_400)
        replay.gate.isOpen = force
        replay.report = { writeToStandardError("not taken, it will be tried again: \(visible($0))") }
        if let headerFile { replay.headers = try headerFields(inFile: headerFile) }
        return try await replay.run()
      }
      print(Self.text(outcome, asJSON: file.json))
      for line in reasons(outcome) { writeToStandardError(line) }
      if outcome.gaveUp { writeToStandardError("error: the destination does not take records; the rest stays") }
      if outcome.wasStopped { writeToStandardError("error: ended by a signal; the rest stays") }
      let isDone = outcome.rejected == 0 && outcome.kept.counts.isEmpty
      if outcome.gaveUp || outcome.wasStopped || !isDone { throw ExitCode.failure }
    }

    /// How long putting a large file right may take at an early end.
    private static let rewriting = Duration.seconds(30)

    static func text(_ outcome: DeadLetterReplay.Outcome, asJSON: Bool) -> String {
      asJSON
        ? "{\"delivered\":\(outcome.delivered),\"duplicates\":\(outcome.duplicates),\"refused\":\(outcome.rejected),"
          + "\"untouched_letters\":\(outcome.untouchedLetters),\"gave_up\":\(outcome.gaveUp),"
          + "\"stopped\":\(outcome.wasStopped),\"refusals\":\(object(outcome.rejections)),"
          + "\"kept\":\(object(outcome.kept)),\"failures\":\(object(outcome.failures))}"
        : "\(outcome.delivered) records delivered, \(outcome.duplicates) of them already there; "
          + "\(outcome.rejected) refused again; \(outcome.untouchedLetters) letters left as they are."
    }

    private static func object(_ tally: Tally) -> String {
      "{" + tally.rows.map { "\(json($0.text)):\($0.count)" }.joined(separator: ",") + "}"
    }

    /// Why records were not delivered, a line for each kind.
    func reasons(_ outcome: DeadLetterReplay.Outcome) -> [String] {
      outcome.rejections.rows.map { "refused: \($0.count) records: \(visible($0.text))" }
        + outcome.kept.rows.map { "not sent: \($0.count) letters: \(whyKept($0.text))" }
        + outcome.failures.rows.map { "failed: \($0.count) attempts: \(visible($0.text))" }
    }

    private func whyKept(_ reason: String) -> String {
      switch reason {
      case "too_old":
        "too_old: VictoriaLogs would drop records older than its retention; if that is longer than \(maxAge) days, "
          + "give it with --max-age"
      case "too_new": "too_new: VictoriaLogs would drop records more than 2 days in the future; replay them then"
      case "line_too_long", "too_many_fields", "field_name_too_long":
        "\(reason): VictoriaLogs would drop them; if its limit has been raised, give --force"
      default: visible(reason)
      }
    }
  }

  /// `sluice dead-letter purge`: removes letters.
  struct Purge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove letters for good; name which.")
    @OptionGroup var file: File
    @OptionGroup var selection: Selection

    @Flag(help: "Remove all letters.")
    var all = false

    func validate() throws {
      if !all, selection.filter == DeadLetterFilter() {
        throw ValidationError("name what to remove with --before, --reason or --exporter, or say --all")
      }
    }

    func run() async throws {
      let purged = try await reporting { try purgeDeadLetters(path: file.path, matching: selection.filter) }
      print(file.json ? "{\"purged\":\(purged)}" : "\(purged) letters removed.")
    }
  }
}

/// A JSON string.
private func json(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    if scalar == "\"" || scalar == "\\" {
      quoted += "\\\(scalar)"
    } else if scalar.value < 0x20 {
      let digits = String(scalar.value, radix: 16)
      quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    } else {
      quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}
