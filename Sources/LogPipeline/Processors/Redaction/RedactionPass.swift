/// One walk of a redaction processor over one batch: attributes of resources, scopes and records, then bodies.
struct RedactionPass: ~Copyable {
  private let program: RedactionProgram
  private(set) var redactor: TextRedactor
  private var summary: RedactionSummary
  /// The path of the body member under examination, such as `user.cards.[2]`; kept only for a summary or a trace.
  private var path: [UInt8] = []
  private var number = ByteWriter(capacityBytes: 64)
  /// Of keys to which lists of allowed keys apply.
  private var verdicts = KeyVerdicts()
  private let wantsPaths: Bool
  /// Whether what is looked at lies in a body, and how deep: a map counts as two levels, as the values in it do.
  private var isBody = false
  private var depth = 0

  /// Levels of nested values that are looked at; deeper ones are masked unread.
  private static var maxDepth: Int { 128 }

  init(_ program: RedactionProgram, tracedBy trace: RedactionTrace? = nil) {
    self.program = program
    redactor = TextRedactor(program)
    redactor.trace = trace
    summary = RedactionSummary(program.options.summary)
    wantsPaths = program.options.summary != .silent || trace != nil
  }

  /// Redacts resources, scopes and records, but for the records that `skipped` says.
  mutating func run(_ batch: inout LogBatch, skipping skipped: [Bool]? = nil) {
    for index in batch.resources.indices {
      redactor.trace?.owner = "resource \(index + 1)"
      var range = batch.resources[index].attributes
      redactAttributes(&range, &batch)
      batch.resources[index].attributes = range
    }
    for index in batch.scopes.indices {
      redactor.trace?.owner = "scope \(index + 1)"
      var range = batch.scopes[index].attributes
      redactAttributes(&range, &batch)
      batch.scopes[index].attributes = range
    }
    for index in batch.records.indices where skipped?[index] != true {
      redactor.trace?.owner = "record \(index + 1)"
      var range = batch.records[index].attributes
      redactAttributes(&range, &batch)
      redactBody(index, &range, &batch)
      if range != batch.records[index].attributes { batch.records[index].attributes = range }
    }
  }

  /// What is to be done to a value.
  private enum Change {
    case none
    case replace(Value)
    case remove
  }
}

/// Owners of attributes.
extension RedactionPass {
  private mutating func redactAttributes(_ range: inout EntryRange, _ batch: inout LogBatch) {
    var kept = range.indices.lowerBound
    for index in range.indices {
      let attribute = batch.attributes[index]
      switch change(attribute, at: index &- range.indices.lowerBound, &batch) {
      case .none: if kept < index { batch.attributes[kept] = attribute }
      case .replace(let value): batch.attributes[kept] = Attribute(key: attribute.key, value: value)
      case .remove: continue
      }
      kept &+= 1
    }
    if kept < range.indices.upperBound { range = EntryRange(range.indices.lowerBound..<kept) }
    if wantsPaths { summary.write(part: "", to: &range, in: &batch) }
  }

  private mutating func redactBody(_ record: Int, _ range: inout EntryRange, _ batch: inout LogBatch) {
    let body = batch.records[record].body
    isBody = true
    defer { isBody = false }
    if body.kind == .map || body.kind == .array {
      if case .replace(let value) = members(body, &batch) { batch.records[record].body = value }
    } else {
      path = wantsPaths ? Array("body".utf8) : []
      if case .replace(let value) = scalar(body, key: .empty, &batch) {
        batch.records[record].body = value
        noteMasked()
      } else if wantsPaths, redactor.wasAllowed {
        summary.allowed.note(path)
      }
    }
    path.removeAll(keepingCapacity: true)
    if wantsPaths { summary.write(part: "body.", to: &range, in: &batch) }
  }
}

