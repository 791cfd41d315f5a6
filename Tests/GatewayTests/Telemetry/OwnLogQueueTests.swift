import LogPipeline
import Logging
import Testing

@testable import Gateway

@Suite struct OwnLogQueueTests {
  private func record(_ message: String, _ level: Logger.Level = .info) -> OwnLogRecord {
    OwnLogRecord(unixNano: 1_700_000_000_000_000_001, level: level, message: message, fields: [("k", "v")])
  }

  @Test func aQueueTakesAsManyLinesAsItMay() {
    let queue = OwnLogQueue(most: 2)
    for message in ["a", "b", "c"] { queue.append(record(message)) }
    #expect(queue.dropped == 1 && queue.request(of: OwnResource([]), most: 5)?.records == 2)
    queue.removeFirst(1)
    queue.append(record("d"))
    #expect(queue.dropped == 1 && queue.request(of: OwnResource([]), most: 1)?.records == 1)
    queue.removeFirst(9)
    #expect(queue.request(of: OwnResource([]), most: 5) == nil)
  }

  /// A line takes what its text has, and about 100 bytes beside.
  @Test func aQueueTakesAsManyBytesAsItMay() {
    let queue = OwnLogQueue(most: 10)
    let half = String(repeating: "x", count: OwnLogQueue.maxBytes / 2 - 200)
    for _ in 0..<3 { queue.append(record(half)) }
    #expect(queue.dropped == 1)
    queue.removeFirst(1)
    queue.append(record(half))
    #expect(queue.dropped == 1)
    queue.append(record(String(repeating: "x", count: OwnLogQueue.maxBytes)))
    #expect(queue.dropped == 2)
  }

  @Test(
    arguments: zip(
      [Logger.Level.trace, .debug, .info, .notice, .warning, .error, .critical], [1, 5, 9, 10, 13, 17, 21] as [Int]))
  func aLineIsARecord(_ level: Logger.Level, _ severity: Int) throws {
    let queue = OwnLogQueue(most: 2)
    queue.append(record("hello", level))
    let bytes = try #require(queue.request(of: OwnResource([("service.name", "edge")]), most: 2)?.bytes)
    var batch = LogBatch()
    try batch.decode(protobuf: bytes, limits: DecodeLimits())
    let (records, resources, scopes) = (batch.records, batch.resources.count, batch.scopes.count)
    #expect(records.count == 1 && resources == 1 && scopes == 1)
    #expect(records[0].timeUnixNano == 1_700_000_000_000_000_001)
    #expect(Int(records[0].severityNumber) == severity)
    let text = String(decoding: bytes, as: UTF8.self)
    for part in ["service.name", "edge", "hello", level.rawValue.uppercased(), "sluice"] {
      #expect(text.contains(part))
    }
  }
}
