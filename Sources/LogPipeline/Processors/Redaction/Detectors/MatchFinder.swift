/// A piece of a text that a rule found.
struct Match: Equatable {
  /// What the action replaces.
  var range: Range<Int>
  /// What is taken out if the action is to delete: the match with its key, if it has one.
  var whole: Range<Int>
  /// The rule's index; a built-in rule's is its raw value.
  var rule: Int
  /// Whether other matches overlap this one in part, so that a mask must show nothing of it.
  var isMerged = false

  /// By start, the longer first, then by rule.
  @inline(__always)
  fileprivate func isBefore(_ other: Match) -> Bool {
    if range.lowerBound != other.range.lowerBound { return range.lowerBound < other.range.lowerBound }
    if range.upperBound != other.range.upperBound { return range.upperBound > other.range.upperBound }
    return rule < other.rule
  }
}

/// The triggers of a set of rules, compiled once.
struct Detectors: Sendable {
  let rules: RuleSet
  /// Ids of the keys that codes of HMAC are made with.
  let keyIDs: [[UInt8]]
  fileprivate let scan: LiteralScan?
  /// What each literal of the scan starts.
  fileprivate let starts: [Start]

  /// A closer look. An array of bare functions would wrap each in another, whose references are counted at each call.
  fileprivate struct Start { let look: Trigger.Look }

  init(
    _ rules: RuleSet, keyIDs: [[UInt8]] = [], literal: (Trigger) -> LiteralScan.Literal = { trigger in trigger.literal }
  ) {
    self.rules = rules
    self.keyIDs = keyIDs
    let triggers = Self.triggers(of: rules)
    starts = triggers.map { Start(look: $0.look) }
    scan = triggers.isEmpty ? nil : LiteralScan(triggers.map(literal))
  }

  /// Every trigger that one of the rules has, once, but for those that have a substitute among them.
  private static func triggers(of rules: RuleSet) -> [Trigger] {
    var triggers: [Trigger] = []
    for trigger in rules.rules.flatMap(\.definition.triggers) + (rules.isEmpty ? [] : Trigger.escapes)
    where !triggers.contains(where: { $0 === trigger }) {
      triggers.append(trigger)
    }
    return triggers.filter { trigger in !triggers.contains { $0 === trigger.substitute } }
  }

  /// Whether the literals of these rules fit the scan. They do for every set of built-in rules; if not, nothing would
  /// be found, so that no text may be taken for examined.
  var isComplete: Bool { starts.isEmpty || scan != nil }
}

/// Looks for sensitive text in one string after the other: one scan for triggers, then a closer look at each.
///
/// A closer look is bounded by a constant, or walks bytes that no other walk of its kind visits again, so that time
/// is linear in the text.
struct MatchFinder {
  let detectors: Detectors
  /// What was found in the last text, in no order, overlaps included.
  var matches: [Match] = []
  /// The key of the value under examination, where words such as `card` may stand too.
  var key = ScannedText(UnsafeRawBufferPointer(start: nil, count: 0))
  /// Where the last examined run of an IPv6 address or a PEM key ends.
  var networkEnd = 0
  var pemEnd = 0
  var pairs = PairState()
  /// Whether the text has escapes, such as `%3D`.
  private var hasEscapes = false
  private var hasBackslashes = false
  /// The text with its escapes resolved once, twice and so on.
  private var layers: [UnescapedText] = []

  init(_ detectors: Detectors) { self.detectors = detectors }

  /// Finds what is in `bytes`; afterwards `matches` holds it.
  @inline(__always)
  mutating func find(in bytes: UnsafeRawBufferPointer) {
    if !matches.isEmpty { matches.removeAll(keepingCapacity: true) }
    if let anchors = detectors.scan?.firstAnchors(bytes), !anchors.isEmpty { find(in: bytes, from: anchors) }
  }

  @inline(never)
  private mutating func find(in bytes: UnsafeRawBufferPointer, from anchors: LiteralScan.Anchors) {
    findLayer(in: bytes, from: anchors)
    if hasEscapes { findUnescaped(bytes) }
  }

  private mutating func findLayer(in bytes: UnsafeRawBufferPointer, from anchors: LiteralScan.Anchors) {
    (networkEnd, pemEnd, hasEscapes, hasBackslashes) = (0, 0, false, false)
    pairs.reset()
    let first = matches.count
    detectors.scan?.scan(bytes, from: anchors) { index, offset in look(at: index, ScannedText(bytes), offset) }
    sortMatches(from: first)
  }