/// Values.
extension RedactionPass {
  /// What becomes of an attribute or a member of a map, by its key and then by its value.
  @inline(__always)
  private mutating func change(
    _ attribute: Attribute, at place: Int, _ batch: inout LogBatch, isSecret: Bool = false
  ) -> Change {
    var verdict = judge(attribute.key, at: place, batch)
    if isSecret, let rule = program.listRule {
      switch verdict {
      case .examined, .doubtful: verdict = .secret(rule)
      case .ignored, .notAllowed, .secret: break
      }
    }
    let isContainer = attribute.value.kind == .map || attribute.value.kind == .array
    if case .examined = verdict, !isContainer, !wantsPaths {
      return scalar(attribute.value, key: attribute.key, &batch)
    }
    return change(attribute, verdict, &batch)
  }

  @inline(never)
  private mutating func change(_ attribute: Attribute, _ verdict: KeyVerdict, _ batch: inout LogBatch) -> Change {
    let outer = path.count
    if wantsPaths { enter(attribute.key, batch) }
    defer { if wantsPaths { path.removeLast(path.count &- outer) } }
    switch verdict {
    case .ignored:
      if wantsPaths { summary.ignored.note(path) }
      return .none
    case .notAllowed:
      redactor.counts[RedactionProgram.Special.notAllowed.index] &+= 1
      if wantsPaths { traceRemoval(of: attribute.value, by: RedactionProgram.Special.notAllowed.index, batch) }
      if wantsPaths { summary.redacted.note(path) }
      return .remove
    case .secret(let rule): return whole(attribute.value, rule, &batch)
    case .doubtful(let rule):
      if looksSecret(attribute, batch) { return whole(attribute.value, rule, &batch) }
    case .examined: break
    }
    if attribute.value.kind == .map || attribute.value.kind == .array {
      return innerMembers(attribute.value, &batch)
    }
    let change = scalar(attribute.value, key: attribute.key, &batch)
    if wantsPaths { note(change) }
    return change
  }

  /// Whether a text or number looks like a secret, beside a key that may mean one.
  private mutating func looksSecret(_ attribute: Attribute, _ batch: borrowing LogBatch) -> Bool {
    guard attribute.value.kind == .string || attribute.value.kind == .int else { return false }
    number.truncate(to: 0)
    number.appendText(attribute.value, of: batch)
    return batch.store.withUnsafeBytes { store in
      number.withUnsafeBytes { value in
        program.looksSecret(value, key: UnsafeRawBufferPointer(rebasing: store[attribute.key.range]))
      }
    }
  }

  /// What the key at a place among those of its owner says.
  @inline(__always)
  private mutating func judge(_ key: ByteSlice, at place: Int, _ batch: borrowing LogBatch) -> KeyVerdict {
    batch.store.withUnsafeBytes { store in
      guard isBody || depth == 0 else {
        return program.judge(UnsafeRawBufferPointer(rebasing: store[key.range]), usesAllowList: false)
      }
      return verdicts.verdict(on: key, at: place, in: store) { program.judge($0, usesAllowList: true) }
    }
  }

  /// The members of a map or array, in place; a map that loses members gets a shorter range.
  private mutating func members(_ value: Value, _ batch: inout LogBatch, isElement: Bool = false) -> Change {
    guard depth < Self.maxDepth else {
      redactor.trace?.begin(UnsafeRawBufferPointer(start: nil, count: 0))
      return redactor.maskUnread() ? stored(.string, &batch) : .none
    }
    let isMap = value.kind == .map
    let outer = depth
    defer { depth = outer }
    if isMap { depth &+= 1 }
    let siblings = isMap ? siblings(of: value, batch) : .free
    // In an array, whether the element before says that this one is secret.
    var isFlagged = false
    let isPair = !isMap && isElement && value.entries.count == 2
    var kept = value.entries.indices.lowerBound
    for index in value.entries.indices {
      let member = batch.nested[index]
      let place = index &- value.entries.indices.lowerBound
      let isSecret = isMap ? isHidden(member.key, siblings, batch) : isFlagged && !isFlag(member.value, batch)
      if !isMap { isFlagged = saysSecret(member.value, batch, isName: isPair && place == 0) }
      switch isMap
        ? change(member, at: place, &batch, isSecret: isSecret)
        : element(member.value, at: place, &batch, isSecret: isSecret)
      {
      case .none: if kept < index { batch.nested[kept] = member }
      case .replace(let new): batch.nested[kept] = Attribute(key: member.key, value: new)
      case .remove: continue
      }
      kept &+= 1
    }
    guard kept < value.entries.indices.upperBound else { return .none }
    let range = EntryRange(value.entries.indices.lowerBound..<kept)
    return .replace(isMap ? .map(range) : .array(range))
  }

