import ArgumentParser
import Gateway
import Glibc
import LogStore
import Options
import Synchronization

/// `sluice logs`: the records of a store, on the command line.
struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show logs that an exporter store keeps.",
    discussion: """
      A query is words, "phrases", field:value, field:~"regex", severity>=warn, trace_id:…, _time:5m, with AND, OR, \
      NOT and brackets; docs/STORE.md has examples. A running gateway is asked at its admin port, which the \
      configuration, or the embedded default, says unless --address does; --path reads the folder itself.
      """)

  @Argument(help: ArgumentHelp("What is looked for; all records without it.", valueName: "query"))
  var words: [String] = []

  @OptionGroup var config: ConfigArguments

  @OptionGroup var admin: AdminArguments

  @OptionGroup var credentials: CredentialArguments

  @Option(help: ArgumentHelp("The folder of a store to read, whether a gateway runs or not.", valueName: "folder"))
  var path: String?

  @Flag(name: .shortAndLong, help: "Go on with records as they are stored.")
  var follow = false

  @Option(help: ArgumentHelp("So many records of the same stream before and after each.", valueName: "count"))
  var context: Int?

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("The newest so many at most.", valueName: "count"))
  var limit = 100

  @Flag(help: "Write JSON, one object a line.")
  var json = false

  func validate() throws {
    if !(0...1_000_000).contains(limit) { throw ValidationError("--limit: expected a number from 0 to 1000000") }
    if let context, !(0...1000).contains(context) {
      throw ValidationError("--context: expected a number from 0 to 1000")
    }
    if follow && context != nil { throw ValidationError("--context and --follow cannot be given together") }
    if path != nil && admin.address != nil { throw ValidationError("--path and --address cannot be given together") }
  }

  func run() async throws {
    if let path { try await read(path) } else { try await ask() }
  }

  private var query: String {
    let query = words.isEmpty ? "*" : words.joined(separator: " ")
    return context.map { "\(query) | limit \(limit) | stream_context before \($0) after \($0)" } ?? query
  }

  private func show(_ lines: [String]) {
    for line in lines { print(json ? line : RecordText.text(of: line)) }
    fflush(nil)
  }

  // MARK: A gateway

  private func ask() async throws {
    var (address, caller) = try admin.target(config)
    try credentials.present(by: &caller, to: address)
    do throws(AdminProbe.Failure) {
      let shown = limit > 0 ? try await askForNewest(address, caller) : []
      if follow { try await askForMore(address, caller, besides: Set(shown)) }
    } catch {
      // The lines of the answer; a query with its place is among them.
      writeToStandardError("error: \(address): \(visibleLines("\(error)"))")
      throw ExitCode.failure
    }
  }

  private func askForNewest(_ address: Endpoint, _ caller: AdminCaller) async throws(AdminProbe.Failure) -> [String] {
    let arguments = [(name: "query", value: query)] + (context == nil ? [(name: "limit", value: "\(limit)")] : [])
    let buffer = LineBuffer()
    let incomplete = try await AdminStream("/select/logsql/query", arguments, at: address, by: caller)
      .read { buffer.add($0) }
    let lines = context == nil ? buffer.take().reversed() : buffer.take()
    show(lines)
    if let incomplete { writeToStandardError("not all was searched: \(visible(incomplete))") }
    return lines
  }

  /// What was stored while the newest were shown comes too, once.
  private func askForMore(
    _ address: Endpoint, _ caller: AdminCaller, besides shown: Set<String>
  ) async throws(AdminProbe.Failure) {
    let arguments = [(name: "query", value: query), (name: "start_offset", value: shown.isEmpty ? "" : "2s")]
    let buffer = LineBuffer()
    _ = try await AdminStream("/select/logsql/tail", arguments, at: address, by: caller).read { bytes in
      buffer.add(bytes)
      show(buffer.take().filter { !shown.contains($0) })
    }
  }

  // MARK: A folder

  private func read(_ folder: String) async throws {
    do {
      if try QueryParser.parsePiped(query, nowUnixNano: WallClock.unixNano).pipes.stats != nil {
        writeToStandardError("error: stats is what a running gateway answers: leave out --path")
        throw ExitCode.failure
      }
      var view = try StoreView.read(folder)
      if limit > 0 { try show(newest(in: view)) }
      var next = view.endOrdinal
      while follow {
        try await Task.sleep(for: .seconds(1))
        view = try StoreView.read(folder, known: view)
        let (query, pipes) = try QueryParser.parsePiped(query, nowUnixNano: WallClock.unixNano)
        let found = try view.tail(query, fromOrdinal: next, limit: 10_000)
        next = found.nextOrdinal
        show(Self.lines(found.result.records, pipes))
      }
    } catch let error as QueryError {
      writeToStandardError("error: \(error)\n\(visibleLines(error.excerpt))")
      throw ExitCode.failure
    } catch let error as StoreError {
      writeToStandardError("error: \(error)")
      throw ExitCode.failure
    }
  }

  private func newest(in view: StoreView) throws -> [String] {
    var (query, pipes) = try QueryParser.parsePiped(query, nowUnixNano: WallClock.unixNano)
    if context == nil { pipes.limit = min(pipes.limit ?? limit, limit) }
    let found = try view.records(query, pipes)
    if let stop = found.report.stop { writeToStandardError("not all was searched: \(stop)") }
    return Self.lines(context == nil ? found.records.reversed() : found.records, pipes)
  }

  private static func lines(_ records: [StoredRecord], _ pipes: QueryPipes) -> [String] {
    var writer = RecordLineWriter(fields: pipes.fields)
    for record in records { writer.append(record) }
    return LineBuffer.lines(of: writer.array)
  }
}

/// Bytes as they come, cut into lines.
final class LineBuffer: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  func add(_ more: [UInt8]) { bytes.withLock { $0 += more } }

  /// The whole lines that there are, each once.
  func take() -> [String] {
    bytes.withLock { bytes in
      guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
      defer { bytes.removeFirst(end + 1) }
      return Self.lines(of: bytes[...end])
    }
  }

  static func lines(of bytes: some Collection<UInt8>) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }
}
