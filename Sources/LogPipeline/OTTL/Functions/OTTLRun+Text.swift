/// What converters of texts do. Arguments are evaluated before anything is written: they are written to the same
/// memory.
extension OTTLRun {
  /// Texts with a delimiter between them; nil is `<nil>`.
  mutating func concat(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let start = begin()
    let items = try call.items(0, &self)
    for index in 0..<items.count {
      let value = try items.value(index, &self)
      let text = try value.kind == .string ? value.text : textLike(value)
      try add(text.map { .string($0) } ?? .none)
    }
    let parts = list(from: start)
    let delimiter = try call.text(1, &self)
    for index in 0..<parts.memberCount {
      if index > 0 { try write(bytes(delimiter)) }
      let part = member(index, of: parts)
      if part.isNone { out.append("<nil>") } else { try write(bytes(part.text)) }
    }
    return .string(try finishText())
  }

  /// Bytes from a place on; whole characters only if that is asked for.
  mutating func substring(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let text = try call.text(0, &self)
    let (start, length) = (try call.int(1, &self), try call.int(2, &self))
    let (end, overflow) = start.addingReportingOverflow(length)
    guard start >= 0, length > 0, !overflow, end <= Int64(text.count) else { throw .outOfRange }
    guard try call.bool(3, &self) else { return .string(text.part(Int(start)..<Int(end))) }
    let bytes = bytes(text)
    return .string(text.part(bytes.characterStart(Int(start))..<bytes.characterStart(Int(end))))
  }

  /// A text without characters of a set at both its ends.
  func trimmed(_ text: OTTLText, of characters: OTTLText) -> OTTLText {
    let (bytes, set) = (bytes(text), bytes(characters))
    var (start, end): (Int, Int) = (0, bytes.count)
    while start < end {
      let length = CaseText.scalar(of: bytes, at: start).length
      guard set.first(bytes.part(start..<start &+ length)) != nil else { break }
      start &+= length
    }
    while end > start {
      let last = bytes.characterStart(end &- 1)
      guard last >= start, set.first(bytes.part(last..<end)) != nil else { break }
      end = last
    }
    return text.part(start..<end)
  }

  func trimmed(_ text: OTTLText, prefix: OTTLText) -> OTTLText {
    bytes(text).hasPrefix(bytes(prefix)) ? text.part(prefix.count..<text.count) : text
  }

  func trimmed(_ text: OTTLText, suffix: OTTLText) -> OTTLText {
    bytes(text).hasSuffix(bytes(suffix)) ? text.part(0..<text.count &- suffix.count) : text
  }

  /// A text in another case.
  mutating func text(_ text: OTTLText, in wanted: CaseText) throws(OTTLFault) -> OTTLValue {
    // A character is three times as long at most in another case, and words get one more between them.
    try makeRoom(text.count &* 3)
    let bytes = bytes(text)
    return try newText { wanted.append(bytes, to: &$0) }
  }

  /// Bytes in hexadecimal digits; of nil nothing.
  mutating func hex(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    guard let text = try call.bytesLike(0, &self) else { return .string(.empty) }
    try makeRoom(text.count &* 2)
    let bytes = bytes(text)
    return try newText { $0.appendHex(bytes) }
  }

  /// Where a text is found in another, or a value in a list; -1 if it is not there.
  mutating func indexOf(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let (target, value) = (try call.value(0, &self), try call.value(1, &self))
    switch target.kind {
    case .string:
      guard value.kind == .string else { throw value.isNone ? .nothing : .wrongType }
      return .int(Int64(bytes(target.text).first(bytes(value.text)) ?? -1))
    case .list:
      for index in 0..<target.memberCount where compare(member(index, of: target), .equal, value) {
        return .int(Int64(index))
      }
      return .int(-1)
    case .none: throw .nothing
    default: throw .wrongType
    }
  }

  // MARK: Format

  /// Values as a format of Go's `Sprintf` says.
  mutating func format(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let format = try call.made(SprintfFormat.self, self)
    let start = begin()
    let items = try call.items(1, &self)
    for index in 0..<items.count { try add(try printable(try items.value(index, &self))) }
    let values = list(from: start)
    var printer = FormatPrinter(values: values)
    for part in format.parts { try printer.print(part, of: format, &self) }
    try printer.finish(&self)
    return .string(try finishText())
  }

  /// A value as it is, or as a text if `Sprintf` has no form for it.
  private mutating func printable(_ value: OTTLValue) throws(OTTLFault) -> OTTLValue {
    switch value.kind {
    case .list, .map: return .string(try textLike(value) ?? .empty)
    case .duration: return try newText { GoDuration.append(value.nanoseconds, to: &$0) }
    case .traceID: return try newText { $0.appendHex(value.traceIDValue) }
    case .spanID: return try newText { $0.appendHex(value.spanIDValue) }
    case .time: return .string(try timeText(value))
    case .none, .bool, .int, .double, .string, .bytes: return value
    }
  }

  // MARK: Keys and values

