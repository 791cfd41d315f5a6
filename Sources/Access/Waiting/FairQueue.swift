import NIOCore

/// What waits, of several owners who take turns: nobody waits for more than one element of each other.
struct FairQueue<Element> {
  /// What each owner waits for; never empty.
  private var waiting: [String: CircularBuffer<Element>] = [:]
  /// Whose turn it is, one after the other; each owner once.
  private var turns = CircularBuffer<String>()

  var isEmpty: Bool { turns.isEmpty }

  mutating func append(_ element: Element, of owner: String) {
    if waiting[owner] == nil { turns.append(owner) }
    waiting[owner, default: CircularBuffer()].append(element)
  }

  /// The first of the owner whose turn it is.
  mutating func popFirst() -> Element? {
    guard let owner = turns.popFirst(), let first = waiting[owner]?.popFirst() else { return nil }
    if waiting[owner]?.isEmpty == true {
      waiting[owner] = nil
    } else {
      turns.append(owner)
    }
    return first
  }
}
