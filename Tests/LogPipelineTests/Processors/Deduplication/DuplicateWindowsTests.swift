import Testing

@testable import LogPipeline

@Suite struct DuplicateWindowsTests {
  private let windows = DuplicateWindows(intervalNano: 100, maxWindows: 3, maxBytes: 10)

  /// A key for each letter; keys of equal letters are equal.
  private func keys(_ letters: String) throws -> [DuplicateKey] {
    var scopeLogs = Message()
    for letter in letters { scopeLogs = scopeLogs + Message.message(2, record(body: "\(letter)")) }
    let batch = try LogBatch.decoded(request: Message.message(1, Message(Message.message(2, scopeLogs))))
    return DuplicateFields.allBut(RecordFields()).keys(of: batch)
  }

  /// Takes a request and settles it; shows kept records as letters and suppressed ones as dots.
  @discardableResult
  private func take(_ letters: String, at now: UInt64, isAccepted: Bool = true) throws -> String {
    var (isDuplicate, tally) = windows.sort(try keys(letters), nil, at: now)
    for key in tally.seen.keys where tally.seen[key]?.needsRecord == true && tally.seen[key]?.duplicates ?? 0 > 0 {
      tally.seen[key]?.record = [1, 2, 3, 4]
    }
    windows.settle(tally, isAccepted: isAccepted)
    return String(zip(letters, isDuplicate).map { $1 ? "." : $0 })
  }

  @Test func theFirstPassesAndTheRestAreCounted() throws {
    #expect(try take("aab", at: 10) == "a.b")
    #expect(try take("abc", at: 109) == "..c")
    #expect(windows.takeEnded(at: 109).isEmpty)
    let ended = windows.takeEnded(at: 110)
    #expect(ended.map(\.count).sorted() == [1, 2])
    #expect(ended.allSatisfy { $0.firstUnixNano == 10 && $0.lastUnixNano == 109 && $0.record == [1, 2, 3, 4] })
    #expect(windows.count == 1)
  }

  @Test func aWindowThatSuppressedNothingEndsSilently() throws {
    try take("a", at: 0)
    #expect(windows.takeEnded(at: 100).isEmpty && windows.count == 0)
  }

  @Test func afterTheIntervalTheNextPassesAgain() throws {
    try take("a", at: 0)
    #expect(try take("a", at: 99) == ".")
    #expect(try take("a", at: 100) == "a")
  }

  @Test func aRefusedRequestOpensNoWindowAndCountsNothing() throws {
    #expect(try take("aa", at: 0, isAccepted: false) == "a.")
    #expect(try take("a", at: 1) == "a")
    #expect(try take("a", at: 2, isAccepted: false) == ".")
    #expect(windows.takeEnded(at: 200).isEmpty)
  }

  @Test func recordsOfARequestUnderWaySuppressNoOthers() throws {
    let (first, tally) = windows.sort(try keys("a"), nil, at: 0)
    #expect(first == [false])
    #expect(try take("a", at: 1, isAccepted: true) == "a")
    windows.settle(tally, isAccepted: false)
    #expect(try take("a", at: 2) == ".")
  }

  @Test func aWindowStaysWhileItsDuplicatesAreUnderWay() throws {
    try take("a", at: 0)
    let (duplicate, tally) = windows.sort(try keys("a"), nil, at: 50)
    #expect(duplicate == [true])
    #expect(windows.takeEnded(at: 150).isEmpty && windows.count == 1)
    windows.settle(tally, isAccepted: true)
    #expect(windows.takeEnded(at: 150).map(\.count) == [1])
  }

  @Test func whatIsNotEligiblePasses() throws {
    let keys = try keys("aaa")
    let (isDuplicate, _) = windows.sort(keys, [true, false, true], at: 0)
    #expect(isDuplicate == [false, false, true])
  }

  @Test func beyondItsWindowsEverythingPasses() throws {
    #expect(try take("abcc", at: 0) == "abc.")
    #expect(try take("ddd", at: 1) == "ddd")
    #expect(windows.count == 3)
    #expect(try take("abd", at: 2) == "..d")
  }

  @Test func beyondItsBytesNoFurtherKindIsSuppressed() throws {
    #expect(try take("aabb", at: 0) == "a.b.")
    #expect(try take("cc", at: 1) == "c.")
    let other = DuplicateWindows(intervalNano: 100, maxWindows: 9, maxBytes: 4)
    var (_, tally) = other.sort(try keys("aa"), nil, at: 0)
    for key in tally.seen.keys { tally.seen[key]?.record = [1, 2, 3, 4] }
    other.settle(tally, isAccepted: true)
    #expect(other.sort(try keys("bb"), nil, at: 1).isDuplicate == [false, false])
    #expect(other.sort(try keys("a"), nil, at: 1).isDuplicate == [true])
  }

  @Test func endsWhenTheClockHasGoneBackByMoreThanTheInterval() throws {
    try take("aa", at: 1000)
    #expect(try take("a", at: 950) == ".")
    #expect(try take("a", at: 899) == "a")
    #expect(windows.takeEnded(at: 899).map(\.count) == [2])
  }

  @Test func theLastTimeTakesAll() throws {
    try take("aab", at: 0)
    #expect(windows.takeEnded(at: nil).map(\.count) == [1])
    #expect(windows.count == 0)
  }

  @Test func anEndedWindowLeavesItsSuccessorAlone() throws {
    #expect(try take("aa", at: 0) == "a.")
    // Nothing was told yet when the next interval begins.
    #expect(try take("aaa", at: 150) == "a..")
    #expect(try take("a", at: 200) == ".")
    let first = windows.takeEnded(at: 210)
    #expect(first.map(\.count) == [1] && first.map(\.lastUnixNano) == [0])
    #expect(try take("a", at: 240) == ".")
    let second = windows.takeEnded(at: 250)
    #expect(second.map(\.count) == [4])
    #expect(second.map(\.firstUnixNano) == [150] && second.map(\.lastUnixNano) == [240])
    #expect(windows.count == 0)
  }

  @Test func duplicatesUnderWayCountForTheWindowTheyCameIn() throws {
    try take("aa", at: 0)
    let (duplicate, tally) = windows.sort(try keys("a"), nil, at: 90)
    #expect(duplicate == [true])
    #expect(try take("aa", at: 120) == "a.")
    #expect(windows.takeEnded(at: 130).isEmpty)
    windows.settle(tally, isAccepted: true)
    #expect(windows.takeEnded(at: 130).map(\.count) == [2])
    #expect(windows.takeEnded(at: 220).map(\.count) == [1])
  }

  @Test func requestsUnderWayTogetherOpenNoMoreWindowsThanThereMayBe() throws {
    let requests = try ["ab", "cd", "ef", "gh"].map { windows.sort(try keys($0), nil, at: 0).1 }
    #expect(requests.map(\.seen.count) == [2, 1, 0, 0])
    for request in requests { windows.settle(request, isAccepted: true) }
    #expect(windows.count == 3)
    let refused = windows.sort(try keys("a"), nil, at: 100).1
    windows.settle(refused, isAccepted: false)
    _ = windows.takeEnded(at: 100)
    #expect(try take("xyz", at: 100) == "xyz")
    #expect(windows.count == 3)
  }
}
