import HTTPTransport

/// The part of a byte budget that one request holds; given back when the reservation ends, on whatever path.
struct ByteReservation: ~Copyable {
  private let budget: ByteBudget
  private(set) var bytes = 0

  init(from budget: ByteBudget) {
    self.budget = budget
  }

  deinit { budget.release(bytes) }

  /// Takes more, or throws `overBudget` and takes nothing.
  mutating func grow(by more: Int) throws(Refusal) {
    guard budget.reserve(more) else {
      throw .overBudget(neededBytes: more, capacityBytes: budget.capacityBytes)
    }
    bytes &+= more
  }

  /// Gives some of it back early.
  mutating func shrink(by less: Int) {
    let less = min(less, bytes)
    budget.release(less)
    bytes &-= less
  }

  /// Gives all of it back.
  mutating func end() { shrink(by: bytes) }
}
