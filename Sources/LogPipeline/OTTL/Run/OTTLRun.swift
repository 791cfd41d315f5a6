/// A program at work on one batch: the batch, what the statement at hand has computed, and which record it is about.
///
/// The batch is moved in for the run and out again, so that functions get one value that holds all they may change.
/// Texts and members in `OTTLPlace.scratch` are valid until the statement ends.
struct OTTLRun: ~Copyable {
  var batch: LogBatch
  let code: OTTLCode
  let limits: OTTLLimits
  /// What the record's sender said beside the records.
  let request: RequestContext
  /// Indices of what the statement is about; a statement about a resource has no record and no scope.
  var record = 0
  var scope = 0
  var resource = 0
  /// Where a text is being written that `finishText` makes a value of.
  var out = ByteWriter(capacityBytes: 1 << 10)
  /// Texts and members that the statement has computed.
  var texts = ByteWriter(capacityBytes: 4 << 10)
  var members: [OTTLMember] = []
  /// Members of lists and maps that are being built, innermost last.
  var open: [OTTLMember] = []
  /// Tells quickly that no key of a map comes twice.
  var marks: KeyMarks?
  /// What lambdas and converters that are handed over are called with.
  var registers: [OTTLValue]
  /// The caches, and where owners of attributes were edited.
  var owners = OTTLOwners()
  /// Whose attributes scopes and resources have, if each is of one record.
  var lending = OTTLLending()
  /// What paths gave that a statement asks for in several places.
  var slots: [Slot]
  /// The pattern that a record gave last, with its text.
  var lastPattern: (text: [UInt8], pattern: Pattern)?
  /// How many edits there were, so that what was looked up before one is not taken behind it.
  var edits = 0
  /// By how many bytes statements have made the batch larger so far.
  var growth = 0
  /// The same when the batch was compacted last, and how large the batch was at first.
  var compactGrowth = 0
  var startBytes = 0
  /// What lambdas have looked at so far, and whether one is at work.
  var steps = 0
  var isInLambda = false
  /// What was not allowed last.
  var excess: OTTLExcess?
  /// Where the program's texts lie in the batch's store, once one of them was wanted there.
  var storedProgram: UInt32?

  /// A run over no batch yet; one is swapped in.
  init(_ code: OTTLCode, request: RequestContext, limits: OTTLLimits = OTTLLimits()) {
    batch = LogBatch()
    self.code = code
    self.request = request
    self.limits = limits
    registers = Array(repeating: .none, count: code.registerCount)
    slots = Array(repeating: Slot(edits: -1, value: .none), count: code.slotCount)
  }

  /// A value that was looked up when there had been so many edits.
  struct Slot: Sendable {
    var edits: Int
    var value: OTTLValue
  }

  /// Forgets what the last statement has computed.
  @inline(__always)
  mutating func forget() {
    if texts.count | out.count | members.count | open.count == 0 { return }
    // What was looked up may lie in what goes.
    edits &+= 1
    texts.removeAll()
    out.removeAll()
    members.removeAll(keepingCapacity: members.capacity < Self.keptMembers)
    open.removeAll(keepingCapacity: open.capacity < Self.keptMembers)
  }

  /// Members for which memory is kept from one statement to the next.
  private static var keptMembers: Int { 64 << 10 }

  /// Steps that it counts for each byte to compile a pattern in a lambda.
  private static var patternSteps: Int { 1000 }

  /// A regular expression of which the text comes from a record; the last is kept.
  @inline(never)
  mutating func pattern(of text: OTTLText) throws(OTTLFault) -> Pattern {
    let bytes = bytes(text)
    if let last = lastPattern, bytes.elementsEqual(last.text) { return last.pattern }
    if bytes.count > Pattern.maxTextBytes { throw .badPattern }
    if isInLambda { try spend(Self.patternSteps &* (1 &+ bytes.count)) }
    do {
      let pattern = try Pattern(String(decoding: bytes, as: UTF8.self))
      lastPattern = (Array(bytes), pattern)
      return pattern
    } catch {
      throw .badPattern
    }
  }
}

extension OTTLRun {
  /// The bytes of a text, valid until texts are finished or the batch's store grows.
  @inline(__always)
  func bytes(_ text: OTTLText) -> UnsafeRawBufferPointer {
    let range = Int(text.slice.offset)..<(Int(text.slice.offset) &+ Int(text.slice.count))
    switch text.place {
    case .batch, .attributes: return Self.bytes(of: batch.store, range)
    case .program: return Self.bytes(of: code.bytes, range)
    case .scratch: return texts.pointer(to: range)
    }
  }

  /// Arrays of bytes keep theirs in one place until they are changed.
  @inline(__always)
  private static func bytes(of array: borrowing [UInt8], _ range: Range<Int>) -> UnsafeRawBufferPointer {
    array.withUnsafeBytes { bytes in
      range.upperBound <= bytes.count ? UnsafeRawBufferPointer(rebasing: bytes[range]) : .empty
    }
  }

  /// Adds bytes to the text that is being written; a fault before it gets larger than a statement may make it.
  @inline(__always)
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(OTTLFault) {
    try makeRoom(bytes.count)
    out.append(bytes)
  }

  /// A fault if so many bytes more are too many for a statement; to be asked before they are written to `out`.
  @inline(__always)
  mutating func makeRoom(_ bytes: Int) throws(OTTLFault) {
    let taken = out.count &+ texts.count &+ (members.count &+ open.count) &* MemoryLayout<OTTLMember>.stride
    if bytes > limits.maxGrowthBytes &- taken { throw noRoom(taken &+ bytes) }
  }

  /// The fault of values that would be deeper in each other than so many levels.
  @inline(never)
  mutating func tooDeep(_ levels: Int, _ option: String = "") -> OTTLFault {
    excess = OTTLExcess(wanted: levels &+ 1, allowed: levels, unit: .levels, option: option)
    return .tooDeep
  }

  /// The same of what statements parse and set.
  mutating func tooDeep() -> OTTLFault { tooDeep(limits.maxDepth, "limits.max_depth") }

  /// The fault of what would take so many bytes.
  @inline(never)
  mutating func noRoom(_ wanted: Int) -> OTTLFault {
    excess = OTTLExcess(
      wanted: wanted, allowed: limits.maxGrowthBytes, unit: .bytes, option: "limits.max_growth")
    return .noRoom
  }

  /// The text that was written to `out`, which is empty then.
  @inline(__always)
  mutating func finishText() throws(OTTLFault) -> OTTLText {
    try makeRoom(out.count)
    let start = texts.count
    texts.append(out.pointer(to: 0..<out.count))
    out.truncate(to: 0)
    return OTTLText(place: .scratch, slice: ByteSlice(from: start, to: texts.count))
  }

  /// A text of these bytes, which must not be a text of `OTTLPlace.scratch`.
  mutating func text(of bytes: UnsafeRawBufferPointer) throws(OTTLFault) -> OTTLText {
    try write(bytes)
    return try finishText()
  }
}
