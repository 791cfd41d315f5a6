/// Texts in which matches of patterns are replaced.
extension OTTLRun {
  /// Replaces what a pattern matches in the text at a path; anything but a text stays as it is.
  mutating func replacePattern(_ call: OTTLArguments) throws(OTTLFault) {
    let path = call.path(0, self)
    let target = try get(path)
    let work = try replacing(call, pattern: 1)
    guard target.kind == .string, let replaced = try replaced(target.text, work) else { return }
    try set(path, to: .string(replaced))
  }

  /// Replaces what a pattern matches in the keys of a map, or in those of its values that are texts.
  mutating func replaceAllPatterns(_ call: OTTLArguments) throws(OTTLFault) {
    let work = try replacing(call, pattern: 2)
    let members = try call.members(0, &self)
    if members.isList { throw .wrongType }
    guard try call.int(1, &self) == 0 else { return try replaceValues(members, work) }
    let start = begin()
    var isChanged = false
    for index in members.indices {
      let key = key(index, of: members.value)
      do throws(OTTLFault) {
        let replaced = try replaced(key, work)
        isChanged = isChanged || replaced != nil
        try add(replaced ?? key, members.value(index, self))
      } catch {
        // A key whose replacement fails goes with its value.
        if work.function == nil || error.isOfLimit { throw error }
        isChanged = true
      }
    }
    let map = uniqueMap(from: start)
    if isChanged { try set(call.path(0, self), to: map) }
  }

  private mutating func replaceValues(_ members: OTTLMembers, _ work: OTTLReplacing) throws(OTTLFault) {
    // All are made before one is set, so that a fault leaves them as they are: indices, and a text behind each.
    let start = begin()
    var bytes = 0
    for index in members.indices {
      let value = members.value(index, self)
      guard value.kind == .string else { continue }
      do throws(OTTLFault) {
        guard let replaced = try replaced(value.text, work) else { continue }
        try add(.int(Int64(index)))
        try add(.string(replaced))
        bytes &+= replaced.count
      } catch {
        // A value whose replacement fails stays as it is.
        if work.function == nil || error.isOfLimit { throw error }
      }
    }
    if bytes > limits.maxGrowthBytes &- growth { throw noRoom(growth &+ bytes) }
    let made = list(from: start)
    for place in stride(from: 0, to: made.memberCount, by: 2) {
      let index = Int(truncatingIfNeeded: member(place, of: made).intValue)
      try members.set(index, to: member(place &+ 1, of: made), &self)
    }
  }

  // MARK: Whole texts

  /// Replaces the text at a path if a pattern of file names matches all of it.
  mutating func replaceMatch(_ call: OTTLArguments) throws(OTTLFault) {
    let path = call.path(0, self)
    let target = try get(path)
    guard target.kind == .string, let made = call.madeIfConstant(OTTLReplacement.self, self),
      made.glob?.matches(bytes(target.text)) == true
    else { return }
    try set(path, to: .string(try wholeReplacement(call, made)))
  }

  /// Replaces those texts of a map that a pattern of file names matches as a whole.
  mutating func replaceAllMatches(_ call: OTTLArguments) throws(OTTLFault) {
    let made = try call.made(OTTLReplacement.self, self)
    let members = try call.members(0, &self)
    if members.isList { throw .wrongType }
    var replacement: OTTLText?
    for index in members.indices {
      let value = members.value(index, self)
      guard value.kind == .string, made.glob?.matches(bytes(value.text)) == true else { continue }
      if replacement == nil { replacement = try wholeReplacement(call, made) }
      if let replacement { try members.set(index, to: .string(replacement), &self) }
    }
  }

  /// The replacement, handed to the function if there is one.
  private mutating func wholeReplacement(
    _ call: OTTLArguments, _ made: OTTLReplacement
  ) throws(OTTLFault) -> OTTLText {
    let text = try call.text(2, &self)
    guard call.has(3, self) else { return text }
    let result = try call.apply(3, to: .string(text), &self)
    guard result.kind == .string else { throw .wrongType }
    try write(result.text, as: made.format)
    return try finishText()
  }

