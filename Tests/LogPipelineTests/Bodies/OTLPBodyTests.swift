import LogPipeline
import Testing

/// Bodies that are cut.
@Suite struct OTLPBodyTests {
  private let dialect = OTLPDialect(transport: .grpc)

  @Test func aBodyIsHalvedDownToSmallGroupsAndLosesNothing() throws {
    let filler = String(repeating: "f", count: 2000)
    var scopeLogs = Message(.message(1, .string(1, "scope")))
    for index in 0..<300 { scopeLogs = scopeLogs + .message(2, .record(body: .text("\(index) \(filler)"))) }
    let encoded = try Encoded(.message(1, .message(2, scopeLogs)), as: dialect)
    var whole: [(bytes: [UInt8], records: Int)] = [(encoded.bytes, encoded.records)]
    var total = 0
    while let part = whole.popLast() {
      var batch = LogBatch()
      try batch.decode(protobuf: part.bytes, limits: DecodeLimits())
      #expect(batch.records.count == part.records)
      guard let split = part.bytes.withUnsafeBytes({ dialect.middle(of: $0) }) else {
        #expect(part.bytes.count < 70_000)
        total += part.records
        continue
      }
      #expect(split.offset > 0 && split.offset < part.bytes.count)
      whole.append((Array(part.bytes[..<split.offset]), split.recordsBefore))
      whole.append((Array(part.bytes[split.offset...]), part.records - split.recordsBefore))
    }
    #expect(total == 300)
  }

  @Test func malformedBodiesHaveNoMiddle() {
    for bytes in [[], [0x0A], [0x0A, 0x05, 1], [0x0A, 0x00, 0xFF], Array(repeating: 0xFF, count: 40)] as [[UInt8]] {
      #expect(bytes.withUnsafeBytes { dialect.middle(of: $0) } == nil)
    }
  }

  @Test func aResourceIsCutBetweenItsRecords() throws {
    var logs = Message.message(1, .resource(.pair("r", .text("shared"))))
    for scope in 0..<3 {
      var scopeLogs = Message.message(1, .string(1, "scope \(scope)"))
      for record in 1...2 { scopeLogs = scopeLogs + .message(2, .fixed64(1, UInt64(scope * 2 + record))) }
      logs = logs + .message(2, scopeLogs)
    }
    let body = Message.message(1, logs + .string(3, "url")).bytes
    var times: [UInt64] = []
    var rest = [body]
    while let next = rest.popLast() {
      var batch = LogBatch()
      try batch.decode(protobuf: next, limits: DecodeLimits())
      #expect(batch.resources.count == 1 && batch.resources[0].attributes.count == 1)
      guard let halves = next.withUnsafeBytes({ dialect.halves(of: $0) }) else {
        #expect(batch.records.count == 1)
        times += batch.records.map { batch.effectiveTimeUnixNano($0) }
        continue
      }
      #expect(halves.recordsInFirst == batch.records.count / 2)
      rest += [halves.second, halves.first]
    }
    #expect(times == [1, 2, 3, 4, 5, 6])
  }

  @Test func onlyASingleResourceWithSeveralRecordsHasHalves() {
    let one = Message.request(records: .int(2, 1)).bytes
    for bytes in [[], one, one + one, [0x0A, 0x05, 1], [0x0A, 0x00], Array(repeating: 0xFF, count: 40)] as [[UInt8]] {
      #expect(bytes.withUnsafeBytes { dialect.halves(of: $0) } == nil)
    }
  }

  // MARK: Other signals

  /// The parts of a body of one resource, as small as they can be.
  private func parts(_ body: [UInt8], _ dialect: OTLPDialect, records: Int) -> [(bytes: [UInt8], records: Int)] {
    guard let halves = body.withUnsafeBytes({ dialect.halves(of: $0) }) else { return [(body, records)] }
    #expect((1..<records).contains(halves.recordsInFirst))
    return parts(halves.first, dialect, records: halves.recordsInFirst)
      + parts(halves.second, dialect, records: records - halves.recordsInFirst)
  }

  @Test func metricsAreCutBetweenMetricsAndCountedInPoints() throws {
    let dialect = OTLPDialect(transport: .grpc, signal: .metrics)
    let none = Message(.string(1, "no points"), .message(5, Message()))
    let body = Message.group(.gauge(points: 1), none, .gauge(points: 99), .metrics[1], none).bytes
    #expect(body.withUnsafeBytes { dialect.bodyFormat.count(in: $0) } == 101)
    let parts = parts(body, dialect, records: 101)
    #expect(parts.map(\.records) == [1, 99, 1])
    for part in parts {
      let request = try SignalRequest(.metrics, Message(raw: part.bytes))
      #expect(request.items == part.records && request.json.contains("service.name"))
    }
    let single = Message.group(.gauge(points: 5)).bytes
    #expect(single.withUnsafeBytes { dialect.halves(of: $0) } == nil)
  }

  @Test func tracesAreCutBetweenResourcesAndSpans() throws {
    let dialect = OTLPDialect(transport: .grpc, signal: .traces)
    let (first, second) = (Message.group(.span(), .span("b")), Message.group(.span("c")))
    let body = (first + second).bytes
    #expect(
      body.withUnsafeBytes { dialect.middle(of: $0) } == Split(offset: first.bytes.count, recordsBefore: 2))
    #expect(parts(first.bytes, dialect, records: 2).map(\.records) == [1, 1])
    #expect(
      body.withUnsafeBytes { dialect.bodyFormat.pieces(of: $0, records: 3).map(\.records) } == [2, 1])
  }
}
