import Testing

@testable import LogPipeline

@Suite struct FieldNameWindowTests {
  private static let start: UInt64 = 1_795_960_800_000_000_000

  /// A hash such as names have.
  private func hash(_ number: Int) -> UInt64 {
    var random = SplitMix64(seed: UInt64(number))
    return random.next()
  }

  private func add(_ numbers: Range<Int>, to stream: FieldNameWindow.Stream, of window: FieldNameWindow) {
    for number in numbers { window.add(hash(number), to: stream) }
  }

  @Test func namesAreCountedOnce() {
    let window = FieldNameWindow(limit: 1000)
    let stream = window.stream(7, at: Self.start)
    for _ in 0..<3 { add(0..<1000, to: stream, of: window) }
    #expect(window.count(of: stream) == 1000)
    #expect((0..<1000).allSatisfy { window.holdsNow(hash($0), in: stream) })
    #expect(!(1000..<2000).contains { window.holds(hash($0), in: stream) })
  }

  @Test func streamsAreCountedApart() {
    let window = FieldNameWindow(limit: 1000)
    let first = window.stream(hash(1), at: Self.start)
    let second = window.stream(hash(2), at: Self.start)
    add(0..<10, to: first, of: window)
    add(0..<20, to: second, of: window)
    #expect(window.count(of: first) == 10 && window.count(of: second) == 20)
  }

  @Test func namesOfTheWindowBeforeCountOnce() {
    let window = FieldNameWindow(limit: 1000)
    let first = window.stream(7, at: Self.start)
    add(0..<100, to: first, of: window)
    window.count(bytes: FieldNameWindow.windowBytes, of: first)
    let second = window.stream(7, at: Self.start)
    #expect(window.count(of: second) == 100)
    add(50..<150, to: second, of: window)
    #expect(window.count(of: second) == 150)
    #expect(window.holds(hash(0), in: second) && !window.holdsNow(hash(0), in: second))
    window.count(bytes: FieldNameWindow.windowBytes, of: second)
    let third = window.stream(7, at: Self.start)
    #expect(window.count(of: third) == 100)
    #expect(!window.holds(hash(0), in: third) && window.holds(hash(149), in: third))
  }

  @Test func aWindowEndsWithItsBytesOrItsTime() {
    let window = FieldNameWindow(limit: 1000)
    func count(bytes: Int, later: UInt64) -> Int {
      let stream = window.stream(7, at: Self.start)
      window.count(bytes: FieldNameWindow.windowBytes, of: stream)
      _ = window.stream(7, at: Self.start)
      window.count(bytes: FieldNameWindow.windowBytes, of: stream)
      let clean = window.stream(7, at: Self.start)
      window.add(hash(1), to: clean)
      window.count(bytes: bytes, of: clean)
      let next = window.stream(7, at: Self.start + later)
      return window.holdsNow(hash(1), in: next) ? 1 : 0
    }
    #expect(count(bytes: FieldNameWindow.windowBytes - 1, later: FieldNameWindow.windowNanos) == 1)
    #expect(count(bytes: FieldNameWindow.windowBytes, later: 0) == 0)
    #expect(count(bytes: 0, later: FieldNameWindow.windowNanos + 1) == 0)
  }

  /// What is forgotten for lack of room is counted again, never left out.
  @Test func manyStreamsAreNeverCountedTooLow() {
    let window = FieldNameWindow(limit: 1000)
    let streams = (0..<5000).map { window.stream(hash($0), at: Self.start) }
    for stream in streams { add(0..<30, to: stream, of: window) }
    #expect(streams.allSatisfy { window.count(of: $0) >= 30 })
    #expect(streams.allSatisfy { window.count(of: $0) < 500 })
  }

  @Test func severalThreadsCountTogether() async {
    let window = FieldNameWindow(limit: 1000)
    await withDiscardingTaskGroup { tasks in
      for task in 0..<4 {
        tasks.addTask {
          let stream = window.stream(7, at: Self.start)
          for number in 0..<500 { window.add(self.hash(task * 250 + number), to: stream) }
        }
      }
    }
    let stream = window.stream(7, at: Self.start)
    #expect((1250...2000).contains(window.count(of: stream)))
  }
}
