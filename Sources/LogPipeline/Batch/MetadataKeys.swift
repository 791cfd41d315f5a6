/// By what of a request's metadata its records are kept apart from others on their way out (`metadata_keys`): records
/// whose values differ never share a request to a destination.
package struct MetadataKeys: Sendable, Equatable {
  /// The most keys.
  package static let maxKeys = 16
  /// The longest key, in bytes.
  package static let maxKeyBytes = 128
  /// The most bytes of all keys and values of one request, as they are kept with its records.
  package static let maxTextBytes = 3072
  /// The most combinations of values that can be told apart.
  package static let mostCombinations = 100_000

  /// The names, sorted: of header fields or entries of gRPC metadata in lower case, or with `auth.` before the name of
  /// what authentication knows of the sender.
  package private(set) var names: [String]
  /// The most combinations of values that are on their way at once (`metadata_cardinality_limit`).
  package var maxCombinations = 1000
  /// The longest value, in bytes (`metadata_value_limit`).
  package var maxValueBytes = 1024
  /// Header fields to the destination that are made of values.
  package var headers: [MetadataHeader] = []
  /// The names as a context is asked for them.
  package private(set) var contextFields: [[UInt8]]

  /// Keys of these names, which are compared in lower case.
  package init(_ names: some Sequence<String>) {
    self.names = Set(names.map { Self.name($0) }).sorted()
    contextFields = self.names.map { RequestContext.fieldOrClaimName($0) }
  }

  /// A key's name as it is compared: that of a header field in lower case.
  package static func name(_ key: String) -> String { key.hasPrefix("auth.") ? key : key.lowercased() }

  /// Those of both, with the lesser limits.
  package func joined(_ other: MetadataKeys) -> MetadataKeys {
    var keys = MetadataKeys(names + other.names)
    keys.maxCombinations = min(maxCombinations, other.maxCombinations)
    keys.maxValueBytes = min(maxValueBytes, other.maxValueBytes)
    return keys
  }

  /// What a request has of the keys, as a `SectionMark` keeps it: a line `:name: value` for each value.
  func text(of request: RequestContext) throws(MetadataRefusal) -> [UInt8] {
    var text: [UInt8] = []
    for (name, field) in zip(names, contextFields) {
      let values = request.values(of: field)
      if values.count > 1, headers.contains(where: { $0.key == name }) {
        throw .ambiguous(key: name, values: values.count)
      }
      for value in values {
        if value.count > maxValueBytes { throw .longValue(key: name, bytes: value.count, limit: maxValueBytes) }
        if value.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) { throw .control(key: name) }
        if !text.isEmpty { text.append(UInt8(ascii: "\n")) }
        text += ":\(name): ".utf8
        text += value
      }
      if text.count > Self.maxTextBytes { throw .tooMuch(bytes: text.count, limit: Self.maxTextBytes) }
    }
    return text
  }
}

/// A header field to a destination that holds what a request had by a key.
package struct MetadataHeader: Sendable, Equatable {
  /// The name of the field.
  package let name: String
  /// The key, as `MetadataKeys` has it.
  package let key: String
  /// What it holds where a request had no value; nil leaves it out then.
  package let otherwise: String?

  package init(_ name: String, key: String, otherwise: String? = nil) {
    self.name = name
    self.key = key
    self.otherwise = otherwise
  }
}

/// Why a request is refused because of its metadata; quotes no value.
package enum MetadataRefusal: Error, Sendable, Equatable {
  /// As many combinations of values as may are on their way already.
  case combinations(limit: Int)
  case longValue(key: String, bytes: Int, limit: Int)
  /// All values together, with their keys.
  case tooMuch(bytes: Int, limit: Int)
  /// A header field cannot be made of several values.
  case ambiguous(key: String, values: Int)
  case control(key: String)

  /// What has the value that is at fault; nil if it is none alone.
  package var key: String? {
    switch self {
    case .combinations, .tooMuch: nil
    case .longValue(let key, _, _), .ambiguous(let key, _), .control(let key): key
    }
  }

  /// Whether the same request may be taken later.
  package var isPassing: Bool { if case .combinations = self { true } else { false } }

  /// For the sender.
  package var message: String {
    switch self {
    case .combinations(let limit):
      "\(limit) combinations of values of metadata_keys are on their way already, and this is another:"
        + " metadata_cardinality_limit is \(limit)"
    case .longValue(let key, let bytes, let limit):
      "the value of \"\(key)\" has \(bytes) bytes: metadata_value_limit is \(limit) bytes"
    case .tooMuch(let bytes, let limit):
      "the values of metadata_keys have at least \(bytes) bytes with their keys: the limit is \(limit) bytes"
    case .ambiguous(let key, let values): "\"\(key)\" has \(values) values: 1 is the most"
    case .control(let key): "the value of \"\(key)\" has control characters"
    }
  }
}
