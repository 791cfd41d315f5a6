import ArgumentParser
import Gateway
import Glibc

/// `sluice redact`: shows what a configuration would mask in lines from standard input.
struct Redact: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what redaction leaves of the lines on standard input.",
    discussion: """
      A line is a text, taken for a record's body, or an OTLP request in JSON. What is left of them goes to standard \
      output, how often each rule changed something to standard error. Without a configuration the default detectors \
      are on.
      """)

  @OptionGroup var config: ConfigArguments

  @Option(help: ArgumentHelp("The redaction processor, if the configuration has several.", valueName: "id"))
  var processor: String?

  func run() throws {
    let isGiven = !config.configs.isEmpty || !config.settings.isEmpty
    let configuration = isGiven ? try config.load() : nil
    do {
      var preview = RedactionPreview(try RedactionPreview.processor(of: configuration, id: processor))
      try Self.copy(through: &preview)
      Self.lines(preview.counts).forEach(writeToStandardError)
    } catch let problem as RedactionPreview.Problem {
      writeToStandardError("error: \(problem)")
      throw ExitCode.validationFailure
    }
  }

  /// What was counted, the most first.
  static func lines(_ counts: RedactionPreview.Counts) -> [String] {
    var lines = counts.rules.filter { $0.count > 0 }
      .sorted { ($1.count, $0.rule) < ($0.count, $1.rule) }
      .map { "\($0.count) \($0.rule) \($0.action)" }
    if lines.isEmpty && counts.tooLongLines == 0 { lines.append("nothing was changed") }
    if counts.tooLongLines > 0 { lines.append("\(counts.tooLongLines) lines were too long and are masked unread") }
    return lines
  }

  private static func copy(through preview: inout RedactionPreview) throws {
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        writeToStandardError("error: cannot read standard input: \(String(cString: strerror(errno)))")
        throw ExitCode.failure
      }
      if count == 0 { break }
      preview.append(chunk[..<count])
      try write(&preview)
    }
    preview.finish()
    try write(&preview)
  }

  private static func write(_ preview: inout RedactionPreview) throws {
    try preview.output.withUnsafeBytes { bytes throws(ExitCode) in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
          writeToStandardError("error: cannot write to standard output: \(String(cString: strerror(errno)))")
          throw ExitCode.failure
        }
        rest = rest.dropFirst(count)
      }
    }
    preview.removeOutput()
  }
}
