import LogPipeline
import Testing

/// Input that is malformed, over a limit or made to harm: an error that says where, never a crash.
@Suite struct DecodeJSONHostileTests {
  private func nested(_ depth: Int, kind: String) -> String {
    let (open, close) =
      kind == "array" ? (#"{"arrayValue":{"values":["#, "]}}") : (#"{"kvlistValue":{"values":[{"value":"#, "}]}}")
    return String(repeating: open, count: depth) + "{}" + String(repeating: close, count: depth)
  }

  @Test(arguments: ["array", "kvlist"])
  func J16_valuesMayNestUpToTheLimit(kind: String) throws {
    var limits = DecodeLimits()
    limits.maxDepth = 64
    #expect(JSONRequest.error(JSONRequest.body(nested(63, kind: kind)), limits: limits) == nil)
    let error = JSONRequest.error(JSONRequest.body(nested(64, kind: kind)), limits: limits)
    #expect(error?.reason == .tooDeep(limit: 64))
    limits.maxDepth = 1
    #expect(JSONRequest.error(JSONRequest.body("{}"), limits: limits) == nil)
    #expect(JSONRequest.error(JSONRequest.body(nested(1, kind: kind)), limits: limits)?.reason == .tooDeep(limit: 1))
  }

  @Test(arguments: ["[]", #"{"a":}"#])
  func J16_whatIsSkippedMayNestFourTimesAsDeep(brackets: String) throws {
    let (open, close) = (String(brackets.dropLast()), String(brackets.suffix(1)))
    var limits = DecodeLimits()
    limits.maxDepth = 10
    for (depth, reason) in [(56, nil), (57, DecodeError.Reason.tooDeep(limit: 10))] {
      let skipped = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
      #expect(JSONRequest.error(#"{"unknown":\#(skipped),"resourceLogs":[]}"#, limits: limits)?.reason == reason)
    }
  }

  @Test(arguments: ["[", #"{"a":"#, #"{"arrayValue":{"values":["#, #"{"kvlistValue":{"values":[{"value":"#])
  func J16_bombsOfDepthAreRefused(open: String) {
    let bomb = String(repeating: open, count: 100_000)
    for request in [
      bomb, #"{"unknown":"# + bomb, #"{"resourceLogs":"# + bomb, #"{"resourceLogs":[{"scopeLogs":"# + bomb,
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":"# + bomb,
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"x":"# + bomb,
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"value":"# + bomb,
    ] {
      #expect(JSONRequest.error(request) != nil)
    }
  }

  @Test func recordsMayBeAsManyAsTheLimit() throws {
    var limits = DecodeLimits()
    limits.maxRecords = 3
    let request = { (count: Int) in
      #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(Array(repeating: "{}", count: count).joined(separator: ","))]}]}]}"#
    }
    #expect(try JSONRequest.decode(request(3), limits: limits).records.count == 3)
    #expect(JSONRequest.error(request(4), limits: limits)?.reason == .tooManyRecords(limit: 3))
  }

  @Test func resourcesAndScopesMayBeAsManyAsRecords() throws {
    var limits = DecodeLimits()
    limits.maxRecords = 2
    #expect(JSONRequest.error(#"{"resourceLogs":[{},{}]}"#, limits: limits) == nil)
    #expect(JSONRequest.error(#"{"resourceLogs":[{},{},{}]}"#, limits: limits)?.reason == .tooManyRecords(limit: 2))
    let scopes = { (count: Int) in Array(repeating: "{}", count: count).joined(separator: ",") }
    #expect(JSONRequest.error(#"{"resourceLogs":[{"scopeLogs":[\#(scopes(2))]}]}"#, limits: limits) == nil)
    #expect(
      JSONRequest.error(#"{"resourceLogs":[{"scopeLogs":[\#(scopes(3))]}]}"#, limits: limits)?.reason
        == .tooManyRecords(limit: 2))
  }

  @Test(arguments: [
    #""attributes":[{},{},{},@]"#, #""body":{"arrayValue":{"values":[{},{},{},@]}}"#,
    #""body":{"kvlistValue":{"values":[{},{},{},@]}}"#,
    #""attributes":[{"value":{"arrayValue":{"values":[{},@]}}},{}]"#,
    #""body":{"arrayValue":{"values":[{"arrayValue":{"values":[{"arrayValue":{"values":[{},@]}}]}}]}}"#,
    #""body":{"arrayValue":{"values":[{},{}]},"kvlistValue":{"values":[{},@]}}"#,
  ])
  func valuesMayBeAsManyAsTheLimit(members: String) throws {
    var limits = DecodeLimits()
    limits.maxValues = 4
    let request = JSONRequest.record(members)
    #expect(JSONRequest.error(request.replacing("@", with: "{}"), limits: limits) == nil)
    #expect(
      JSONRequest.error(request.replacing("@", with: "{},{}"), limits: limits)?.reason == .tooManyValues(limit: 4))
  }

  @Test func aRequestCutAtAnyByteIsRefused() {
    let request = Array(DecodeJSONTests.full.utf8)
    for count in 0..<request.count {
      let error = JSONRequest.error(Array(request[..<count]))
      #expect(error != nil, "cut to \(count) bytes")
      #expect(error?.offset ?? 0 <= count)
    }
  }

  @Test func anyByteMayBecomeAnyOtherWithoutACrash() {
    let request = Array(DecodeJSONTests.full.utf8)
    for place in request.indices {
      for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x5D, 0x2C, 0xFF] {
        var mutated = request
        mutated[place] = byte
        check(mutated)
      }
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func randomMutationsNeverCrashAndLeaveNoSliceOutsideTheStore(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let small = JSONRequest.record(
      #""timeUnixNano":"5","body":{"stringValue":"a\n\uD83D\uDE00é"},"traceId":"00","flags":1e1,"attributes":[{"key":"k","value":{"kvlistValue":{"values":[{"key":"x","value":{"bytesValue":"AA=="}},{"value":{"doubleValue":-0.5}}]}}}]"#
    )
    let original = Array(small.utf8)
    var accepted = 0
    for _ in 0..<50_000 {
      var mutated = original
      for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&mutated, &random) }
      if check(mutated) { accepted += 1 }
    }
    // Both outcomes are exercised.
    #expect((5_000...45_000).contains(accepted), "\(accepted)")
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard !bytes.isEmpty else { return }
    let place = Int(random.next() % UInt64(bytes.count))
    let tokens = Array(#"{}[]":,\u0e-1.ntf "#.utf8)
    switch random.next() % 5 {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 1: bytes[place] = tokens[Int(random.next() % UInt64(tokens.count))]
    case 2: bytes.remove(at: place)
    case 3: bytes.insert(tokens[Int(random.next() % UInt64(tokens.count))], at: place)
    default: bytes.removeSubrange(place..<min(bytes.count, place + 8))
    }
  }

  /// Decodes; if that succeeds, every slice must lie in the store and every range in its array.
  @discardableResult
  private func check(_ request: [UInt8]) -> Bool {
    guard let batch = try? JSONRequest.decode(request) else { return false }
    var isSound = true
    func see(_ slice: ByteSlice) { isSound = isSound && slice.range.upperBound <= batch.store.count }
    func see(_ attribute: Attribute) {
      see(attribute.key)
      switch attribute.value.kind {
      case .string, .bytes: see(attribute.value.slice)
      case .array, .map:
        isSound = isSound && attribute.value.entries.indices.upperBound <= batch.nested.count
      case .empty, .bool, .int, .double: break
      }
    }
    batch.attributes.forEach(see)
    batch.nested.forEach(see)
    for record in batch.records {
      see(Attribute(key: record.severityText, value: record.body))
      see(record.eventName)
      isSound = isSound && record.attributes.indices.upperBound <= batch.attributes.count
    }
    #expect(isSound)
    return true
  }
}