  /// The members of a map as `key=value`, in quotes where a delimiter stands in them.
  mutating func keyValueString(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let form = try call.made(KeyValueText.self, self)
    let map = try call.map(0, &self)
    var order = Array(0..<map.memberCount)
    if try call.bool(3, &self) {
      order.sort { bytes(key($0, of: map)).lexicographicallyPrecedes(bytes(key($1, of: map))) }
    }
    // Texts of values are made before any is written.
    let start = begin()
    for index in order { try add(key(index, of: map), .string(try textOf(member(index, of: map)))) }
    let texts = self.map(from: start)
    for index in 0..<texts.memberCount {
      if index > 0 { try write(form.pairDelimiter) }
      try write(key(index, of: texts), as: form)
      try write(form.delimiter)
      try write(member(index, of: texts).text, as: form)
    }
    return .string(try finishText())
  }

  private mutating func write(_ constant: [UInt8]) throws(OTTLFault) {
    try makeRoom(constant.count)
    out.append(constant)
  }

  /// Writes a key or a value: quotes get a backslash, and what holds a delimiter gets quotes.
  private mutating func write(_ text: OTTLText, as form: KeyValueText) throws(OTTLFault) {
    try makeRoom(text.count &* 2 &+ 2)
    let bytes = bytes(text)
    let isQuoted = bytes.first(form.delimiter) != nil || bytes.first(form.pairDelimiter) != nil
    if isQuoted { out.append("\"") }
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { out.append("\\") }
      out.append(byte)
    }
    if isQuoted { out.append("\"") }
  }
}

extension UnsafeRawBufferPointer {
  /// Where the character begins that a byte belongs to; the end for the end.
  func characterStart(_ place: Int) -> Int {
    var place = Swift.min(place, count)
    var steps = 0
    while place > 0, place < count, steps < 3, self[place] & 0xC0 == 0x80 {
      place &-= 1
      steps &+= 1
    }
    return place
  }
}

/// Goes through the values of a format.
private struct FormatPrinter {
  let values: OTTLValue
  private var next = 0
  /// Whether some value was taken out of turn, so that none counts as left over.
  private var isReordered = false

  init(values: OTTLValue) { self.values = values }

  mutating func print(_ part: SprintfFormat.Part, of format: SprintfFormat, _ run: inout OTTLRun) throws(OTTLFault) {
    switch part {
    case .text(let range):
      try run.makeRoom(range.count)
      format.text.withUnsafeBytes { run.out.append($0.part(range)) }
    case .noVerb: run.out.append("%!(NOVERB)")
    case .directive(let directive): try print(directive, &run)
    }
  }

  private mutating func print(_ directive: SprintfFormat.Directive, _ run: inout OTTLRun) throws(OTTLFault) {
    var directive = directive
    if let argument = directive.argument {
      isReordered = true
      next = argument
    }
    directive.width = size(directive.width, &run, "%!(BADWIDTH)")
    if case .fixed(let width) = directive.width, width < 0 {
      directive.minus = true
      directive.width = .fixed(0 &- width)
    }
    directive.precision = size(directive.precision, &run, "%!(BADPREC)")
    guard next >= 0, next < values.memberCount else {
      run.out.append("%!")
      run.out.append(scalar: directive.verb)
      return run.out.append("(MISSING)")
    }
    let value = run.member(next, of: values)
    next &+= 1
    // A byte becomes four at most, `\x07`, and width and precision are bounded.
    try run.makeRoom((value.kind == .string || value.kind == .bytes ? value.text.count &* 4 : 0) &+ 16_384)
    argument(value, run).append(directive, to: &run.out)
  }

  /// A size that the next value says.
  private mutating func size(
    _ size: SprintfFormat.Size, _ run: inout OTTLRun, _ problem: StaticString
  ) -> SprintfFormat.Size {
    guard size == .argument else { return size }
    let value = next >= 0 && next < values.memberCount ? run.member(next, of: values) : .none
    next &+= 1
    guard value.kind == .int, let number = Int(exactly: value.intValue), number.magnitude <= SprintfFormat.maxWidth
    else {
      run.out.append(problem)
      return .none
    }
    return .fixed(number)
  }

  private func argument(_ value: OTTLValue, _ run: borrowing OTTLRun) -> SprintfArgument {
    switch value.kind {
    case .string: .string(run.bytes(value.text))
    case .bytes: .bytes(run.bytes(value.text))
    case .int: .int(value.intValue)
    case .double: .double(value.doubleValue)
    case .bool: .bool(value.boolValue)
    default: .none
    }
  }

  /// Tells of values that no directive took.
  mutating func finish(_ run: inout OTTLRun) throws(OTTLFault) {
    guard !isReordered, next < values.memberCount else { return }
    run.out.append("%!(EXTRA ")
    for index in next..<values.memberCount {
      if index > next { run.out.append(", ") }
      let value = run.member(index, of: values)
      try run.makeRoom((value.kind == .string || value.kind == .bytes ? value.text.count : 0) &+ 64)
      argument(value, run).appendTyped(to: &run.out)
    }
    run.out.append(")")
  }
}
