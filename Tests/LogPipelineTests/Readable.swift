import LogPipeline

/// A value of a batch as nested Swift values, for tests to compare.
indirect enum Readable: Equatable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  case empty
  case string(String)
  case bool(Bool)
  case int(Int64)
  case double(UInt64)
  case bytes([UInt8])
  case array([Readable])
  case map([Pair])

  struct Pair: Equatable, Sendable {
    var key: String
    var value: Readable

    init(_ key: String, _ value: Readable) {
      self.key = key
      self.value = value
    }
  }

  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int64) { self = .int(value) }
  static func double(_ value: Double) -> Readable { .double(value.bitPattern) }
}

extension LogBatch {
  func text(_ slice: ByteSlice) -> String { String(decoding: store[slice.range], as: UTF8.self) }

  func readable(_ value: Value) -> Readable {
    switch value.kind {
    case .empty: .empty
    case .string: .string(text(value.slice))
    case .bool: .bool(value.boolValue)
    case .int: .int(value.intValue)
    case .double: .double(value.doubleValue.bitPattern)
    case .bytes: .bytes(Array(store[value.slice.range]))
    case .array: .array(nested[value.entries.indices].map { readable($0.value) })
    case .map: .map(nested[value.entries.indices].map { Readable.Pair(text($0.key), readable($0.value)) })
    }
  }

  func readable(_ range: EntryRange) -> [Readable.Pair] {
    attributes[range.indices].map { Readable.Pair(text($0.key), readable($0.value)) }
  }
}