  // MARK: Parts

  private mutating func replacing(_ call: OTTLArguments, pattern: Int) throws(OTTLFault) -> OTTLReplacing {
    let compiled = try call.pattern(pattern, &self)
    let made = call.madeIfConstant(OTTLReplacement.self, self)
    var template = made?.template
    if template == nil {
      template = ExpandTemplate(Array(bytes(try call.text(pattern + 1, &self))), of: compiled)
    }
    guard let template else { throw .unavailable }
    let function = call.has(pattern + 2, self) ? (call, pattern + 2) : nil
    return OTTLReplacing(pattern: compiled, template: template, function: function, format: made?.format)
  }

  /// The text with its matches replaced; nil if there are none.
  private mutating func replaced(_ text: OTTLText, _ work: OTTLReplacing) throws(OTTLFault) -> OTTLText? {
    if work.function != nil { return try replacedByFunction(text, work) }
    let source = bytes(text)
    var walk = MatchWalk(work.pattern, in: source)
    var isFound = false
    while true {
      // Between matches at most the text itself is written, and a match is replaced by groups of it and the template.
      try makeRoom(source.count &+ work.template.maxBytes(of: source.count))
      let found = walk.next { captures, before in
        out.append(source.part(before))
        work.template.append(captures, of: source, to: &out)
      }
      guard try goesOn(found, walk) else { break }
      isFound = true
    }
    guard isFound else { return nil }
    try write(source.part(walk.copied..<source.count))
    return try finishText()
  }

  /// Whether a walk goes on; a fault if it took too long. What was written so far goes then.
  private mutating func goesOn(_ found: MatchWalk.Found, _ walk: MatchWalk) throws(OTTLFault) -> Bool {
    if found == .tooCostly {
      out.truncate(to: 0)
      excess = OTTLExcess(wanted: walk.wantedBytes, allowed: walk.allowedBytes, unit: .steps)
      throw .tooCostly
    }
    return found == .match
  }

  /// The same with each replacement handed to a converter, which writes to the same memory: parts are put together
  /// when all are there.
  private mutating func replacedByFunction(_ text: OTTLText, _ work: OTTLReplacing) throws(OTTLFault) -> OTTLText? {
    guard let (call, parameter) = work.function else { return nil }
    var source = bytes(text)
    var walk = MatchWalk(work.pattern, in: source)
    let start = begin()
    while true {
      var before = 0..<0
      try makeRoom(work.template.maxBytes(of: source.count))
      let found = walk.next { captures, range in
        before = range
        work.template.append(captures, of: source, to: &out)
      }
      guard try goesOn(found, walk) else { break }
      let expanded = try finishText()
      let result = try call.apply(parameter, to: .string(expanded), &self)
      guard result.kind == .string else { throw .wrongType }
      try write(result.text, as: work.format)
      try add(text.part(before), .string(try finishText()))
      // Texts may have moved, and with them the source.
      source = bytes(text)
      walk.rebase(source)
    }
    let parts = map(from: start)
    guard parts.memberCount > 0 else { return nil }
    for index in 0..<parts.memberCount {
      try write(bytes(key(index, of: parts)))
      try write(bytes(member(index, of: parts).text))
    }
    try write(bytes(text.part(walk.copied..<text.count)))
    return try finishText()
  }

  /// Writes a text in place of the `%s` of a format.
  private mutating func write(_ text: OTTLText, as format: SprintfFormat?) throws(OTTLFault) {
    guard let format else { return try write(bytes(text)) }
    for part in format.parts {
      if case .text(let range) = part {
        format.text.withUnsafeBytes { out.append($0.part(range)) }
      } else {
        try write(bytes(text))
      }
    }
  }
}

/// A pattern with what its matches are replaced by.
private struct OTTLReplacing {
  let pattern: Pattern
  let template: ExpandTemplate
  /// The call and its parameter that names the converter.
  let function: (call: OTTLArguments, parameter: Int)?
  let format: SprintfFormat?
}
