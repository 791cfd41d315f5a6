/// The text of a pattern as RE2 reads it.
enum PatternText {
  /// Names groups in the one way that every version of RE2 knows: `(?<name>` becomes `(?P<name>`, which says the same.
  static func spelled(_ pattern: String) -> String {
    guard pattern.contains("(?<") else { return pattern }
    let (text, group) = (Array(pattern.utf8), Array("(?<".utf8))
    var spelled: [UInt8] = []
    var place = 0
    while place < text.count {
      let end = min(next(text, place), text.count)
      if text[place...].starts(with: group) {
        spelled += Array("(?P<".utf8)
        place += group.count
      } else {
        spelled += text[place..<end]
        place = end
      }
    }
    return String(decoding: spelled, as: UTF8.self)
  }

  /// The place after the character, the escape, the quotation or the class at a place.
  private static func next(_ text: [UInt8], _ place: Int) -> Int {
    switch text[place] {
    case UInt8(ascii: "["): return PatternShape.afterClass(text, place + 1)
    case UInt8(ascii: "\\") where place + 1 < text.count && text[place + 1] == UInt8(ascii: "Q"):
      var end = place + 2
      while end < text.count, !text[end...].starts(with: "\\E".utf8) { end += 1 }
      return end + 2
    case UInt8(ascii: "\\"): return place + 2
    default: return place + 1
    }
  }
}
