// decision: docs/decisions/0203-pairs-in-linear-time.md

/// The value of a pair.
struct PairValue {
  /// Without its quotes.
  var range: Range<Int>
  /// With its quotes.
  var whole: Range<Int>
  var isQuoted: Bool
}

/// What is known of the pairs of one text, so that no part of it is walked for two of them.
struct PairState {
  /// Where the key of the last pair ends.
  var keyEnd = 0
  /// Where the last value ends; a name inside it starts no pair.
  var valueEnd = 0
  /// Where the last value ends that was looked at since its name may mean a password.
  var judgedEnd = 0
  /// Where the last tag of XML ends whose attributes were looked at.
  var tagEnd = 0
  /// Up to where a bracket is known to be without its counterpart.
  var openEnd = 0
  /// The last line whose end was looked for, from there on.
  var line = 0..<0
  /// Where brackets were counted up to, which of them are open there, and whether a string is, and which in it.
  var brackets = BracketStack()
  var bracketsInString = BracketStack()
  var countedEnd = 0
  var isInString = false
  /// For each kind of quote where it was looked for from, and where it was found.
  var closings = InlineArray<22, Range<Int>>(repeating: 0..<0)
  var hasClosings = false

  /// Forgets the text.
  mutating func reset() {
    (keyEnd, valueEnd, judgedEnd, tagEnd, openEnd, countedEnd) = (0, 0, 0, 0, 0, 0)
    (isInString, hasClosings, brackets, line) = (false, false, BracketStack(), 0..<0)
  }
}

/// A quote that opens a string.
struct OpeningQuote {
  var byte: UInt8
  /// The backslashes before it, 0 outside of JSON in strings.
  var slashes: Int
  /// Where the string starts.
  var end: Int
}

/// Kinds of brackets that are open, at most 32.
struct BracketStack {
  private var kinds: UInt64 = 0
  private(set) var depth = 0

  /// The bracket that closes the innermost.
  var closer: UInt8? {
    depth == 0 ? nil : [UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}")][Int(kinds & 3) % 3]
  }

  /// Opens a bracket; false if there are too many.
  mutating func open(_ byte: UInt8) -> Bool {
    guard depth < 32 else { return false }
    kinds = kinds << 2 | (byte == UInt8(ascii: "(") ? 0 : byte == UInt8(ascii: "[") ? 1 : 2)
    depth &+= 1
    return true
  }

  /// Opens or closes a bracket; too many are forgotten.
  mutating func count(_ byte: UInt8) {
    if !byte.isOpener { close(byte) } else if !open(byte) { self = BracketStack() }
  }

  /// Closes the innermost bracket if this is its counterpart.
  mutating func close(_ byte: UInt8) {
    guard byte == closer else { return }
    kinds >>= 2
    depth &-= 1
  }
}
