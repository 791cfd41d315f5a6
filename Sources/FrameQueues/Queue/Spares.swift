/// What is kept to be used again: the last to come back goes out first, so that what is not needed stays at the front.
package struct Spares<Element: Sendable>: Sendable {
  private var elements: [Element] = []
  /// The least that there have been since the last `trim`: so many were of no use, and lie at the front.
  private var unused = 0

  package init() {}

  package var count: Int { elements.count }

  /// What came back last; nil if nothing is kept.
  package mutating func take() -> Element? {
    defer { unused = min(unused, elements.count) }
    return elements.popLast()
  }

  /// Keeps an element.
  package mutating func give(_ element: Element) { elements.append(element) }

  /// Takes out what nobody asked for since the last time.
  package mutating func trim() -> [Element] {
    let taken = Array(elements.prefix(unused))
    elements.removeFirst(taken.count)
    unused = elements.count
    return taken
  }

  /// Takes out everything.
  package mutating func removeAll() -> [Element] {
    defer { self = Spares() }
    return elements
  }
}
