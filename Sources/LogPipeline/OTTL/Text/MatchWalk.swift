/// All matches of a pattern in a text, in their order, as Go's `ReplaceAllString` finds them: a match of nothing right
/// behind another match is none.
struct MatchWalk {
  enum Found: Equatable {
    case match
    case end
    /// The searches have read too much of the text for what they found.
    case tooCostly
  }

  private let pattern: Pattern
  private var text: UnsafeRawBufferPointer
  private var search = 0
  private var isFirst = true
  /// Where the last match ends.
  private(set) var copied = 0
  /// Bytes that searches may read, if each may read to the end (`Pattern.mayReadFar`), and may have read with the next.
  let allowedBytes: Int
  private(set) var wantedBytes = 0

  /// How often searches may read a text, and how many bytes beside that.
  static let maxReads = 64
  static let spareReadBytes = 16 << 10

  init(_ pattern: Pattern, in text: UnsafeRawBufferPointer) {
    self.pattern = pattern
    self.text = text
    allowedBytes = text.count &* Self.maxReads &+ Self.spareReadBytes
  }

  /// Goes on in the same text at another place of memory.
  mutating func rebase(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// Goes to the next match and calls `body` with it and with where the text between it and the one before lies.
  mutating func next(_ body: (Pattern.Captures, _ before: Range<Int>) -> Void) -> Found {
    while search <= text.count {
      if pattern.mayReadFar {
        wantedBytes &+= text.count &- search
        if wantedBytes > allowedBytes { return .tooCostly }
      }
      let (copied, isFirst) = (copied, isFirst)
      var isTaken = false
      let match: Range<Int>? = pattern.withCaptures(in: text, from: search) { captures in
        let match = captures.whole
        isTaken = isFirst || !match.isEmpty || match.lowerBound > copied
        if isTaken { body(captures, copied..<match.lowerBound) }
        return match
      }
      guard let match else { break }
      search = match.isEmpty ? match.upperBound &+ characterLength(at: match.upperBound) : match.upperBound
      if !isTaken { continue }
      self.isFirst = false
      self.copied = match.upperBound
      return .match
    }
    search = text.count &+ 1
    return .end
  }

  /// The length of the character at a place, 1 at the end.
  private func characterLength(at place: Int) -> Int {
    place < text.count ? max(CaseText.scalar(of: text, at: place).length, 1) : 1
  }
}
