/// Who waits until frames of a queue are acknowledged, guarded by the queue's lock.
///
/// What is taken out is to be called without the lock, once each.
struct AcknowledgementWaiters {
  typealias Done = @Sendable (QueueRefusal?) -> Void

  private struct Waiter {
    let frames: Range<UInt64>
    let done: Done
  }

  private var waiters: [UInt64: Waiter] = [:]
  private var nextTicket: UInt64 = 1

  /// Whether nobody may wait any longer.
  private var refusesMore = false

  var count: Int { waiters.count }

  /// Takes a waiter in unless its wait is over; then there is no ticket, and it is to be told `refusal`.
  mutating func wait(
    for frames: Range<UInt64>, acknowledged: AcknowledgedFrames, _ done: @escaping Done
  ) -> (ticket: UInt64?, refusal: QueueRefusal?) {
    if acknowledged.covers(frames) { return (nil, nil) }
    if refusesMore { return (nil, .closed) }
    return (add(frames, done), nil)
  }

  /// Takes out all who wait, who are refused, as are all who come later.
  mutating func refuseAll() -> [Done] {
    refusesMore = true
    return takeAll()
  }

  /// Takes a waiter in and returns the ticket by which it can be taken out again.
  mutating func add(_ frames: Range<UInt64>, _ done: @escaping Done) -> UInt64 {
    let ticket = nextTicket
    nextTicket &+= 1
    waiters[ticket] = Waiter(frames: frames, done: done)
    return ticket
  }

  mutating func forget(_ ticket: UInt64) { waiters[ticket] = nil }

  /// Takes out those who need not wait any longer, `frames` having just been acknowledged.
  mutating func take(after frames: Range<UInt64>, acknowledged: AcknowledgedFrames) -> [Done] {
    take { $0.frames.overlaps(frames) && acknowledged.covers($0.frames) }
  }

  /// Takes out those who wait for any of `frames`.
  mutating func take(waitingFor frames: Range<UInt64>) -> [Done] { take { $0.frames.overlaps(frames) } }

  mutating func takeAll() -> [Done] { take { _ in true } }

  private mutating func take(_ isOver: (Waiter) -> Bool) -> [Done] {
    if waiters.isEmpty { return [] }
    let over = waiters.filter { isOver($0.value) }
    for ticket in over.keys { waiters[ticket] = nil }
    return over.values.map(\.done)
  }
}
