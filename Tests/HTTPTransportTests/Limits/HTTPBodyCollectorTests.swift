import Testing

@testable import HTTPTransport

@Suite struct HTTPBodyCollectorTests {
  private func append(_ bytes: [UInt8], to collector: inout HTTPBodyCollector) -> HTTPBodyRefusal? {
    bytes.withUnsafeBufferPointer { collector.append($0) }
  }

  @Test func takesABodyOfExactlyTheLimit() {
    var collector = HTTPBodyCollector(declaredBytes: nil, limitBytes: 5, budget: nil)
    #expect(append([1, 2, 3, 4, 5], to: &collector) == nil)
    #expect(collector.take() == [1, 2, 3, 4, 5])
  }

  @Test func refusesOneBytePastTheLimitAndHoldsNothing() {
    let budget = ByteBudget(capacityBytes: 100)
    var collector = HTTPBodyCollector(declaredBytes: nil, limitBytes: 5, budget: budget)
    #expect(append([1, 2, 3, 4, 5], to: &collector) == nil)
    #expect(append([6], to: &collector) == .tooLarge(bytes: 6, limitBytes: 5))
    #expect(collector.bytes.isEmpty)
    #expect(budget.usedBytes == 0)
  }

  @Test func judgesTheDeclaredLengthBeforeAnyByte() {
    #expect(HTTPBodyCollector(declaredBytes: 5, limitBytes: 5, budget: nil).refusalOfDeclaredLength == nil)
    #expect(
      HTTPBodyCollector(declaredBytes: 6, limitBytes: 5, budget: nil).refusalOfDeclaredLength
        == .tooLarge(bytes: 6, limitBytes: 5))
  }

  @Test func trustsADeclaredLengthForTheFirstStepOnly() {
    let budget = ByteBudget(capacityBytes: .max)
    var collector = HTTPBodyCollector(declaredBytes: 1 << 40, limitBytes: 1 << 41, budget: budget)
    #expect(append([1], to: &collector) == nil)
    #expect(budget.usedBytes == 64 * 1024)
  }

  @Test func trustsALongDeclaredLengthByWhatHasCome() {
    let budget = ByteBudget(capacityBytes: .max)
    var collector = HTTPBodyCollector(declaredBytes: 300_000, limitBytes: 1 << 41, budget: budget)
    #expect(append([UInt8](repeating: 0, count: 64 * 1024), to: &collector) == nil)
    #expect(budget.usedBytes == 64 * 1024)
    #expect(append([1], to: &collector) == nil)
    #expect(budget.usedBytes == 256 * 1024)
    #expect(append([UInt8](repeating: 0, count: 192 * 1024), to: &collector) == nil)
    #expect(budget.usedBytes == 300_000)
  }

  @Test func reservesTheDeclaredLengthWhenItIsSmall() {
    let budget = ByteBudget(capacityBytes: .max)
    var collector = HTTPBodyCollector(declaredBytes: 42_000, limitBytes: 1 << 20, budget: budget)
    #expect(append([UInt8](repeating: 0, count: 1000), to: &collector) == nil)
    #expect(budget.usedBytes == 42_000)
    #expect(append([UInt8](repeating: 0, count: 41_000), to: &collector) == nil)
    #expect(budget.usedBytes == 42_000)
  }

  @Test func refusesWhatTheBudgetCannotHoldNamingBothNumbers() {
    let budget = ByteBudget(capacityBytes: 100)
    var collector = HTTPBodyCollector(declaredBytes: nil, limitBytes: 1000, budget: budget)
    #expect(append([UInt8](repeating: 0, count: 100), to: &collector) == nil)
    #expect(append([0], to: &collector) == .overBudget(neededBytes: 1, capacityBytes: 100))
    #expect(budget.usedBytes == 0)
  }

  @Test func usesTheLastOfTheBudgetWhenDoublingDoesNotFit() {
    let budget = ByteBudget(capacityBytes: 150)
    var collector = HTTPBodyCollector(declaredBytes: nil, limitBytes: 1000, budget: budget)
    #expect(append([UInt8](repeating: 0, count: 100), to: &collector) == nil)
    #expect(append([UInt8](repeating: 0, count: 50), to: &collector) == nil)
    #expect(budget.usedBytes == 150)
  }

  @Test func keepsTheReservationAfterTheBodyIsHandedOver() {
    let budget = ByteBudget(capacityBytes: 100)
    var collector = HTTPBodyCollector(declaredBytes: 10, limitBytes: 1000, budget: budget)
    _ = append([UInt8](repeating: 7, count: 10), to: &collector)
    #expect(collector.take().count == 10)
    #expect(budget.usedBytes == 10)
    collector.release()
    collector.release()
    #expect(budget.usedBytes == 0)
  }

  /// Each step copies what has come, which with steps as small as pieces is quadratic.
  @Test(arguments: [nil, 60 << 20]) func aBudgetThatIsNearlyTakenMakesNoSmallSteps(declaredBytes: Int?) {
    let budget = ByteBudget(capacityBytes: 4 << 20)
    var collector = HTTPBodyCollector(declaredBytes: declaredBytes, limitBytes: 64 << 20, budget: budget)
    let piece = [UInt8](repeating: 1, count: 8 << 10)
    var steps: [Int] = []
    var refusal: HTTPBodyRefusal?
    while refusal == nil {
      refusal = piece.withUnsafeBufferPointer { collector.append($0) }
      if refusal == nil, steps.last != collector.reservedBytes { steps.append(collector.reservedBytes) }
    }
    #expect(steps.count < 16)
    #expect((steps.last ?? 0) >= 3 << 20)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $1 >= $0 + $0 / 4 })
    guard case .overBudget = refusal else {
      Issue.record("\(refusal as Any)")
      return
    }
    #expect(budget.usedBytes == 0)
  }

  /// A body that comes to exactly what an account has left is taken, whatever the steps; of one byte more it is said
  /// how long the body is at least.
  @Test(arguments: [1, 7, 1000, 9_999]) func theLastOfAnAccountIsTaken(piece: Int) {
    let (whole, account) = (ByteBudget(capacityBytes: 1 << 20), ByteBudgetTests.Account(limitBytes: 10_000))
    let budget = ByteBudget(from: whole, for: account)
    var collector = HTTPBodyCollector(declaredBytes: nil, limitBytes: 1 << 20, budget: budget)
    var left = 10_000
    while left > 0 {
      #expect(append([UInt8](repeating: 1, count: min(piece, left)), to: &collector) == nil)
      left -= min(piece, left)
    }
    #expect(whole.usedBytes == 10_000 && account.roomBytes == 0)
    #expect(append([1], to: &collector) == .overAccount(neededBytes: 10_001))
    #expect(whole.usedBytes == 0 && account.roomBytes == 10_000)
  }
}