  /// The members of a map or array that lies in another value.
  private mutating func innerMembers(_ value: Value, _ batch: inout LogBatch, isElement: Bool = false) -> Change {
    depth &+= 1
    defer { depth &-= 1 }
    return members(value, &batch, isElement: isElement)
  }

  private mutating func element(
    _ value: Value, at place: Int, _ batch: inout LogBatch, isSecret: Bool
  ) -> Change {
    let outer = path.count
    if wantsPaths { path += Array((path.isEmpty ? "[\(place)]" : ".[\(place)]").utf8) }
    defer { if wantsPaths { path.removeLast(path.count &- outer) } }
    if isSecret, let rule = program.listRule { return whole(value, rule, &batch) }
    if value.kind == .map || value.kind == .array {
      return innerMembers(value, &batch, isElement: true)
    }
    let change = scalar(value, key: .empty, &batch)
    if wantsPaths { note(change) }
    return change
  }

  /// A value whose content is looked at; of numbers and booleans only if that is asked for, or in a body for the sake
  /// of `blocked_values`.
  @inline(__always)
  private mutating func scalar(_ value: Value, key: ByteSlice, _ batch: inout LogBatch) -> Change {
    switch value.kind {
    case .string, .bytes:
      guard program.looksAtValues || !program.options.allowedValues.isEmpty, !value.slice.isEmpty else {
        redactor.skip()
        return .none
      }
      return examineString(value, key: key, &batch)
    case .int, .double, .bool:
      guard program.options.redactAllTypes || isBody && !program.options.blockedValues.isEmpty else {
        redactor.skip()
        return .none
      }
      return examineText(of: value, key: key, &batch)
    case .empty, .array, .map:
      redactor.skip()
      return .none
    }
  }

  @inline(never)
  private mutating func examineString(_ value: Value, key: ByteSlice, _ batch: inout LogBatch) -> Change {
    let isChanged = batch.store.withUnsafeBytes { store in
      let text = UnsafeRawBufferPointer(rebasing: store[value.slice.range])
      if wantsPaths { redactor.trace?.begin(text) }
      return redactor.redact(
        text, key: UnsafeRawBufferPointer(rebasing: store[key.range]))
    }
    return isChanged ? stored(value.kind, &batch) : .none
  }

  /// A number or boolean as text; if something is found in it, a string takes its place.
  @inline(never)
  private mutating func examineText(of value: Value, key: ByteSlice, _ batch: inout LogBatch) -> Change {
    number.truncate(to: 0)
    number.appendText(value, of: batch)
    let text = number.withUnsafeBytes { $0 }
    if wantsPaths { redactor.trace?.begin(text) }
    let isChanged = batch.store.withUnsafeBytes { store in
      redactor.redact(text, key: UnsafeRawBufferPointer(rebasing: store[key.range]))
    }
    return isChanged ? stored(.string, &batch) : .none
  }

  /// A value of any kind that a rule about its key takes whole.
  private mutating func whole(_ value: Value, _ rule: Int, _ batch: inout LogBatch) -> Change {
    let isEmpty = value.kind == .empty || (value.kind == .string && value.slice.isEmpty)
    if isEmpty || value.kind == .bool && rule == program.listRule { return .none }
    if program.rules[rule].deletes {
      redactor.counts[rule] &+= 1
      if wantsPaths { traceRemoval(of: value, by: rule, batch) }
      if wantsPaths { summary.redacted.note(path) }
      return .remove
    }
    number.truncate(to: 0)
    number.appendText(value, of: batch)
    let text = number.withUnsafeBytes { $0 }
    if !program.options.allowedValues.isEmpty, redactor.isAllowed(text) {
      if wantsPaths { summary.allowed.note(path) }
      return .none
    }
    if wantsPaths { redactor.trace?.begin(text) }
    guard redactor.replace(text, by: rule) else { return .none }
    noteMasked()
    return stored(.string, &batch)
  }

