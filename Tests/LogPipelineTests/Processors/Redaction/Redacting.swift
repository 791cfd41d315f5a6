@testable import LogPipeline

/// Redacts strings for tests.
struct Redacting {
  private let program: RedactionProgram

  init(_ rules: RuleSet) {
    var options = RedactionOptions()
    options.detectors = rules
    self.init(options)
  }

  init(_ options: RedactionOptions) {
    var options = options
    options.allowAllKeys = true
    program = RedactionProgram(options)
  }

  init(_ program: RedactionProgram) { self.program = program }

  init(pack: String) { self.init(RuleSet.pack(pack) ?? RuleSet()) }

  func callAsFunction(_ text: String, key: String = "") -> String {
    String(decoding: bytes(Array(text.utf8), key: key), as: UTF8.self)
  }

  func bytes(_ text: [UInt8], key: String = "") -> [UInt8] {
    var redactor = TextRedactor(program)
    let isChanged = text.withUnsafeBytes { bytes in
      Array(key.utf8).withUnsafeBytes { redactor.redact(bytes, key: $0) }
    }
    return isChanged ? redactor.result.array : text
  }

  /// How many of the texts are changed, with memory kept from text to text.
  func countChanged(_ texts: some Sequence<String>, _ note: (String) -> Void = { _ in }) -> Int {
    var redactor = TextRedactor(program)
    var changed = 0
    for var text in texts {
      let isChanged = text.withUTF8 {
        redactor.redact(UnsafeRawBufferPointer($0), key: UnsafeRawBufferPointer(start: nil, count: 0))
      }
      if isChanged {
        changed += 1
        note(text)
      }
    }
    return changed
  }
}

/// Deterministic random numbers (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  mutating func digits(_ count: Int) -> String { String((0..<count).map { _ in pick("0123456789") }) }

  mutating func text(_ count: Int, of alphabet: String) -> String { String((0..<count).map { _ in pick(alphabet) }) }

  mutating func pick<T: Collection>(_ items: T) -> T.Element {
    items[items.index(items.startIndex, offsetBy: Int.random(in: 0..<items.count, using: &self))]
  }
}
