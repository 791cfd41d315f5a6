import HTTPTransport
import Testing

@testable import OTLPReceiver

@Suite struct ByteReservationTests {
  private let budget = ByteBudget(capacityBytes: 100)

  @Test func itTakesUpToTheCapacityAndGivesBackAtItsEnd() throws {
    do {
      var reservation = ByteReservation(from: budget)
      try reservation.grow(by: 60)
      try reservation.grow(by: 40)
      #expect(budget.usedBytes == 100)
      reservation.shrink(by: 10)
      #expect(budget.usedBytes == 90)
      reservation.shrink(by: 1000)
      #expect(budget.usedBytes == 0)
      try reservation.grow(by: 7)
    }
    #expect(budget.usedBytes == 0)
  }

  @Test func oneMoreThanTheCapacityIsRefusedAndTakesNothing() throws {
    var reservation = ByteReservation(from: budget)
    try reservation.grow(by: 100)
    var refusal: Refusal?
    do { try reservation.grow(by: 1) } catch { refusal = error }
    #expect(refusal == .overBudget(neededBytes: 1, capacityBytes: 100))
    #expect(budget.usedBytes == 100)
    reservation.end()
    #expect(budget.usedBytes == 0)
  }
}