  /// The redacted text as a value; an empty one if the store has no room.
  private func stored(_ kind: Value.Kind, _ batch: inout LogBatch) -> Change {
    let slice = redactor.result.withUnsafeBytes { batch.store($0) } ?? .empty
    if wantsPaths { redactor.trace?.end(tracedPath, after: redactor.result.array) }
    return .replace(kind == .bytes ? .bytes(slice) : .string(slice))
  }

  private var tracedPath: String {
    let own = String(decoding: path, as: UTF8.self)
    return !isBody ? "attributes.\(own)" : own == "body" && depth == 0 || own.isEmpty ? "body" : "body.\(own)"
  }

  /// Tells of a value that goes with its key.
  private mutating func traceRemoval(of value: Value, by rule: Int, _ batch: borrowing LogBatch) {
    guard let trace = redactor.trace else { return }
    number.truncate(to: 0)
    number.appendText(value, of: batch)
    number.withUnsafeBytes { trace.begin($0) }
    trace.noteWhole(rule)
    trace.end(tracedPath, after: nil)
  }

  private mutating func noteMasked() { if wantsPaths { summary.masked.note(path) } }

  private mutating func note(_ change: Change) {
    if case .replace = change { noteMasked() } else if redactor.wasAllowed { summary.allowed.note(path) }
  }

  private mutating func enter(_ key: ByteSlice, _ batch: borrowing LogBatch) {
    if !path.isEmpty { path.append(UInt8(ascii: ".")) }
    path += batch.store[key.range]
  }
}

/// What members of maps and arrays say about each other.
extension RedactionPass {
  /// What members of a map such as `name` say of the others.
  private func siblings(of map: Value, _ batch: borrowing LogBatch) -> ListedNames.Siblings {
    guard program.listRule != nil else { return .free }
    return batch.store.withUnsafeBytes { store in
      var siblings = ListedNames.Siblings.free
      for index in map.entries.indices where batch.nested[index].value.kind == .string {
        let (key, value) = (batch.nested[index].key.range, batch.nested[index].value.slice.range)
        let next = ListedNames.Siblings(of: UnsafeRawBufferPointer(rebasing: store[key]))
        guard next != .free, program.says(next, UnsafeRawBufferPointer(rebasing: store[value])) else { continue }
        if next == .named { return next }
        siblings = next
      }
      return siblings
    }
  }

  private func isHidden(_ key: ByteSlice, _ siblings: ListedNames.Siblings, _ batch: borrowing LogBatch) -> Bool {
    siblings != .free
      && batch.store.withUnsafeBytes { siblings.hide(UnsafeRawBufferPointer(rebasing: $0[key.range])) }
  }

  /// Whether an element says that the next one is secret: a flag, or the name in a pair.
  private func saysSecret(_ value: Value, _ batch: borrowing LogBatch, isName: Bool) -> Bool {
    guard program.listRule != nil, value.kind == .string else { return false }
    return batch.store.withUnsafeBytes { store in
      let bytes = UnsafeRawBufferPointer(rebasing: store[value.slice.range])
      return isName ? program.namesSecret(bytes) : program.flagsSecret(bytes)
    }
  }

  /// Whether an element is a flag itself, so that the one before it had no value.
  private func isFlag(_ value: Value, _ batch: borrowing LogBatch) -> Bool {
    guard value.kind == .string else { return false }
    return batch.store.withUnsafeBytes { store in
      let bytes = UnsafeRawBufferPointer(rebasing: store[value.slice.range])
      return bytes.first == UInt8(ascii: "-") && ListedNames.flagName(bytes) != nil
    }
  }
}
