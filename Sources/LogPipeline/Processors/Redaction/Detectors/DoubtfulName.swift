// decision: docs/decisions/0206-redaction-names-and-values.md

/// Names that mean a secret only beside a value that looks like one: `pass=hunter2`, but not `pass=2` or `pass: true`.
enum DoubtfulName {
  case password, pin, token

  /// The name that a key is, or that its last segment is; nil if it is none of these.
  init?(_ key: ScannedText, _ range: Range<Int>) {
    let start = key.start(ofRunBefore: range.upperBound, limit: Swift.min(range.count, 8)) { $0.isLetter }
    let before = key[start &- 1]
    guard start == range.lowerBound || before == UInt8(ascii: ".") || before == UInt8(ascii: "-") else { return nil }
    // In another word's company, as in `low-pass`, it is a part of a name; the dashes of a flag are none.
    let dashes = key.start(ofRunBefore: start, limit: 2) { $0 == UInt8(ascii: "-") }
    guard before != UInt8(ascii: "-") || dashes <= range.lowerBound else { return nil }
    func isOne(of words: StaticString...) -> Bool {
      words.contains { $0.utf8CodeUnitCount == range.upperBound &- start && key.hasIgnoringCase($0, at: start) }
    }
    if isOne(of: "pass", "pw", "creds") {
      self = .password
    } else if isOne(of: "pin") {
      self = .pin
    } else if isOne(of: "jwt", "bearer") {
      self = .token
    } else {
      return nil
    }
  }

  /// The most bytes of a value that are looked at.
  static let maxValueBytes = 64

  /// Whether a value of such a name, or the start of one, looks like a secret; `isOfUser` says whether a user stands
  /// beside it.
  func hides(_ text: ScannedText, _ value: Range<Int>, isOfUser: @autoclosure () -> Bool) -> Bool {
    let value = value.prefix(Self.maxValueBytes)
    switch self {
    case .pin:
      return (4...8).contains(value.count) && value.allSatisfy { text[$0].isDigit }
    case .token:
      return value.count >= 12 && text.isRandom(value)
    case .password:
      if value.count < 3 || Self.isOutcome(text, value) { return false }
      return value.count >= 6 && Self.isPassword(text, value) || isOfUser()
    }
  }

  /// Whether a value without anything beside it looks like a password: letters and digits in one word, or a sign that
  /// neither names nor numbers have.
  private static func isPassword(_ text: ScannedText, _ value: Range<Int>) -> Bool {
    if text.hasIgnoringCase("test", at: value.lowerBound) { return false }
    var (hasLetter, hasSign, isJoined) = (false, false, false)
    for offset in value {
      let byte = text[offset]
      if byte.isLetter {
        hasLetter = true
      } else if !byte.isDigit {
        hasSign = hasSign || isSign(byte)
        isJoined = isJoined || isJoint(byte)
      }
    }
    return hasLetter && (hasSign || (isJoined ? text.isRandom(value) : !text.isWords(value)))
  }

  /// One of `!@#$^&*~?`.
  private static func isSign(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21, 0x23, 0x24, 0x26, 0x2A, 0x3F, 0x40, 0x5E, 0x7E: true
    default: false
    }
  }

  /// One of `-_./:, ()`.
  private static func isJoint(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x28, 0x29, 0x2C, 0x2D, 0x2E, 0x2F, 0x3A, 0x5F: true
    default: false
    }
  }

  /// Whether a value is a number or says how something went.
  private static func isOutcome(_ text: ScannedText, _ value: Range<Int>) -> Bool {
    let words: [StaticString] = [
      "yes", "no", "ok", "okay", "fail", "failed", "failure", "passed", "success", "high", "low", "error", "valid",
      "invalid", "missing", "empty", "wrong", "expired", "loaded", "enabled", "disabled", "required",
    ]
    return value.allSatisfy { !text[$0].isLetter && text[$0] < 0x80 }
      || value.count <= 8
        && words.contains { $0.utf8CodeUnitCount == value.count && text.hasIgnoringCase($0, at: value.lowerBound) }
  }
}
