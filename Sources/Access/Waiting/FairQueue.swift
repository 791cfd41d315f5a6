import NIOCore

/// What waits, of several owners who take turns: nobody waits for more than one element of each other.
package struct FairQueue<Element> {
  /// What each owner waits for; never empty.
  private var waiting: [String: CircularBuffer<Element>] = [:]
  /// Whose turn it is, one after the other; each owner once.
  private var turns = CircularBuffer<String>()
  package private(set) var count = 0

  package init() {}

  package var isEmpty: Bool { turns.isEmpty }

  /// How many of an owner wait.
  package func count(of owner: String) -> Int { waiting[owner]?.count ?? 0 }

  package mutating func append(_ element: Element, of owner: String) {
    if waiting[owner] == nil { turns.append(owner) }
    waiting[owner, default: CircularBuffer()].append(element)
    count += 1
  }

  /// The first of the owner whose turn it is.
  package mutating func popFirst() -> Element? {
    guard let owner = turns.popFirst(), let first = waiting[owner]?.popFirst() else { return nil }
    if waiting[owner]?.isEmpty == true {
      waiting[owner] = nil
    } else {
      turns.append(owner)
    }
    count -= 1
    return first
  }
}

extension FairQueue: Sendable where Element: Sendable {}
