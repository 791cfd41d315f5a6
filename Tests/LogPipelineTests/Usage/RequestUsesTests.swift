import FrameQueues
import Testing

@testable import LogPipeline

@Suite struct RequestUsesTests {
  /// Resources with this service, so many records, and bodies of so many bytes.
  private static let resources: [(service: String?, records: Int, bytes: Int)] = [
    ("a", 3, 10), ("b", 0, 0), (nil, 5, 100), ("a", 200, 1), ("c", 1, 1000),
  ]

  private static let protobuf = resources.map { resource in
    let attribute = resource.service.map { Message.message(1, .pair("service.name", .text($0))) } ?? Message()
    let body = Message.message(5, .text(String(repeating: "x", count: resource.bytes)))
    let logs = (0..<resource.records).reduce(Message()) { logs, _ in logs + .message(2, body) }
    return Message.message(1, Message(.message(1, attribute), .message(2, logs))).bytes
  }

  private static let json = resources.map { resource in
    let attributes =
      resource.service.map { #"{"key":"x","value":{}},{"key":"service.name","value":{"stringValue":"\#($0)"}}"# } ?? ""
    let text = String(repeating: "x", count: resource.bytes)
    let records = Array(repeating: #"{"body":{"stringValue":"\#(text)"}}"#, count: resource.records)
    return Array(
      (#"{"scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}],"resource":{"attributes":["#
        + attributes + "]}}").utf8)
  }

  /// A decoded request with what was noted of it.
  private struct Noted: ~Copyable {
    var batch: LogBatch
    var uses: RequestUses
  }

  private func noted(_ body: [UInt8], as encoding: BodyEncoding, from start: Int = 0) throws -> Noted {
    var batch = LogBatch()
    switch encoding {
    case .protobuf: try batch.decode(protobuf: body, from: start, limits: DecodeLimits())
    case .json: try batch.decode(json: body, limits: DecodeLimits())
    }
    var uses = RequestUses()
    uses.note(batch, from: start, to: body.count)
    return Noted(batch: batch, uses: uses)
  }

  private func services(_ noted: borrowing Noted) -> [String?] {
    let store = noted.batch.store
    return noted.uses.uses.map { use in
      use.service.isEmpty ? nil : String(decoding: store[use.service.range], as: UTF8.self)
    }
  }

  @Test func aProtobufRequestIsSharedOutToTheByte() throws {
    let prefix: [UInt8] = [0, 0, 0, 0, 0]
    let noted = try noted(prefix + Self.protobuf.flatMap { $0 }, as: .protobuf, from: 5)
    #expect(services(noted) == Self.resources.map(\.service))
    #expect(noted.uses.uses.map(\.records) == Self.resources.map(\.records))
    #expect(noted.uses.uses.map(\.bytes) == Self.protobuf.map(\.count))
  }

  @Test func aRequestInJSONIsSharedOutToTheByte() throws {
    let (head, end) = (Array(#"{"resourceLogs":["#.utf8), Array("]}".utf8))
    let body = head + Array(Self.json.joined(separator: [UInt8(ascii: ",")])) + end
    let noted = try noted(body, as: .json)
    #expect(services(noted) == Self.resources.map(\.service))
    #expect(noted.uses.uses.map(\.records) == Self.resources.map(\.records))
    var bytes = Self.json.map { $0.count + 1 }
    bytes[0] += head.count - 1
    bytes[4] += end.count
    #expect(noted.uses.uses.map(\.bytes) == bytes && bytes.reduce(0, +) == body.count)
  }

  @Test func aNameThatIsNoTextIsNone() throws {
    let attribute = Message.pair("service.name", .int(3, 7))
    let body = Message.request(resource: .message(1, attribute), records: Message()).bytes
    let noted = try noted(body, as: .protobuf)
    #expect(noted.uses.uses.map(\.service) == [.empty])
  }

  @Test func whatIsPutIntoAQueueIsSharedOutByBytes() throws {
    let noted = try noted(Self.protobuf.flatMap { $0 }, as: .protobuf)
    var uses = noted.uses
    let bytes = Self.protobuf.map(\.count)
    let total = bytes.reduce(0, +) - bytes[1]
    uses.share(enqueuedBytes: 10 * total, of: 0)
    uses.share(enqueuedBytes: 7, of: 1)
    uses.share(enqueuedBytes: 0, of: 2)
    #expect(uses.uses.map(\.enqueuedBytes).reduce(0, +) == 10 * total + 7)
    #expect(uses.uses[1].enqueuedBytes == 0)
    for index in [0, 2, 3, 4] { #expect(abs(uses.uses[index].enqueuedBytes - 10 * bytes[index]) <= 7) }
  }

  /// Only records that are still there have been put into a queue.
  @Test(arguments: [1, 2, 3, 7, 50]) func whatWasRemovedHasNoShare(_ step: Int) throws {
    let noted = try noted(Self.protobuf.flatMap { $0 }, as: .protobuf)
    var batch = noted.batch.copied()
    var uses = noted.uses
    batch.keepRecords(batch.records.indices.map { $0 % step == 0 && $0 < 208 })
    uses.noteKept(in: batch, by: 3)
    uses.share(enqueuedBytes: 100_000, of: 3)
    var left = [0, 0, 0, 0, 0]
    for index in batch.records.indices {
      left[Int(batch.scopes[Int(batch.records[index].scope)].resource)] += 1
    }
    let weights = uses.uses.indices.map { index in
      uses.uses[index].records == 0 ? 0 : uses.uses[index].bytes * left[index] / uses.uses[index].records
    }
    let total = weights.reduce(0, +)
    #expect(uses.uses.map(\.enqueuedBytes).reduce(0, +) == 100_000)
    for (use, weight) in zip(uses.uses, weights) { #expect(abs(use.enqueuedBytes - 100_000 * weight / total) <= 1) }
    #expect(uses.uses[4].enqueuedBytes == 0)
  }

  @Test func allOfARequestOfOneResourceIsItsOwn() throws {
    let noted = try noted(Self.protobuf[0], as: .protobuf)
    var uses = noted.uses
    uses.share(enqueuedBytes: 12, of: 0)
    uses.share(enqueuedBytes: 34, of: 1)
    #expect(uses.uses.map(\.enqueuedBytes) == [46] && uses.uses.map(\.bytes) == [Self.protobuf[0].count])
  }

  @Test func nothingOfARequestIsLeftForTheNext() throws {
    let noted = try noted(Self.protobuf.flatMap { $0 }, as: .protobuf)
    var uses = noted.uses
    uses.isAccepted = true
    uses.reset()
    #expect(uses.uses.isEmpty && !uses.isAccepted)
  }
}
