// decision: docs/decisions/0203-pairs-in-linear-time.md

/// What the text of a pattern says about the cost of finding all its matches.
///
/// One search takes time linear in the text, but it may read far beyond the match that it returns, to see whether a
/// longer one is preferred: `a.*z|a` reads to the end of the line for each `a`. Then all matches together take
/// quadratic time. A pattern cannot do this whose repetitions without bound are of single characters, and are not in a
/// repeated or alternative part, but as its last: a search that reads on would take the next match too.
struct PatternShape {
  /// Whether a search may read far beyond its match. True if in doubt.
  private(set) var mayReadFar = false

  /// A part between brackets, or the whole.
  private struct Part {
    /// Whether a repetition without bound is the last of the branch at hand, or something follows it.
    var (isLast, isInside) = (false, false)
    /// The same of the branches before.
    var (wasLast, wasInside) = (false, false)
    var hasBranches = false

    mutating func endBranch() {
      wasLast = wasLast || isLast
      wasInside = wasInside || isInside
      (isLast, isInside) = (false, false)
    }
  }

  private var parts = [Part()]
  /// Whether what a quantifier would repeat is a part in brackets, and whether that has a repetition without bound.
  private var (isPart, isUnbounded) = (false, false)
  /// Whether the part just read has branches that end in a repetition without bound, which nothing may follow.
  private var mayNotGoOn = false

  init(_ pattern: String) {
    let text = Array(pattern.utf8)
    if pattern.contains("\\Q") { mayReadFar = true }
    var place = 0
    while place < text.count, !mayReadFar { place = read(text, place) }
    while parts.count > 1 { close() }
    parts[0].endBranch()
    if parts[0].hasBranches && parts[0].wasInside { mayReadFar = true }
  }

  /// Reads the next item and returns the place after it.
  private mutating func read(_ text: [UInt8], _ place: Int) -> Int {
    switch text[place] {
    case UInt8(ascii: "("):
      atom()
      parts.append(Part())
      return Self.afterFlags(text, place + 1)
    case UInt8(ascii: ")"):
      close()
      return place + 1
    case UInt8(ascii: "|"):
      parts[parts.count - 1].endBranch()
      parts[parts.count - 1].hasBranches = true
      mayNotGoOn = false
      return place + 1
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
      return quantifier(text, place)
    case UInt8(ascii: "["):
      atom()
      return Self.afterClass(text, place + 1)
    case UInt8(ascii: "\\"):
      atom()
      return place + 2
    default:
      atom()
      return place + 1
    }
  }

  /// Notes that something stands here that takes part in a match.
  private mutating func atom() {
    let last = parts.count - 1
    if parts[last].isLast { (parts[last].isLast, parts[last].isInside) = (false, true) }
    if mayNotGoOn { mayReadFar = true }
    (isPart, isUnbounded) = (false, false)
  }

  private mutating func close() {
    guard parts.count > 1, var part = parts.popLast() else { return }
    part.endBranch()
    if part.hasBranches && part.wasInside { mayReadFar = true }
    if part.hasBranches && part.wasLast { mayNotGoOn = true }
    (isPart, isUnbounded) = (true, part.wasLast || part.wasInside)
    let last = parts.count - 1
    if part.wasLast { parts[last].isLast = true } else if part.wasInside { parts[last].isInside = true }
  }

  private mutating func quantifier(_ text: [UInt8], _ place: Int) -> Int {
    let (isBounded, end) = Self.bounds(text, place)
    guard let isBounded else {
      atom()
      return place + 1
    }
    if isPart && (!isBounded || isUnbounded) { mayReadFar = true }
    if !isBounded { parts[parts.count - 1].isLast = true }
    // A question mark after it only says that the shorter match is preferred.
    return end < text.count && text[end] == UInt8(ascii: "?") ? end + 1 : end
  }

  /// Whether the quantifier at a place has an upper bound, and where it ends; nil if it is a brace and no quantifier.
  private static func bounds(_ text: [UInt8], _ place: Int) -> (isBounded: Bool?, end: Int) {
    if text[place] != UInt8(ascii: "{") { return (text[place] == UInt8(ascii: "?"), place + 1) }
    guard let end = text[place...].firstIndex(of: UInt8(ascii: "}")) else { return (nil, place + 1) }
    let inside = text[(place + 1)..<end]
    guard inside.first?.isDigit == true, inside.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ",") }) else {
      return (nil, place + 1)
    }
    return (inside.last != UInt8(ascii: ","), end + 1)
  }

  /// The place after the flags or the name of a group, `?i:`, `?P<name>` and the like.
  private static func afterFlags(_ text: [UInt8], _ place: Int) -> Int {
    guard place < text.count, text[place] == UInt8(ascii: "?") else { return place }
    let ends: [UInt8] = [UInt8(ascii: ":"), UInt8(ascii: ">"), UInt8(ascii: ")")]
    guard let end = text[place...].firstIndex(where: { ends.contains($0) }) else { return place + 1 }
    return text[end] == UInt8(ascii: ")") ? end : end + 1
  }

  /// The place after a class, whose first character may be a bracket that does not close it.
  static func afterClass(_ text: [UInt8], _ place: Int) -> Int {
    var place = place
    if place < text.count, text[place] == UInt8(ascii: "^") { place += 1 }
    if place < text.count, text[place] == UInt8(ascii: "]") { place += 1 }
    while place < text.count, text[place] != UInt8(ascii: "]") {
      if text[place] == UInt8(ascii: "\\") {
        place += 2
      } else if text[place] == UInt8(ascii: "["), place + 1 < text.count, text[place + 1] == UInt8(ascii: ":") {
        place = (text[place...].firstIndex(of: UInt8(ascii: "]")) ?? place) + 1
      } else {
        place += 1
      }
    }
    return place + 1
  }
}
