/// How many dead letters a file holds, by exporter and kind of reason.
package struct DeadLetterSummary: Sendable {
  /// What is counted together.
  package struct Key: Sendable, Hashable {
    package var exporter: String
    package var reason: String
  }

  /// Letters counted together.
  package struct Row: Sendable, Equatable {
    package var letters = 0
    package var records = 0
    /// Times of the oldest and the newest.
    package var first = ""
    package var last = ""
  }

  /// Further reasons are counted as `other`.
  package static let maxRows = 1000

  package private(set) var rows: [Key: Row] = [:]
  /// Lines that hold no dead letter.
  package private(set) var unreadableLines = 0

  package init() {}

  /// Counts the lines of a file.
  package init(path: String) throws(FileFailure) {
    var reader = try DeadLetterReader(path: path)
    while let line = try reader.next() { count(line) }
  }

  private mutating func count(_ line: DeadLetterReader.Line) {
    guard let letter = line.letter else {
      if !line.bytes.isEmpty || line.range.count > 1 { unreadableLines += 1 }
      return
    }
    var key = Key(exporter: letter.exporter, reason: letter.reasonKind)
    if rows[key] == nil, rows.count >= Self.maxRows { key = Key(exporter: "other", reason: "other") }
    var row = rows[key] ?? Row(first: letter.time, last: letter.time)
    row.letters += 1
    row.records &+= letter.records
    row.first = min(row.first, letter.time)
    row.last = max(row.last, letter.time)
    rows[key] = row
  }
}
