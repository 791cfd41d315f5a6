import ArgumentParser
import Gateway
import Glibc
import Options
import Synchronization

/// `sluice tap`: records as they pass a stage of a running gateway's pipelines.
struct TapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tap",
    abstract: "Show records as they pass a stage of a pipeline.",
    discussion: """
      Stages are received, after:PROCESSOR, around:PROCESSOR (each record before and after it) and to:EXPORTER; \
      --stages lists those that there are. A running gateway is asked at its admin port, which the configuration, or \
      the embedded default, says unless --address does. Nothing is kept, and nothing that passes waits for it: what \
      comes too fast is counted instead of shown.
      """)

  @Argument(help: ArgumentHelp("The pipeline; may be left out if there is one.", valueName: "pipeline"))
  var pipeline: String?

  @Argument(help: ArgumentHelp("Where records are looked at.", valueName: "stage"))
  var stage = "received"

  @OptionGroup var config: ConfigArguments

  @OptionGroup var admin: AdminArguments

  @OptionGroup var credentials: CredentialArguments

  @Option(
    help: ArgumentHelp(
      "Only records of which this OTTL condition holds, as in 'log.severity_number >= 17'.", valueName: "condition"))
  var `where`: String?

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("End after so many records.", valueName: "count"))
  var limit: Int?

  @Flag(help: "List the stages of all pipelines, as JSON.")
  var stages = false

  @Flag(help: "Write JSON, one object a line.")
  var json = false

  func validate() throws {
    if let limit, !(1...1_000_000).contains(limit) {
      throw ValidationError("--limit: expected a number from 1 to 1000000")
    }
  }

  func run() async throws {
    var (address, caller) = try admin.target(config)
    try credentials.present(by: &caller, to: address)
    do throws(AdminProbe.Failure) {
      if stages { try await list(address, caller) } else { try await follow(address, caller) }
    } catch {
      writeToStandardError("error: \(address): \(visibleLines("\(error)"))")
      throw ExitCode.failure
    }
  }

  private func list(_ address: Endpoint, _ caller: AdminCaller) async throws(AdminProbe.Failure) {
    let buffer = LineBuffer()
    _ = try await AdminStream("/api/tap/stages", [], at: address, by: caller).read { buffer.add($0) }
    for line in buffer.take() { print(visible(line)) }
  }

  /// Ends when the gateway ends it, which is as asked only if as many records came as were to.
  private func follow(_ address: Endpoint, _ caller: AdminCaller) async throws(AdminProbe.Failure) {
    let arguments = [
      ("pipeline", pipeline ?? ""), ("stage", stage), ("where", `where` ?? ""), ("limit", limit.map { "\($0)" } ?? ""),
    ].map { (name: $0.0, value: $0.1) }
    let buffer = LineBuffer()
    let shown = Mutex(0)
    _ = try await AdminStream("/api/tap", arguments, at: address, by: caller).read { bytes in
      buffer.add(bytes)
      for line in buffer.take() {
        let text = TapLine(line)
        if text.isRecord { shown.withLock { $0 += 1 } }
        if json { print(line) } else { text.show() }
      }
      fflush(nil)
    }
    if let limit, shown.withLock({ $0 }) < limit { throw AdminProbe.Failure(description: "it ended before") }
  }
}

/// A line of what `/api/tap` answers.
struct TapLine {
  /// Which member the line has.
  private let name: String
  private let value: String

  /// Takes a line apart: the objects of records are within one that names them.
  init(_ line: String) {
    let parts = line.dropFirst(2).split(separator: "\":", maxSplits: 1)
    name = parts.first.map(String.init) ?? ""
    value = parts.count > 1 ? String(parts[1].dropLast()) : ""
  }

  /// Whether it begins another record; the second side of one does not.
  var isRecord: Bool { name == "record" || name == "before" }

  /// The record as text; nil if the line has none.
  var text: String? {
    switch name {
    case "record": RecordText.text(of: value)
    case "before": "- \(RecordText.text(of: value))"
    case "after": value == "null" ? "+ (removed)" : "+ \(RecordText.text(of: value))"
    default: nil
    }
  }

  /// Writes records to the output, and what is said of others to standard error.
  func show() {
    if let text { print(text) } else { writeToStandardError("… \(name) \(visible(value))") }
  }
}
