import Testing

@testable import LogPipeline

/// Batches and statements as tests write them.
enum OTTLTesting {
  /// A batch of one record, of the members that are given in OTLP JSON.
  static func batch(_ record: String = "", scope: String = "", resource: String = "") throws -> LogBatch {
    try batch(of: [record], scope: scope, resource: resource)
  }

  /// A batch of records of one scope and one resource.
  static func batch(of records: [String], scope: String = "", resource: String = "") throws -> LogBatch {
    let listed = records.map { "{\($0)}" }.joined(separator: ",")
    let text =
      #"{"resourceLogs":[{"resource":{\#(resource)},"scopeLogs":[{"scope":{\#(scope)},"logRecords":[\#(listed)]}]}]}"#
    return try decoded(text)
  }

  /// Two resources, three scopes, four records.
  static func batchOfFour() throws -> LogBatch {
    try decoded(
      #"""
      {"resourceLogs":[
        {"resource":{"attributes":[{"key":"r","value":{"intValue":1}}]},"scopeLogs":[
          {"scope":{"name":"a"},"logRecords":[{"severityNumber":1},{"severityNumber":2}]},
          {"scope":{"name":"b"},"logRecords":[{"severityNumber":3}]}]},
        {"resource":{"attributes":[{"key":"r","value":{"intValue":2}}]},"scopeLogs":[
          {"scope":{"name":"c"},"logRecords":[{"severityNumber":4}]}]}]}
      """#)
  }

  /// A batch of a whole request in OTLP JSON.
  static func decoded(_ json: String) throws -> LogBatch {
    var batch = LogBatch()
    batch.receivedUnixNano = 1_700_000_000_000_000_000
    try batch.decode(json: Array(json.utf8), limits: DecodeLimits())
    return batch
  }

  /// A program of one group.
  static func program(
    _ statements: [String], context: OTTLContext? = .log, conditions: [String] = [], mode: OTTLErrorMode = .ignore
  ) throws -> OTTLProgram {
    try OTTLProgram([group(statements, context: context, conditions: conditions, mode: mode)])
  }

  static func group(
    _ statements: [String], context: OTTLContext? = .log, conditions: [String] = [], mode: OTTLErrorMode = .ignore,
    sharesCache: Bool = false
  ) throws -> OTTLGroupSource {
    OTTLGroupSource(
      context: context, conditions: try conditions.map { try OTTLParser.condition($0) },
      statements: try statements.map { try OTTLParser.statement($0) }, errorMode: mode, sharesCache: sharesCache)
  }

  /// Runs statements over a batch and returns the faults of each.
  @discardableResult
  static func run(
    _ statements: String..., on batch: inout LogBatch, context: OTTLContext? = .log
  ) throws -> [OTTLFault?] {
    let program = try program(statements, context: context)
    try program.run(over: &batch, of: RequestContext())
    expectInvariants(of: batch)
    return program.groups[0].statements.map(\.tally.faults.lastFault)
  }

  /// What a statement makes of the attributes of a record that has these, in OTLP JSON.
  static func attributes(
    _ json: String, _ statements: String..., faults: [OTTLFault] = []
  ) throws -> [Readable.Pair] {
    var batch = try batch(#""attributes":[\#(json)]"#)
    let program = try program(statements)
    try program.run(over: &batch, of: RequestContext())
    expectInvariants(of: batch)
    #expect(program.groups[0].statements.compactMap(\.tally.faults.lastFault) == faults)
    return batch.recordAttributes[0]
  }

  /// What an expression comes to for the first record of a batch.
  static func value(
    _ expression: String, on batch: borrowing LogBatch, request: RequestContext = RequestContext()
  ) throws -> OTTLConstant? {
    var compiler = OTTLCompiler(functions: .converters)
    let node = try compiler.value(try OTTLParser.value(expression))
    compiler.code.sharePaths()
    var run = OTTLRun(compiler.code, request: request)
    run.batch = batch.copied()
    run.stand(at: 0, of: .log)
    return run.constant(try run.evaluate(node))
  }

  /// The fault of an expression; nil if it comes to something.
  static func fault(_ expression: String, on batch: borrowing LogBatch) throws -> OTTLFault? {
    do {
      _ = try value(expression, on: batch)
      return nil
    } catch let fault as OTTLFault {
      return fault
    }
  }

  /// Whether a condition holds for each record.
  static func matches(
    _ condition: String, in batch: borrowing LogBatch, context: OTTLContext? = .log
  ) throws -> [Bool] {
    let conditions = try OTTLConditions([try OTTLParser.condition(condition)], context: context)
    return try conditions.matches(in: batch, of: RequestContext())
  }

  /// What is wrong with a statement, found when it is compiled.
  static func problem(_ statement: String, context: OTTLContext? = .log) throws -> String? {
    do {
      _ = try program([statement], context: context)
      return nil
    } catch let problems as OTTLSourceProblems {
      return problems.all.first?.error.described(in: statement)
    }
  }

  /// Fails where the invariants of a batch do not hold (docs/ARCHITECTURE.md).
  static func expectInvariants(
    of batch: borrowing LogBatch, maxDepth: Int = 64, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    if let problem = BatchCheck.problem(of: batch, maxDepth: maxDepth) {
      Issue.record("\(problem)", sourceLocation: sourceLocation)
    }
  }
}

/// Looks for what a batch must not be.
enum BatchCheck {
  /// The first invariant that does not hold; nil if all do.
  static func problem(of batch: borrowing LogBatch, maxDepth: Int) -> String? {
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
        return "the key \(batch.text(entry.key)) comes twice"
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
