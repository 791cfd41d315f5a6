import Glibc

/// Redacts one text after the other, in memory that is kept from text to text.
///
/// Redacting twice changes nothing: what a first pass leaves is examined again until nothing changes.
struct TextRedactor: ~Copyable {
  let program: RedactionProgram
  /// How often each rule changed something.
  var counts: [Int]
  /// The text that `redact` made, if it says that it changed something.
  var result = ByteWriter(capacityBytes: 256)
  /// Whether the last text was left alone because of `allowed_values`.
  private(set) var wasAllowed = false
  var finder: MatchFinder
  /// Told of what is done; nil if nobody wants to see it.
  var trace: RedactionTrace?
  private var previous = ByteWriter(capacityBytes: 64)
  /// Strings of JSON without their escapes, for each level of JSON held in a string of JSON.
  var unescaped: [JSONStringBuffer] = []

  /// Levels of JSON held in strings of JSON whose structure is followed; deeper, it is read as text.
  static var maxJSONLevels: Int { 4 }
  /// How often a text is examined again before it is masked whole.
  private static var maxRounds: Int { 6 }

  init(_ program: RedactionProgram) {
    self.program = program
    counts = [Int](repeating: 0, count: program.rules.count)
    finder = MatchFinder(program.detectors)
  }

  /// Examines a text, and if it is JSON each string in it; says whether `result` is to take its place. The key is that
  /// of the value, empty if it has none.
  @inline(__always)
  mutating func redact(_ text: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer) -> Bool {
    wasAllowed = false
    if text.count > program.maxTextBytes { return maskUnread() }
    wasAllowed = !program.options.allowedValues.isEmpty && isAllowed(text)
    if wasAllowed { return false }
    finder.key = ScannedText(key)
    return JSONDocument.mayStart(text) ? redactDocument(text, level: 0) : redactPlain(text, level: 0)
  }

  func isAllowed(_ text: UnsafeRawBufferPointer) -> Bool {
    program.options.allowedValues.contains { $0.matches(text) }
  }

  /// Notes that a value is not looked at.
  mutating func skip() { wasAllowed = false }

  /// Makes the mask of what cannot be examined the result.
  mutating func maskUnread() -> Bool { replaceAll(RedactionProgram.Special.unexaminable.index) }

  /// Makes the rule's mask the result.
  mutating func replaceAll(_ rule: Int) -> Bool {
    result.truncate(to: 0)
    program.rules[rule].appendMask(to: &result)
    counts[rule] &+= 1
    trace?.noteWhole(rule)
    return true
  }

  /// Makes what a rule leaves of a whole value the result; false if the value is what a redaction leaves.
  mutating func replace(_ value: UnsafeRawBufferPointer, by rule: Int) -> Bool {
    let text = ScannedText(value)
    if RedactedText.isWhole(text, 0..<text.count, keyIDs: program.detectors.keyIDs) { return false }
    result.truncate(to: 0)
    program.rules[rule].append(value, isMerged: false, to: &result)
    if isResult(value) { return false }
    counts[rule] &+= 1
    trace?.note(rule, value)
    return true
  }

  /// Examines a text that is not JSON, and what is left of it as JSON if it has become that.
  @inline(__always)
  mutating func redactPlain(_ text: UnsafeRawBufferPointer, level: Int) -> Bool {
    redactText(text) && redactAsDocument(level: level)
  }

  @inline(never)
  private mutating func redactAsDocument(level: Int) -> Bool {
    guard result.withUnsafeBytes({ JSONDocument.mayStart($0) }) else { return true }
    var left = ByteWriter(capacityBytes: result.count)
    swap(&result, &left)
    let isChanged = left.withUnsafeBytes { redactDocument($0, level: level) }
    if !isChanged { swap(&result, &left) }
    return true
  }

  /// Examines a text.
  @inline(__always)
  mutating func redactText(_ text: UnsafeRawBufferPointer) -> Bool {
    finder.find(in: text)
    if program.mayHavePattern(text), !findPatterns(text) { return maskUnread() }
    return finder.matches.isEmpty ? false : replaceMatches(text)
  }

  /// Adds what the patterns of the configuration find; false if one of them took too many searches.
  private mutating func findPatterns(_ text: UnsafeRawBufferPointer) -> Bool {
    program.patterns.allSatisfy { finder.find($0.pattern, rule: $0.rule, in: text) }
  }

  /// Replaces the matches that `finder` holds, and then those in what this leaves.
  @inline(never)
  private mutating func replaceMatches(_ text: UnsafeRawBufferPointer) -> Bool {
    finder.resolveOverlaps()
    result.truncate(to: 0)
    write(text)
    if isResult(text) { return false }
    count(text)
    for _ in 0..<Self.maxRounds {
      swap(&result, &previous)
      // The bytes stay where they are while nothing is appended to `previous`.
      let left = previous.withUnsafeBytes { $0 }
      finder.find(in: left)
      if finder.matches.isEmpty {
        swap(&result, &previous)
        return true
      }
      finder.resolveOverlaps()
      result.truncate(to: 0)
      write(left)
      if isResult(left) { return true }
      count(left)
    }
    return maskUnread()
  }

  private mutating func count(_ text: UnsafeRawBufferPointer) {
    for match in finder.matches { counts[match.rule] &+= 1 }
    guard let trace else { return }
    for match in finder.matches {
      let range = (program.rules[match.rule].deletes ? match.whole : match.range).clamped(to: 0..<text.count)
      trace.note(match.rule, UnsafeRawBufferPointer(rebasing: text[range]))
    }
  }

  private func isResult(_ text: UnsafeRawBufferPointer) -> Bool {
    result.count == text.count
      && result.withUnsafeBytes { own in
        guard let a = own.baseAddress, let b = text.baseAddress else { return text.isEmpty }
        return memcmp(a, b, text.count) == 0
      }
  }

  /// Appends the text with its matches replaced to `result`.
  private mutating func write(_ text: UnsafeRawBufferPointer) {
    var position = 0
    for match in finder.matches {
      let rule = program.rules[match.rule]
      let range = (rule.deletes ? match.whole : match.range).clamped(to: position..<text.count)
      result.append(UnsafeRawBufferPointer(rebasing: text[position..<range.lowerBound]))
      rule.append(UnsafeRawBufferPointer(rebasing: text[range]), isMerged: match.isMerged, to: &result)
      position = range.upperBound
    }
    result.append(UnsafeRawBufferPointer(rebasing: text[position...]))
  }
}
