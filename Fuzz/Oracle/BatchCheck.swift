package import LogPipeline

/// Looks for what a batch must not be (docs/ARCHITECTURE.md, "Invariants").
package enum BatchCheck {
  /// The first invariant that does not hold; nil if all do.
  package static func problem(of batch: borrowing LogBatch, maxDepth: Int) -> String? {
    for resource in batch.resources {
      if let problem = problem(of: resource.attributes, "resource", batch, maxDepth) { return problem }
      if let problem = problem(of: resource.schemaURL, "schema URL", batch) { return problem }
    }
    for scope in batch.scopes {
      if scope.resource >= batch.resources.count { return "a scope's resource is none" }
      if let problem = problem(of: scope.attributes, "scope", batch, maxDepth) { return problem }
      for slice in [scope.name, scope.version, scope.schemaURL] {
        if let problem = problem(of: slice, "scope", batch) { return problem }
      }
    }
    for record in batch.records {
      if record.scope >= batch.scopes.count { return "a record's scope is none" }
      if let problem = problem(of: record.attributes, "record", batch, maxDepth) { return problem }
      if let problem = problem(of: record.body, 1, batch, maxDepth) { return "body: \(problem)" }
      for slice in [record.severityText, record.eventName] {
        if let problem = problem(of: slice, "record", batch) { return problem }
      }
    }
    return problem(ofSharing: batch)
  }

  private static func problem(of slice: ByteSlice, _ owner: String, _ batch: borrowing LogBatch) -> String? {
    guard Int(slice.offset) + Int(slice.count) <= batch.store.count || slice.isEmpty else {
      return "\(owner): a slice lies outside of the store"
    }
    return String(validating: batch.store[slice.range], as: UTF8.self) == nil ? "\(owner): a text is not UTF-8" : nil
  }

  private static func problem(
    of range: EntryRange, _ owner: String, _ batch: borrowing LogBatch, _ maxDepth: Int
  ) -> String? {
    guard range.isEmpty || range.indices.upperBound <= batch.attributes.count else {
      return "\(owner): attributes lie outside"
    }
    return problem(ofEntries: Array(batch.attributes[range.isEmpty ? 0..<0 : range.indices]), 1, batch, maxDepth)
      .map { "\(owner): \($0)" }
  }

  private static func problem(
    ofEntries entries: [Attribute], _ depth: Int, _ batch: borrowing LogBatch, _ maxDepth: Int
  ) -> String? {
    var keys: Set<[UInt8]> = []
    for entry in entries {
      if let problem = problem(of: entry.key, "key", batch) { return problem }
      if !keys.insert(Array(batch.store[entry.key.range])).inserted {
        return "the key \(String(decoding: batch.store[entry.key.range], as: UTF8.self).debugDescription) comes twice"
      }
      if let problem = problem(of: entry.value, depth, batch, maxDepth) { return problem }
    }
    return nil
  }

  private static func problem(
    of value: Value, _ depth: Int, _ batch: borrowing LogBatch, _ maxDepth: Int
  ) -> String? {
    if depth > maxDepth { return "values are nested \(depth) levels deep" }
    switch value.kind {
    case .empty, .bool, .int, .double: return nil
    case .string: return problem(of: value.slice, "string", batch)
    case .bytes:
      return Int(value.slice.offset) + Int(value.slice.count) <= batch.store.count ? nil : "bytes lie outside"
    case .array, .map:
      let range = value.entries
      guard range.isEmpty || range.indices.upperBound <= batch.nested.count else { return "members lie outside" }
      let entries = range.isEmpty ? [] : Array(batch.nested[range.indices])
      if value.kind == .map { return problem(ofEntries: entries, depth + 1, batch, maxDepth) }
      for entry in entries {
        if let problem = problem(of: entry.value, depth + 1, batch, maxDepth) { return problem }
      }
      return nil
    }
  }

  /// No two owners have an entry in common, so that an edit of one is none of the other.
  private static func problem(ofSharing batch: borrowing LogBatch) -> String? {
    var attributes: Set<Int> = []
    var nested: Set<Int> = []
    var values: [Value] = batch.records.map(\.body)
    let ranges =
      batch.records.map(\.attributes) + batch.scopes.map(\.attributes) + batch.resources.map(\.attributes)
    for range in ranges where !range.isEmpty {
      for index in range.indices {
        if !attributes.insert(index).inserted { return "two owners have the attribute \(index)" }
        values.append(batch.attributes[index].value)
      }
    }
    while let value = values.popLast() {
      guard value.kind == .map || value.kind == .array, !value.entries.isEmpty else { continue }
      for index in value.entries.indices {
        if !nested.insert(index).inserted { return "two values have the member \(index)" }
        values.append(batch.nested[index].value)
      }
    }
    return nil
  }
}
