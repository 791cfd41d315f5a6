/// Shares of work where there is more than can be done: each tenant's deficit, told as two times that bytes make pass.
///
/// The common time goes on by what is done, divided by the weights of all who ask; a tenant's own by what is done for
/// it, divided by its weight. Who is ahead of the common time by more than `slack` has had more than its share. Who
/// asks for little is never ahead, and saves up nothing. Names that anybody could have written ask within their sender,
/// which is one of all who ask: they part its share evenly among them, however many they are.
struct WorkShares {
  /// One tenant's part, or one sender's.
  struct Part {
    /// Its own time, in bytes.
    fileprivate var time = 0.0
    fileprivate var weight = 1.0
    /// The period in which it asked last.
    fileprivate var period: UInt64 = 0
    /// Of a sender the tenants that have asked within it in this period, and in the one before.
    fileprivate var names = 0.0
    fileprivate var formerNames = 0.0

    /// Whether several tenants have asked within it lately.
    var hasSeveralNames: Bool { max(names, formerNames) > 1 }
  }

  /// How far a tenant of weight 1 may be ahead, in bytes.
  static let slack = Double(1 << 20)
  /// How far it may come to be ahead while there is room, so that it pays little for that afterwards.
  private static let mostAhead = 2 * slack
  private static let periodNano: UInt64 = 1_000_000_000

  private var time = 0.0
  private var period: UInt64 = 0
  /// The weights of those who have asked in this period, and in the one before.
  private var weight = 0.0
  private var formerWeight = 0.0

  /// Whether the tenant has had nothing lately.
  func isIdle(_ part: Part, now: UInt64) -> Bool { part.time <= time && part.period < now / Self.periodNano }

  /// Notes that a tenant of this weight asks.
  mutating func ask(_ part: inout Part, weight own: Int, now: UInt64) {
    let current = now / Self.periodNano &+ 1
    if current > period {
      formerWeight = current == period &+ 1 ? weight : 0
      weight = 0
      period = current
    }
    part.weight = Double(max(own, 1))
    if part.period < period {
      weight += part.weight
      (part.formerNames, part.names) = (part.period &+ 1 == period ? part.names : 0, 0)
      part.period = period
    }
  }

  /// Notes that a tenant asks within its sender.
  mutating func ask(_ part: inout Part, within sender: inout Part, now: UInt64) {
    ask(&sender, weight: 1, now: now)
    if part.period < period {
      sender.names += 1
      part.period = period
    }
    part.weight = 1 / max(sender.names, sender.formerNames, 1)
  }

  /// Whether a tenant has had more than its share.
  func isAhead(_ part: Part) -> Bool { part.time > time + Self.slack / part.weight }

  /// How far it is ahead, in bytes of a tenant of weight 1.
  func bytesAhead(_ part: Part) -> Int { Int(min(max((part.time - time) * part.weight, 0), 1e15)) }

  /// Counts work that is done for a tenant, which has asked before.
  mutating func charge(_ bytes: Int, to part: inout Part, isBusy: Bool) {
    let passed = Double(bytes) / max(weight, formerWeight, part.weight)
    add(bytes, to: &part, passed: passed, isBusy: isBusy)
    time += passed
  }

  /// Counts work that is done for a tenant which has asked within its sender.
  mutating func charge(_ bytes: Int, to part: inout Part, within sender: inout Part, isBusy: Bool) {
    add(bytes, to: &part, passed: Double(bytes) / max(weight, formerWeight, sender.weight), isBusy: isBusy)
    charge(bytes, to: &sender, isBusy: isBusy)
  }

  private func add(_ bytes: Int, to part: inout Part, passed: Double, isBusy: Bool) {
    part.time = max(part.time, time) + Double(bytes) / part.weight
    if !isBusy { part.time = min(part.time, time + passed + Self.mostAhead / part.weight) }
  }
}
