/// JSON held in a string.
extension TextRedactor {
  /// Examines what may be a JSON text value by value; what is none is examined as text.
  @inline(never)
  mutating func redactDocument(_ text: UnsafeRawBufferPointer, level: Int) -> Bool {
    var checked = JSONDocument(text)
    switch checked.check() {
    case .notJSON: return redactPlain(text, level: level)
    case .tooDeep: return maskUnread()
    case .valid: break
    }
    // Keys lie in the text that is walked, which may be gone after the walk.
    let outerKey = finder.key
    defer { finder.key = outerKey }
    var edits = JSONEdits(level: level)
    let late = walk(text, &edits, late: [])
    if !late.isEmpty {
      edits = JSONEdits(level: level)
      _ = walk(text, &edits, late: late.sorted())
    }
    guard edits.hasAny else { return false }
    edits.finish(text)
    swap(&result, &edits.writer)
    return true
  }

  /// Examines the values of a document. Returns where members start whose siblings after them say that they are secret,
  /// so that they were missed; the walk is to be done again with these.
  private mutating func walk(_ text: UnsafeRawBufferPointer, _ edits: inout JSONEdits, late: [Int]) -> [Int] {
    withUnsafeTemporaryAllocation(of: JSONLists.Level.self, capacity: JSONLists.maxLevels) { levels in
      var walk = JSONWalk(text, lists: JSONLists(levels), late: late)
      while let token = walk.document.next() { redact(token, &walk, &edits) }
      return walk.found
    }
  }

  private mutating func redact(_ token: JSONDocument.Token, _ walk: inout JSONWalk, _ edits: inout JSONEdits) {
    let bytes = UnsafeRawBufferPointer(rebasing: walk.text[token.range])
    trace?.enclose(bytes)
    switch token.kind {
    case .key: redactMember(bytes, &walk, &edits)
    case .open:
      noteValue(nil, &walk)
      walk.lists.open(isObject: bytes.first == UInt8(ascii: "{"))
    case .close: walk.lists.close()
    case .string:
      let plain = unescape(bytes, level: edits.level)
      if noteValue(plain, &walk) {
        if let rule = program.listRule, replace(plain, by: rule) {
          edits.replace(token.outerRange, with: result, in: walk.text)
        }
      } else if redactString(plain, level: edits.level) {
        edits.replace(token.outerRange, with: result, in: walk.text)
      }
    case .word:
      if noteValue(nil, &walk), !JSONDocument.isPlainValue(bytes), let rule = program.listRule {
        if replace(bytes, by: rule) { edits.replace(token.range, with: result, in: walk.text) }
      } else if token.range.count >= 8, redactText(bytes) {
        edits.replace(token.range, with: result, in: walk.text)
      }
    }
  }

  /// Notes what a value says about others of its object or array, and returns whether another says that it is secret.
  /// The value is nil if it is no string.
  @discardableResult
  private func noteValue(_ value: UnsafeRawBufferPointer?, _ walk: inout JSONWalk) -> Bool {
    guard program.listRule != nil else { return false }
    var level = walk.lists.level
    defer { walk.lists.level = level }
    if level.isObject {
      if level.next != .free, let value, program.says(level.next, value) {
        let isNamed = level.next == .named
        if isNamed || level.siblings == .free { level.siblings = level.next }
        let start = isNamed ? level.valueStart : level.pointedStart
        if start >= 0 { walk.found.append(start) }
      }
      level.next = .free
      return false
    }
    let isFlag = value.map { $0.first == UInt8(ascii: "-") && ListedNames.flagName($0) != nil } ?? false
    let isSecret = level.isFlagged && !isFlag && (!walk.lists.isNestedArray || level.count != 1 || walk.isLastOfArray)
    level.isFlagged = value.map { program.flagsSecret($0) } ?? false
    if level.count == 0, walk.lists.isNestedArray, let value, program.namesSecret(value) { level.isFlagged = true }
    level.count &+= 1
    return isSecret
  }

  private mutating func redactString(_ text: UnsafeRawBufferPointer, level: Int) -> Bool {
    if level >= Self.maxJSONLevels { return redactText(text) }
    return JSONDocument.mayStart(text)
      ? redactDocument(text, level: level &+ 1) : redactPlain(text, level: level &+ 1)
  }

