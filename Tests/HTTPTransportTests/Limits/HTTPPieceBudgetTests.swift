import NIOCore
import Testing

@testable import HTTPTransport

@Suite struct HTTPPieceBudgetTests {
  private func budget(_ maxTinyData: Int) -> HTTPPieceBudget {
    var limits = HTTP2Limits()
    limits.maxTinyData = maxTinyData
    return HTTPPieceBudget(limits: limits, now: .uptimeNanoseconds(0))
  }

  @Test func onlySmallPiecesCount() {
    var budget = budget(2)
    for _ in 0..<100 { #expect(budget.charge(64) == nil) }
    #expect(budget.charge(63) == nil)
    #expect(budget.charge(0) == nil)
    #expect(budget.charge(63) == HTTPExcess(abuse: .tinyDataFlood, count: 3, limit: 2))
  }

  @Test func anAnswerGivesFourBackAndNoMoreThanWereSpent() {
    var budget = budget(5)
    for _ in 0..<5 { #expect(budget.charge(1) == nil) }
    budget.creditAnswer()
    for _ in 0..<4 { #expect(budget.charge(1) == nil) }
    #expect(budget.charge(1)?.count == 6)
    for _ in 0..<10 { budget.creditAnswer() }
    for _ in 0..<5 { #expect(budget.charge(1) == nil) }
    #expect(budget.charge(1)?.count == 6)
  }

  @Test func aNewWindowCountsAnew() {
    var budget = budget(1)
    #expect(budget.charge(1) == nil)
    budget.roll(now: .uptimeNanoseconds(0) + .seconds(29))
    #expect(budget.charge(1) != nil)
    budget.roll(now: .uptimeNanoseconds(0) + .seconds(30))
    #expect(budget.charge(1) == nil)
  }
}