  /// Finds what is in the text with its escapes resolved, and notes where it lies in the text as it is.
  private mutating func findUnescaped(_ bytes: UnsafeRawBufferPointer) {
    var bytes = bytes
    for layer in 0..<UnescapedText.maxLayers where hasEscapes {
      if layers.count == layer { layers.append(UnescapedText()) }
      layers[layer].read(bytes, hasBackslashes: hasBackslashes)
      guard layers[layer].hasEscapes else { return }
      bytes = layers[layer].bytes
      let first = matches.count
      hasEscapes = false
      if let anchors = detectors.scan?.firstAnchors(bytes), !anchors.isEmpty { findLayer(in: bytes, from: anchors) }
      for index in first..<matches.count {
        for outer in (0...layer).reversed() {
          matches[index].range = layers[outer].source(of: matches[index].range)
          matches[index].whole = layers[outer].source(of: matches[index].whole)
        }
      }
    }
  }

  @inline(never)
  private mutating func look(at index: Int, _ text: ScannedText, _ offset: Int) {
    guard index >= 0, index < detectors.starts.count else { return }
    detectors.starts[index].look(&self, text, offset)
  }

  /// Notes that the text has an escape if one starts at an offset.
  mutating func noteEscape(_ text: ScannedText, _ start: Int) {
    if !hasEscapes { hasEscapes = UnescapedText.isEscape(text, start) }
  }

  /// The same of an escape with a backslash. Those that only escape each other stand in paths, and at the end of
  /// strings that are read as they are.
  mutating func noteBackslash(_ text: ScannedText, _ start: Int) {
    if hasBackslashes || text[start &+ 1] == UInt8(ascii: "\\") { return }
    let before = start &- text.start(ofRunBefore: start, limit: 64) { $0 == UInt8(ascii: "\\") }
    hasBackslashes = (before % 2 == 0 || text[start &+ 1] != UInt8(ascii: "\"")) && UnescapedText.isEscape(text, start)
    hasEscapes = hasEscapes || hasBackslashes
  }

  @inline(__always)
  func enabled(_ rule: Rule) -> Bool { detectors.rules.contains(rule) }

  /// Notes a match of a rule that is on.
  mutating func note(_ rule: Rule, _ range: Range<Int>, whole: Range<Int>? = nil) {
    guard enabled(rule) else { return }
    matches.append(Match(range: range, whole: whole ?? range, rule: Int(rule.rawValue)))
  }

  /// Whether a word stands in the 32 bytes before an offset, or in the key of the value.
  func hasContext(_ text: ScannedText, before offset: Int, _ words: StaticString...) -> Bool {
    let before = Swift.max(offset &- 32, 0)..<Swift.max(offset, 0)
    let hasWords = before.contains { text[$0].isLetter || text[$0] >= 0x80 }
    return words.contains { word in
      hasWords && text.containsIgnoringCase(word, in: before)
        || key.containsIgnoringCase(word, in: 0..<Swift.min(key.count, 64))
    }
  }

  /// Sorts the matches from an index on. They are nearly in order, each at most as far from its place as a closer look
  /// goes back, so that insertion takes time linear in their number.
  private mutating func sortMatches(from first: Int) {
    var index = first &+ 1
    while index < matches.count {
      var place = index
      while place > first, matches[place].isBefore(matches[place &- 1]) {
        matches.swapAt(place, place &- 1)
        place &-= 1
      }
      index &+= 1
    }
  }

  /// Sorts the matches and joins those that overlap: the longest gives the rule, the earlier rule among equals; what
  /// sticks out of it is covered too.
  mutating func resolveOverlaps() {
    guard matches.count > 1 else { return }
    // Those of the detectors and of each pattern are in order already, which the sort makes use of.
    if zip(matches, matches.dropFirst()).contains(where: { $1.isBefore($0) }) { matches.sort { $0.isBefore($1) } }
    var kept = 0
    var longest = matches[0].range.count
    for match in matches.dropFirst() {
      let last = matches[kept]
      guard match.range.lowerBound < last.range.upperBound else {
        kept &+= 1
        matches[kept] = match
        longest = match.range.count
        continue
      }
      join(match, into: kept, &longest)
    }
    matches.removeLast(matches.count &- kept &- 1)
  }

  private mutating func join(_ match: Match, into kept: Int, _ longest: inout Int) {
    let end = Swift.max(matches[kept].range.upperBound, match.range.upperBound)
    let sticksOut = match.range.upperBound > matches[kept].range.upperBound
    let wholeStart = Swift.min(matches[kept].whole.lowerBound, match.whole.lowerBound)
    let wholeEnd = Swift.max(matches[kept].whole.upperBound, match.whole.upperBound)
    if match.range.count > longest {
      longest = match.range.count
      matches[kept].rule = match.rule
    }
    matches[kept].range = matches[kept].range.lowerBound..<end
    matches[kept].whole = wholeStart..<wholeEnd
    if sticksOut { matches[kept].isMerged = true }
  }
}
