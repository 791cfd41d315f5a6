/// What a user agent says of itself: a program and a system, each with its version.
///
/// The rules are a short table of our own (`UserAgentRule`), for the programs that servers mostly see; it knows far
/// fewer than the collections of patterns that others use. What it does not know is `Other`.
enum UserAgentText {
  /// The most bytes that are looked at.
  static let maxBytes = 1024

  /// Adds name, version and system of a user agent.
  static func read(_ text: UnsafeRawBufferPointer, into found: inout FoundFields) {
    found.add("user_agent.original", FoundFields.Piece(0..<text.count))
    let text = text.part(0..<maxBytes)
    let program = program(of: text)
    let programName = found.write(program.name)
    found.add("user_agent.name", programName)
    found.add("user_agent.version", FoundFields.Piece(program.version))
    let system = system(of: text)
    let systemName = found.write(system.name)
    found.add("os.name", systemName)
    let start = found.written.count
    if let soldAs = system.soldAs { found.written.append(soldAs) }
    for byte in text.part(system.version) { found.written.append(byte == UInt8(ascii: "_") ? UInt8(ascii: ".") : byte) }
    if found.written.count > start { found.add("os.version", found.piece(since: start)) }
  }

  private struct Finding {
    var name: StaticString = "Other"
    var version = 0..<0
    /// A version that the user agent has under a number that nobody knows.
    var soldAs: StaticString?
  }

  private static func program(of text: UnsafeRawBufferPointer) -> Finding {
    for rule in UserAgentRule.programs {
      guard let at = text.first(rule.mark) else { continue }
      if let also = rule.also, text.first(also) == nil { continue }
      return Finding(name: rule.name, version: version(of: text, rule, at))
    }
    // Most programs call themselves `name/version`, which is no name of ours to give.
    return Finding()
  }

  private static func version(of text: UnsafeRawBufferPointer, _ rule: UserAgentRule, _ at: Int) -> Range<Int> {
    guard let mark = rule.version else { return number(in: text, from: at &+ rule.mark.utf8CodeUnitCount, parts: 3) }
    guard let start = text.first(mark) else { return 0..<0 }
    return number(in: text, from: start &+ mark.utf8CodeUnitCount, parts: 3)
  }

  /// Numbers with points between them, as many as wanted at most.
  private static func number(in text: UnsafeRawBufferPointer, from start: Int, parts: Int) -> Range<Int> {
    var (end, left): (Int, Int) = (start, parts)
    while end < text.count {
      let isPoint = text[end] == UInt8(ascii: ".") && end > start && end &+ 1 < text.count && text[end &+ 1].isDigit
      if isPoint { left &-= 1 }
      guard left > 0, isPoint || text[end].isDigit else { break }
      end &+= 1
    }
    return start..<end
  }

  // MARK: Systems

  private static func system(of text: UnsafeRawBufferPointer) -> Finding {
    if let windows = text.first("Windows NT ") { return self.windows(text, windows &+ 11) }
    if text.first("Windows Phone") != nil {
      return Finding(name: "Windows Phone", version: behind("Windows Phone ", in: text))
    }
    if text.first("iPhone OS ") != nil { return apple("iOS", behind: "iPhone OS ", in: text) }
    if text.first("CPU OS ") != nil { return apple("iOS", behind: "CPU OS ", in: text) }
    if text.first("Mac OS X ") != nil { return apple("Mac OS X", behind: "Mac OS X ", in: text) }
    if text.first("Android") != nil { return Finding(name: "Android", version: behind("Android ", in: text)) }
    if text.first("CrOS ") != nil { return Finding(name: "Chrome OS") }
    for (mark, name) in UserAgentRule.systems where text.first(mark) != nil { return Finding(name: name) }
    return Finding()
  }

  private static func behind(_ mark: StaticString, in text: UnsafeRawBufferPointer) -> Range<Int> {
    guard let start = text.first(mark) else { return 0..<0 }
    return number(in: text, from: start &+ mark.utf8CodeUnitCount, parts: 3)
  }

  /// A version whose parts stand with `_` between them.
  private static func apple(_ name: StaticString, behind mark: StaticString, in text: UnsafeRawBufferPointer) -> Finding
  {
    guard let at = text.first(mark) else { return Finding(name: name) }
    let start = at &+ mark.utf8CodeUnitCount
    var end = start
    while end < text.count, text[end].isDigit || text[end] == 0x5F || text[end] == 0x2E { end &+= 1 }
    return Finding(name: name, version: start..<end)
  }

  /// Versions of Windows NT by what they were sold as.
  private static func windows(_ text: UnsafeRawBufferPointer, _ start: Int) -> Finding {
    let range = number(in: text, from: start, parts: 2)
    let known = UserAgentRule.windows.first { text.part(range).isEqual($0.0) }
    return Finding(name: "Windows", version: known == nil ? range : 0..<0, soldAs: known?.1)
  }
}
