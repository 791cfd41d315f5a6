import HTTPTransport
import LogPipeline
import LogStore
import Logging
import NIOCore

/// Shows what a look at records takes, a line for each, to somebody who may see some of them.
///
/// Records are asked for, judged and written here, away from the threads that take requests. Nothing more is taken
/// while whoever looks is slow to read.
struct TapFeed: Sendable {
  /// How a look ended.
  struct End {
    var shown: Int
    var reason: String

    var fields: Logger.Metadata { ["shown": "\(shown)", "reason": "\(reason)"] }
  }

  private let tap: Tap
  private let question: TapQuestion
  private let options: TapOptions
  private var right: StoreRight
  private static let ticksPerSecond = 10
  private static let tick = Duration.milliseconds(1000 / ticksPerSecond)
  /// Bytes of records that are written at once, and of lines that may be on their way when more are.
  private static let chunkBytes = 256 << 10

  init(_ tap: Tap, _ question: TapQuestion, _ options: TapOptions, by right: StoreRight) {
    self.tap = tap
    self.question = question
    self.options = options
    self.right = right
  }

  func run(through responder: HTTPResponder) async -> End {
    let last = ContinuousClock.now + options.maxDuration
    var (feed, shown, ticks, isSlow) = (self, 0, 0, false)
    while true {
      if responder.isCancelled { return End(shown: shown, reason: "nobody reads any more") }
      var reason = tap.endReason
      if responder.unsentBytes < Self.chunkBytes {
        let records = tap.next(upTo: Self.chunkBytes)
        if !records.isEmpty {
          let most = question.limit.map { $0 - shown } ?? .max
          let found = await BlockingWork.run { [feed] in feed.lines(of: records, most: most) }
          if !found.bytes.isEmpty { responder.send(ByteBuffer(bytes: found.bytes)) }
          shown += found.shown
        }
        if question.limit.map({ shown >= $0 }) ?? false { reason = "\(shown) records were asked for" }
        if reason == nil && !records.isEmpty { continue }
        tap.allow(options.recordsPerSecond / Self.ticksPerSecond)
      } else {
        isSlow = true
      }
      if reason == nil, .now >= last { reason = "it was open for \(options.maxDuration): max_duration" }
      ticks += 1
      if ticks % Self.ticksPerSecond == 0 || reason != nil {
        let skipped = Self.lines(
          of: tap.takeCounts(), options, isSlow: isSlow, seesAll: feed.right.scope == nil)
        if !skipped.isEmpty { responder.send(ByteBuffer(string: skipped)) }
        isSlow = false
        if let right = await feed.right.renewed() {
          feed.right = right
        } else {
          reason = reason ?? "you may not tap any more"
        }
      }
      if let reason {
        responder.send(ByteBuffer(bytes: AdminJSON.object([("ended", .text(reason))]).bytes))
        responder.finish(trailers: nil)
        return End(shown: shown, reason: reason)
      }
      if (try? await Task.sleep(for: Self.tick)) == nil { tap.end(because: "the gateway ends") }
    }
  }

  // MARK: Lines

  /// What was passed over, and why: a line for each reason. Who sees some records alone is not told how many others
  /// there are.
  static func lines(of counts: TapCounts, _ options: TapOptions, isSlow: Bool, seesAll: Bool) -> String {
    var lines = ""
    let add = { (count: Int, reason: String) in
      if count == 0 { return }
      let line = AdminJSON.object([("skipped", seesAll ? .number(count) : .null), ("because", .text(reason))])
      lines += String(decoding: line.bytes, as: UTF8.self)
    }
    let (passed, bytes) = seesAll ? ("\(counts.passed)", "\(counts.wantedBytes)") : ("more", "more")
    let ofRate = "the limit is \(options.recordsPerSecond) (service.admin.tap.records_per_second)"
    let ofRoom = "the limit is \(options.maxWaitingBytes) (service.admin.tap.max_waiting)"
    add(
      counts.overRate,
      "\(passed) records have passed" + (isSlow ? ", and they are read slower" : " in a second: \(ofRate)"))
    add(counts.overRoom, "\(bytes) bytes would wait to be shown: \(ofRoom)")
    return lines
  }

  /// The lines of those records that may be seen and are wanted. Of a record that a processor changed both sides have
  /// to be such as may be seen, and one of them such as is wanted.
  func lines(of records: [TappedRecord], most: Int) -> (bytes: [UInt8], shown: Int) {
    let requests = records.flatMap(\.requests)
    let body = Array(requests.joined())
    guard let seen = answers(right.scope.map { scope in { scope.sees(inRequest: $0) } }, to: body, requests.count),
      let wanted = answers(
        question.condition.map { condition in { condition.matches(inRequest: $0) } }, to: body, requests.count),
      let stored = try? StoredRecord.records(ofRequest: body, receivedUnixNano: WallClock.unixNano),
      stored.count == requests.count
    else { return (Self.unreadable(records.count), 0) }
    var writer = TapLineWriter()
    var (place, shown) = (0, 0)
    for record in records where shown < most {
      let sides = place..<(place + record.requests.count)
      place = sides.upperBound
      guard sides.allSatisfy({ seen[$0] }), sides.contains(where: { wanted[$0] }) else { continue }
      shown += 1
      switch record {
      case .passing: writer.append("record", stored[sides.lowerBound])
      case .around(_, let after):
        writer.append("before", stored[sides.lowerBound])
        writer.append("after", after == nil ? nil : stored[sides.lowerBound + 1])
      }
    }
    return (writer.bytes.array, shown)
  }

  /// What is said of each record; true of all where nothing is asked, nil where it cannot be told of each.
  private func answers(
    _ ask: (([UInt8]) -> [Bool]?)?, to body: [UInt8], _ count: Int
  ) -> [Bool]? {
    guard let ask else { return Array(repeating: true, count: count) }
    return ask(body).flatMap { $0.count == count ? $0 : nil }
  }

  private static func unreadable(_ records: Int) -> [UInt8] {
    AdminJSON.object([("skipped", .number(records)), ("because", .text("they cannot be read"))]).bytes
  }
}

extension TappedRecord {
  fileprivate var requests: [[UInt8]] {
    switch self {
    case .passing(let bytes): [bytes]
    case .around(let before, let after): [before] + (after.map { [$0] } ?? [])
    }
  }
}

/// Writes records as `sluice logs` has them, each within an object that says which side of a processor it is of.
private struct TapLineWriter: ~Copyable {
  private(set) var bytes = ByteWriter(capacityBytes: 16 << 10)
  private var line = RecordLineWriter()

  /// Appends a record; one that is gone is null.
  mutating func append(_ side: String, _ record: StoredRecord?) {
    bytes.append(text: "{\"\(side)\":")
    if let record {
      line.removeAll()
      line.append(record)
      bytes.append(Array(line.array.dropLast()))
    } else {
      bytes.append("null")
    }
    bytes.append("}\n")
  }
}
