import FrameQueues
import Testing

/// What is kept to be used again.
@Suite struct SparesTests {
  @Test func theLastToComeBackGoesOutFirst() {
    var spares = Spares<Int>()
    for number in 1...3 { spares.give(number) }
    #expect(spares.take() == 3 && spares.take() == 2 && spares.count == 1)
  }

  @Test func whatNobodyAskedForIsTrimmedTheSecondTime() {
    var spares = Spares<Int>()
    for number in 1...3 { spares.give(number) }
    #expect(spares.trim().isEmpty)
    if let taken = spares.take() { spares.give(taken) }
    #expect(spares.trim() == [1, 2] && spares.count == 1)
  }

  @Test func everythingCanBeTakenOut() {
    var spares = Spares<Int>()
    for number in 1...2 { spares.give(number) }
    #expect(spares.removeAll() == [1, 2] && spares.count == 0 && spares.take() == nil)
  }
}
