import ArgumentParser
import Gateway
import Glibc

/// `sluice ottl`: what OTTL does, and what there is of it.
struct OTTLCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ottl", abstract: "Explain OTTL statements and conditions.",
    subcommands: [Explain.self, Functions.self])
}

extension OTTLCommand {
  /// `sluice ottl explain`: what each part of a statement comes to for records from standard input.
  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what each part of a statement or condition comes to for a record.",
      discussion: """
        Standard input has a record or a request in OTLP JSON, or one in each line. Paths that do not say whose they \
        are, such as body, are of records; with --context of what that says. A text that begins with - stands \
        behind --, as in: sluice ottl explain -- '-7 / 2'
        """)

    @Argument(help: ArgumentHelp("A statement, a condition or a value.", valueName: "text"))
    var text: String

    @Option(help: ArgumentHelp("What it is run for: log, scope or resource.", valueName: "context"))
    var context: String?

    @Option(help: ArgumentHelp("The most records that are shown.", valueName: "count"))
    var records = 10

    @Flag(help: "Show values whole, however long they are.")
    var full = false

    func validate() throws {
      if let context, !StatementPreview.contexts.contains(context) {
        throw ValidationError("--context: expected log, scope or resource, found \"\(context)\"")
      }
      if records < 1 { throw ValidationError("--records: expected a number from 1, found \(records)") }
    }

    func run() throws {
      do {
        let preview = try StatementPreview(text, context: context, showsAll: full)
        for line in Self.lines(try preview.explanations(of: Self.input()), atMost: records) { print(line) }
      } catch let problem as StatementPreview.Problem {
        writeToStandardError("error: \(problem)")
        throw ExitCode.failure
      }
    }

    /// What is printed: a table for each record.
    static func lines(_ explanations: [StatementPreview.Explanation], atMost count: Int) -> [String] {
      var lines: [String] = []
      for (index, explanation) in explanations.prefix(count).enumerated() {
        if explanations.count > 1 { lines.append("\(index == 0 ? "" : "\n")# \(index + 1) of \(explanations.count)") }
        let texts = explanation.lines.map { String(repeating: "  ", count: $0.depth) + $0.text }
        let width = min(texts.map(\.count).max() ?? 0, maxWidth)
        for (text, line) in zip(texts, explanation.lines) {
          let gap = String(repeating: " ", count: max(width - text.count, 0) + 2)
          lines.append(text + gap + line.value)
        }
      }
      if explanations.isEmpty { lines.append("the input has no records") }
      if explanations.count > count { lines.append("\n\(explanations.count - count) more are not shown (--records)") }
      return lines
    }

    /// Wider texts push their values to the right.
    private static let maxWidth = 72

    /// Standard input, no more than is asked for.
    private static func input() throws -> [UInt8] {
      var input: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while input.count <= StatementPreview.maxInputBytes {
        let count = read(STDIN_FILENO, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else {
          writeToStandardError("error: cannot read standard input: \(String(cString: strerror(errno)))")
          throw ExitCode.failure
        }
        if count == 0 { break }
        input += chunk[..<count]
      }
      return input
    }
  }

  /// `sluice ottl functions`: the editors and converters that there are.
  struct Functions: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List editors and converters with their parameters; ? marks what may be left out.")

    @Flag(help: "List the patterns that grok expressions can name instead.")
    var grok = false

    func run() { (grok ? StatementPreview.grokPatterns : StatementPreview.signatures).forEach { print($0) } }
  }
}
