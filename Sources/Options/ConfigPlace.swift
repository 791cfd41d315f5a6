/// Where a value or key stands: a file (or another named source) with a line and a column, both from 1.
package struct ConfigPlace: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The file's path, or the name of another source.
  package var source: String
  /// The line, from 1.
  package var line: Int
  /// The column in characters, from 1.
  package var column: Int

  /// What places of the command line's `--signals` name as their source.
  package static let signalsArgument = "--signals"

  /// A place in a source, by default its start.
  package init(source: String, line: Int = 1, column: Int = 1) {
    self.source = source
    self.line = line
    self.column = column
  }

  /// The form editors can jump to: `file.yaml:12:7`. The start of a setting of the command line is the setting.
  package var description: String {
    let isArgument = source.hasPrefix("--set") || source == Self.signalsArgument
    return isArgument && line == 1 && column == 1 ? source : "\(source):\(line):\(column)"
  }

  /// Orders by source, then line, then column.
  package static func < (a: ConfigPlace, b: ConfigPlace) -> Bool {
    (a.source, a.line, a.column) < (b.source, b.line, b.column)
  }
}
