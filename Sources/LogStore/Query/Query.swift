package import LogPipeline

/// Which records are meant. Compiled from text by `QueryParser`.
package indirect enum Query: Sendable {
  case all
  case and([Query])
  case or([Query])
  case not(Query)
  /// By their time, in nanoseconds since 1970.
  case time(ClosedRange<UInt64>)
  /// Bit `n` stands for severity `n`.
  case severity(UInt32)
  /// The 16 bytes of a trace id.
  case trace([UInt8])
  /// What `StreamParts.id` says.
  case stream(UInt64)
  case field(QueryField, QueryTest)
}

/// Where a value is looked for.
package enum QueryField: Sendable, Equatable {
  /// Body, attributes, what the resource and the scope have, event name, severity text.
  case anywhere
  /// The body, if it is no map.
  case message
  case severityText
  case eventName
  case traceID
  case spanID
  case scopeName
  case scopeVersion
  /// An attribute of the record, its resource or its scope, or a member of a body that is a map; members of maps by
  /// their path, with dots.
  case named(String)
}

/// What is asked of a value.
package enum QueryTest: Sendable {
  /// Whole words, whatever their case.
  case words(Needle)
  case exact([UInt8])
  case pattern(Pattern)
  case compare(QueryComparison)
  /// That there is one.
  case present
}

/// Words that are looked for.
package struct Needle: Sendable {
  /// In lower case, as far as it is ASCII.
  let bytes: [UInt8]
  /// Which ends must not be inside of a word: 1 the start, 2 the end.
  let edges: Int32
  /// The words that a text with this one has, for filters of blocks.
  let hashes: [UInt64]
  /// Whether it may be a number or a truth value, which does not lie in a record as text.
  let mayBeNumber: Bool
}

/// A value that others are compared with: as numbers if it is one, else byte by byte.
package struct QueryComparison: Sendable, Equatable {
  /// `>`, `>=`, `<` and `<=`.
  package enum Operator: String, Sendable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"

    @inline(__always)
    func holds<T: Comparable>(_ a: T, _ b: T) -> Bool {
      switch self {
      case .atLeast: a >= b
      case .atMost: a <= b
      case .above: a > b
      case .below: a < b
      }
    }
  }

  let comparison: Operator
  let text: [UInt8]
  let number: Double?

  init(_ comparison: Operator, _ text: String) {
    self.comparison = comparison
    self.text = Array(text.utf8)
    number = Double(text).flatMap { $0.isNaN ? nil : $0 }
  }
}

/// What is wrong with a query, and where.
package struct QueryError: Error, Sendable, Equatable, CustomStringConvertible {
  package let message: String
  /// The query as it was given.
  package let query: String
  /// The place in characters from its start.
  package let offset: Int

  package var description: String { "\(message), at character \(offset + 1)" }

  /// The query with a mark below the place, in two lines.
  package var excerpt: String {
    let line = String(query.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    return "\(line)\n\(String(repeating: " ", count: offset))^"
  }
}