  /// Steps over the value of a key that says what becomes of it; the value of any other key comes next.
  private mutating func redactMember(
    _ key: UnsafeRawBufferPointer, _ walk: inout JSONWalk, _ edits: inout JSONEdits
  ) {
    let verdict = judge(key, level: edits.level)
    switch verdict {
    case .ignored: _ = walk.document.skipValue()
    case .secret(let rule): replaceValue(by: rule, &walk, &edits)
    case .examined, .notAllowed, .doubtful:
      if case .doubtful(let rule) = verdict, looksSecret(key, walk) {
        return replaceValue(by: rule, &walk, &edits)
      }
      guard let rule = program.listRule else { return }
      walk.lists.level.next = ListedNames.Siblings(of: key)
      let start = walk.document.valueStart
      if walk.isLate(start) { return replaceValue(by: rule, &walk, &edits) }
      guard ListedNames.isValue(key) else { return }
      if walk.lists.level.siblings.hide(key) { return replaceValue(by: rule, &walk, &edits) }
      walk.lists.level.valueStart = start
      if ListedNames.isPointed(key) { walk.lists.level.pointedStart = start }
    }
  }

  /// Whether the text or number that comes next looks like a secret, beside a key that may mean one.
  private func looksSecret(_ key: UnsafeRawBufferPointer, _ walk: borrowing JSONWalk) -> Bool {
    let first = ScannedText(walk.text)[walk.document.valueStart]
    guard first == UInt8(ascii: "\"") || first.isDigit else { return false }
    var ahead = walk.document
    return program.looksSecret(
      JSONDocument.content(UnsafeRawBufferPointer(rebasing: walk.text[ahead.skipValue()])), key: key)
  }

  private mutating func replaceValue(by rule: Int, _ walk: inout JSONWalk, _ edits: inout JSONEdits) {
    let value = walk.document.skipValue()
    let raw = UnsafeRawBufferPointer(rebasing: walk.text[value])
    trace?.enclose(raw)
    if JSONDocument.isPlainValue(raw) { return }
    let plain = unescape(JSONDocument.content(raw), level: edits.level)
    if replace(plain, by: rule) { edits.replace(value, with: result, in: walk.text) }
  }

  /// Judges a key of JSON as one of a map, but that no list of allowed keys applies: a text stays or goes as a whole.
  private mutating func judge(_ key: UnsafeRawBufferPointer, level: Int) -> KeyVerdict {
    let plain = unescape(key, level: level)
    // A key without its escapes is overwritten by the value's, so that it gives no context.
    let isKept = plain.baseAddress == key.baseAddress
    finder.key = ScannedText(isKept ? key : UnsafeRawBufferPointer(start: nil, count: 0))
    return program.judge(plain, usesAllowList: false)
  }

  /// The content of a JSON string without its escapes; valid until the next call of the level.
  private mutating func unescape(_ content: UnsafeRawBufferPointer, level: Int) -> UnsafeRawBufferPointer {
    guard content.contains(UInt8(ascii: "\\")) else { return content }
    while unescaped.count <= level { unescaped.append(JSONStringBuffer()) }
    return unescaped[level].unescape(content)
  }
}

/// One walk over a document.
struct JSONWalk {
  let text: UnsafeRawBufferPointer
  var document: JSONDocument
  var lists: JSONLists
  /// Where values start that are secret because of a member after them, in order.
  let late: [Int]
  private var lateIndex = 0
  /// Values that should have been among these.
  var found: [Int] = []

  init(_ text: UnsafeRawBufferPointer, lists: JSONLists, late: [Int]) {
    self.text = text
    document = JSONDocument(text)
    self.lists = lists
    self.late = late
  }

  /// Whether the array ends after the value that was last returned.
  var isLastOfArray: Bool { document.isAtArrayEnd }

  /// Whether the value at an offset is one of `late`; offsets never go back.
  mutating func isLate(_ start: Int) -> Bool {
    while lateIndex < late.count, late[lateIndex] < start { lateIndex &+= 1 }
    return lateIndex < late.count && late[lateIndex] == start
  }
}
