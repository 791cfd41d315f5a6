import FrameQueues
import Options
import Testing

@testable import LogPipeline

@Suite struct BalancedDialectTests {
  private let table = MemberTable(["a:1", "b:1", "c:1"])

  /// What of some requests is queued for each member, as bodies.
  private func queued(
    _ signal: Signal = .logs, _ key: BalancedDialect.Key, _ requests: [Message], table: MemberTable? = nil
  ) throws -> [String: [UInt8]] {
    let dialect = BalancedDialect(key, signal: signal, members: table ?? self.table)
    let destination = Destination(id: "d", dialect: dialect, queue: MemoryQueue())
    let pipeline = Pipeline(id: signal.rawValue, signal: signal, steps: [], destinations: [destination])
    let ingest = IngestPipeline(signal, pipelines: [pipeline], limits: DecodeLimits())
    for request in requests {
      _ = try ingest.ingest(request.bytes, as: .protobuf, receivedUnixNano: 1, with: IngestScratch())
    }
    var found: [String: [UInt8]] = [:]
    var (told, counted) = (0, 0)
    while let lease = destination.queue.lease(maxBytes: .max) {
      lease.withUnsafeBytes { bytes in
        for section in Sections(bytes, as: dialect.bodyFormat) {
          let text = String(decoding: bytes[section.fields], as: UTF8.self)
          let content = UnsafeRawBufferPointer(rebasing: bytes[section.content])
          found[String(text.dropFirst(":@member: ".count)), default: []] += Array(content)
          told += section.records ?? 0
          counted += dialect.bodyFormat.count(in: content)
        }
      }
      destination.queue.acknowledge(lease)
    }
    #expect(told == counted && told == destination.appended.records)
    return found
  }

  private func id(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 16) }
  private func member(of id: [UInt8]) throws -> String {
    let trace = TraceID(high: UInt64(id[0]) &* 0x0101_0101_0101_0101, low: UInt64(id[0]) &* 0x0101_0101_0101_0101)
    return table.ring.members[try #require(table.ring.place(of: MemberRing.key(of: trace)))]
  }

  private func record(_ trace: UInt8?, _ attributes: Message = Message()) -> Message {
    Message(.int(2, 1), trace.map { .bytes(9, id($0)) } ?? Message(), attributes)
  }
  private func group(_ service: String, _ records: [Message], field: UInt64 = 2) -> Message {
    let scope = Message(records.map { .message(field, $0) })
    let resource = Message.message(1, .message(1, .pair("service.name", .text(service))))
    return .message(1, Message(resource, .message(2, scope)))
  }

  /// The trace ids (field `field` of records) and services in a body.
  private func traces(in body: [UInt8], field: UInt64) -> [UInt8] {
    body.withUnsafeBytes { bytes in
      var found: [UInt8] = []
      var groups = ProtobufFields(bytes)
      while let group = groups.next() {
        let whole = UnsafeRawBufferPointer(rebasing: bytes[group.start..<groups.index])
        OTLPBody.traces.forEachRecord(of: whole) { record in
          var fields = ProtobufFields(record)
          while let one = fields.next() {
            if one.number == field { found.append(record[one.content.lowerBound]) }
          }
        }
      }
      return found
    }
  }

  @Test func recordsOfATraceGoToOneMember() throws {
    let numbers = (1...60).map { UInt8($0) }
    let request = group("s", numbers.map { record($0) }) + group("t", numbers.reversed().map { record($0) })
    let found = try queued(.logs, .trace, [request, request])
    #expect(Set(found.keys) == ["a:1", "b:1", "c:1"])
    for (name, body) in found {
      for trace in traces(in: body, field: 9) { #expect(try member(of: id(trace)) == name) }
    }
    let all = found.values.flatMap { traces(in: $0, field: 9) }.sorted()
    #expect(all == (numbers + numbers + numbers + numbers).sorted())
  }

  @Test func recordsOfNoTraceStayTogether() throws {
    #expect(try queued(.logs, .trace, [group("s", (0..<50).map { _ in record(nil) })]).count == 1)
  }

  @Test func recordsOfAServiceGoToOneMember() throws {
    let services = (0..<30).map { "s\($0)" }
    let found = try queued(.logs, .service, services.map { group($0, [record(1), record(2)]) })
    #expect(found.count == 3)
    for service in services {
      #expect(found.values.count { String(decoding: $0, as: UTF8.self).contains("\(service)\u{12}") } <= 1)
    }
  }

  @Test func attributesOfTheResourceComeBeforeThoseOfTheRecord() throws {
    func user(_ name: String) -> Message { .message(6, .pair("user", .text(name))) }
    let byRecord = try queued(
      .logs, .attributes(["user"]), [group("s", (0..<30).map { record(1, user("u\($0)")) })])
    #expect(byRecord.count == 3)
    let byResource = try queued(
      .logs, .attributes(["service.name"]), [group("s", (0..<30).map { record(1, user("u\($0)")) })])
    #expect(byResource.count == 1)
    let missing = try queued(.logs, .attributes(["nowhere"]), (0..<9).map { group("s\($0)", [record(1)]) })
    #expect(missing.count == 1)
  }

  // MARK: Other signals

  private func span(_ trace: UInt8) -> Message { Message(.bytes(1, id(trace)), .bytes(2, [UInt8](1...8))) }

  @Test func spansOfATraceGoToOneMemberAndEachGoesOnce() throws {
    let numbers = (1...40).map { UInt8($0) }
    let request = group("s", numbers.map { span($0) }) + group("t", [span(7), span(7)])
    let found = try queued(.traces, .trace, [request])
    #expect(found.count == 3)
    for (name, body) in found {
      for trace in traces(in: body, field: 1) { #expect(try member(of: id(trace)) == name) }
      #expect(try SignalRequest(.traces, Message(raw: body)).items == traces(in: body, field: 1).count)
    }
    #expect(found.values.flatMap { traces(in: $0, field: 1) }.sorted() == (numbers + [7, 7]).sorted())
  }

  @Test func aResourceOfOneMemberGoesAsItCame() throws {
    let request = group("s", [span(5), span(5)])
    #expect(try queued(.traces, .trace, [request]) == [member(of: id(5)): request.bytes])
  }

  @Test func spansGoByTheirServiceIfAsked() throws {
    let requests = (0..<30).map { group("s\($0)", [span(1), span(2)]) }
    let found = try queued(.traces, .service, requests)
    #expect(found.count == 3 && found.values.reduce(0) { $0 + $1.count } == requests.reduce(0) { $0 + $1.bytes.count })
  }

  @Test func logsAndSpansOfATraceMeet() throws {
    for trace in UInt8(1)...20 {
      let logs = try queued(.logs, .trace, [group("s", [record(trace)])])
      let spans = try queued(.traces, .trace, [group("s", [span(trace)])])
      #expect(Array(logs.keys) == Array(spans.keys))
    }
  }

  @Test func withoutMembersRecordsWaitForAny() throws {
    let found = try queued(.logs, .trace, [group("s", [record(1), record(2)])], table: MemberTable())
    #expect(Array(found.keys) == [""])
    #expect(BalancedDialect(.trace, members: table).sectionMarks == .written)
  }
}
