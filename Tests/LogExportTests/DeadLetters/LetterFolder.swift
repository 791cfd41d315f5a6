import Glibc
import LogPipeline

@testable import LogExport

/// A folder of its own for a test, removed with it.
final class LetterFolder: Sendable {
  let folder: String
  var path: String { folder + "/dead.ndjson" }

  init() {
    var template = Array(("/tmp/dead-letters-" + String(repeating: "X", count: 6)).utf8CString)
    folder = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp/no-folder"
  }

  deinit {
    for name in files { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  var files: [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  func text(_ name: String = "dead.ndjson") -> String {
    guard let file = fopen("\(folder)/\(name)", "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  func append(_ text: String) {
    guard let file = fopen(path, "a") else { return }
    fputs(text, file)
    fclose(file)
  }

  var letters: [DeadLetter] { text().split(separator: "\n").compactMap { DeadLetter(line: Array($0.utf8)) } }

  /// A file of these options at `path`.
  func file(time: ExportTime = .system, _ change: (inout DeadLetterOptions) -> Void = { _ in }) -> DeadLetterFile {
    var options = DeadLetterOptions()
    options.path = path
    change(&options)
    return DeadLetterFile(options, time: time)
  }
}

/// Records that a destination rejected.
func rejected(
  _ text: String, records: Int = 1, by exporter: String = "elasticsearch", because reason: String = "bad: thing",
  as format: BodyFormat = .bulk, to route: DialectRoute = .http(path: "/_bulk", headers: [])
) -> RejectedRecords {
  RejectedRecords(
    destination: exporter, body: body(Array(text.utf8), records: records), reason: reason, attempts: 2,
    firstSentUnixMilliseconds: 1_700_000_000_123, format: format, route: route)
}

/// A record of a bulk body.
func bulk(_ numbers: Int...) -> String {
  numbers.map { "{\"create\":{\"_index\":\"logs\"}}\n{\"n\":\($0)}\n" }.joined()
}

/// What sends letters again: VictoriaLogs' for the exporter `vl`, OTLP's for `otlp`, Elasticsearch's for all others.
@Sendable func replayDialect(_ exporter: String, _ format: BodyFormat) -> (any Dialect)? {
  switch exporter {
  case "vl": VictoriaLogsOptions.replayDialect(format)
  case "otlp": format == .otlp ? OTLPDialect(transport: .http) : nil
  default: ElasticsearchOptions.replayDialect(format)
  }
}

extension ReplayDialect {
  init?(_ letter: DeadLetter) {
    guard let format = letter.format, let base = replayDialect(letter.exporter, format) else { return nil }
    self.init(letter, speaking: base)
  }
}
