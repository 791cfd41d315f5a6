/// What blocks need not be read, by what is known of them.
extension Query {
  /// False if no record of a block can be meant, as its entry tells.
  func mayMatch(_ entry: BlockEntry) -> Bool {
    switch self {
    case .all, .not, .trace, .stream, .field: true
    case .and(let list): list.allSatisfy { $0.mayMatch(entry) }
    case .or(let list): list.contains { $0.mayMatch(entry) }
    case .time(let range): range.lowerBound <= entry.latest && entry.earliest <= range.upperBound
    case .severity(let mask): entry.severities & mask != 0
    }
  }

  /// Whether filters of blocks can tell anything.
  var usesFilters: Bool {
    switch self {
    case .all, .not, .time, .severity: false
    case .trace, .stream: true
    case .and(let list), .or(let list): list.contains(where: \.usesFilters)
    case .field(_, .words(let needle)): !needle.hashes.isEmpty
    case .field(let field, .exact(let text)): field.hasWords && !text.isEmpty
    case .field: false
    }
  }

  /// False if no record of a block can be meant, as its filters tell.
  func mayMatch(_ block: Block) throws -> Bool {
    switch self {
    case .all, .not, .time, .severity: return true
    case .and(let list): return try list.allSatisfy { try $0.mayMatch(block) }
    case .or(let list): return try list.contains { try $0.mayMatch(block) }
    case .trace(let id):
      let hash = id.withUnsafeBytes { WordSet.hash(ofID: $0) }
      return try block.idFilter().withUnsafeBytes { WordSet.mayHave(hash, in: $0) }
    case .stream(let id): return try block.idFilter().withUnsafeBytes { WordSet.mayHave(id, in: $0) }
    case .field(let field, .words(let needle)): return try !field.hasWords || Self.has(needle.hashes, block)
    case .field(let field, .exact(let text)):
      return try !field.hasWords || Self.has(Needle(String(decoding: text, as: UTF8.self)).hashes, block)
    case .field: return true
    }
  }

  private static func has(_ hashes: [UInt64], _ block: Block) throws -> Bool {
    if hashes.isEmpty { return true }
    let filter = try block.wordFilter()
    // A block without a filter says nothing.
    return filter.isEmpty
      || filter.withUnsafeBytes { filter in hashes.allSatisfy { WordSet.mayHave($0, in: filter) } }
  }
}

extension QueryField {
  /// Whether the words of such values are in the filters of blocks.
  var hasWords: Bool { self != .traceID && self != .spanID }
}
