import Testing

@testable import LogExport

@Suite struct RecordLogTests {
  private let kept = KeptLog()
  private func log() -> RecordLog { RecordLog(logger: kept.logger, fields: ["exporter": "a"]) }

  /// The lines as `records reason`.
  private var said: [String] {
    func field(_ name: String, of line: String) -> Substring {
      line.components(after: "\"\(name)\": ").prefix { $0 != "," && $0 != "]" }
    }
    return kept.lines.map { "\(field("records", of: $0)) \(field("reason", of: $0))" }
  }

  @Test func saysAtOnceHowManyOfWhichKind() {
    let log = log()
    log.count([("mapper", 3), ("conflict", 1), ("mapper", 5)], "rejected", at: .zero)
    #expect(said == ["8 mapper", "1 conflict"])
  }

  @Test func sumsWhatComesInTheInterval() {
    let log = log()
    log.count([("mapper", 1)], "rejected", at: .zero)
    for second in 1...9 { log.count([("mapper", 200), ("conflict", 1)], "rejected", at: .seconds(second)) }
    #expect(said == ["1 mapper"])
    log.count([("mapper", 7)], "rejected", at: .seconds(10))
    #expect(said == ["1 mapper", "1807 mapper", "9 conflict"])
  }

  @Test func nothingGoesUnsaidAtTheEnd() {
    let log = log()
    log.count([("mapper", 1)], "rejected", at: .zero)
    log.count([("mapper", 2399)], "rejected", at: .seconds(1))
    log.say(at: .seconds(2))
    log.say(at: .seconds(3))
    #expect(said == ["1 mapper", "2399 mapper"])
  }

  @Test func saysTheSumsWhenTheIntervalEndsThoughNothingMoreComes() async {
    let log = log()
    let time = TestTime(isManual: true)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await log.run(by: time.time) }
      log.count([("mapper", 1)], "rejected", at: .zero)
      log.count([("mapper", 2)], "rejected", at: .seconds(1))
      #expect(await eventually { time.sleepers == 1 })
      time.advance(by: .seconds(10))
      #expect(await eventually { self.said == ["1 mapper", "2 mapper"] })
      group.cancelAll()
    }
  }

  @Test func kindsAreBounded() {
    let log = log()
    log.count([("first", 1)], "rejected", at: .zero)
    for kind in 0..<RecordLog.maxKinds + 50 { log.count([("kind \(kind)", 2)], "rejected", at: .zero) }
    log.say(at: .zero)
    #expect(said.count == 1 + RecordLog.maxKinds + 1)
    #expect(said.contains("100 other kinds"))
  }
}

extension String {
  /// What stands after the first `mark`; nothing without one.
  fileprivate func components(after mark: String) -> Substring {
    guard let range = firstRange(of: mark) else { return "" }
    return self[range.upperBound...]
  }
}
