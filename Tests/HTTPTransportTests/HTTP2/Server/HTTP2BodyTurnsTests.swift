import Testing

@testable import HTTPTransport

@Suite struct HTTP2BodyTurnsTests {
  private var turns = HTTP2BodyTurns(windowBytes: 1000)

  @Test func smallBodiesTakeNoTurn() {
    var turns = turns
    #expect(turns.smallBytes == 500 && turns.leastProgressBytes == 1000)
    #expect(turns.received(500, of: 1, bodyBytes: 500) == false)
    #expect(turns.current == nil && !turns.isWaiting(1))
    #expect(turns.received(1, of: 1, bodyBytes: 501) == true)
    #expect(turns.current == 1)
  }

  @Test(arguments: [Int.min, -1, 0, 1, 2, 131_072, 131_073, .max])
  func aWindowIsAlwaysMoreThanWhatIsSmall(_ windowBytes: Int) {
    let turns = HTTP2BodyTurns(windowBytes: windowBytes)
    #expect(turns.smallBytes >= 0 && turns.smallBytes < max(windowBytes, 1) && turns.smallBytes <= 64 << 10)
  }

  @Test func largeBodiesTakeTurnsInTheOrderInWhichTheyBecameLarge() {
    var turns = turns
    #expect(turns.received(600, of: 5, bodyBytes: 600) == true)
    #expect(turns.received(600, of: 3, bodyBytes: 600) == false)
    #expect(turns.received(600, of: 1, bodyBytes: 600) == false)
    #expect(turns.received(400, of: 3, bodyBytes: 1000) == false)
    #expect(turns.isWaiting(3) && turns.isWaiting(1) && !turns.isWaiting(5))
    #expect(turns.ended(5) == 3)
    #expect(turns.received(1, of: 3, bodyBytes: 1001) == true)
    #expect(turns.ended(3) == 1)
    #expect(!turns.isWaiting(1))
    #expect(turns.ended(1) == nil)
    #expect(turns.current == nil)
  }

  @Test func whatEndsWhileItWaitsGetsNoTurn() {
    var turns = turns
    for stream in [Int32(1), 3, 5] { _ = turns.received(600, of: stream, bodyBytes: 600) }
    #expect(turns.ended(3) == nil)
    #expect(turns.ended(7) == nil)
    #expect(turns.ended(1) == 5)
    #expect(turns.ended(3) == nil)
    #expect(turns.current == 5)
  }

  @Test func aTurnThatBringsEnoughGoesOn() {
    var turns = turns
    _ = turns.received(600, of: 1, bodyBytes: 600)
    _ = turns.received(600, of: 3, bodyBytes: 600)
    #expect(turns.look() == [])
    _ = turns.received(1000, of: 1, bodyBytes: 1600)
    #expect(turns.look() == [])
    #expect(turns.isOn)
  }

  @Test func turnsAreOverOnceOneBringsTooLittle() {
    var turns = turns
    for stream in [Int32(1), 3, 5] { _ = turns.received(600, of: stream, bodyBytes: 600) }
    #expect(turns.look() == [])
    _ = turns.received(999, of: 1, bodyBytes: 1599)
    #expect(turns.look() == [3, 5])
    #expect(!turns.isOn && !turns.isWaiting(3))
    #expect(turns.look() == [])
    #expect(turns.received(1, of: 7, bodyBytes: 1) == true)
    #expect(turns.ended(1) == nil)
  }

  @Test func aSlowBodyHasItsTurnAsLongAsNobodyWaits() {
    var turns = turns
    _ = turns.received(600, of: 1, bodyBytes: 600)
    for _ in 0..<3 { #expect(turns.look() == []) }
    #expect(turns.isOn && turns.current == 1)
  }
}
