/// Actions compiled: steps that name keys by where they lie in one table of bytes.
struct AttributeProgram: Sendable {
  /// One thing to do; without references, so that running it counts none.
  struct Step: Sendable {
    enum Kind: UInt8, Sendable {
      case insert, update, upsert, delete, deleteMatching, hash, hashMatching, extract
      case convertToInt, convertToDouble, convertToString, convertToBool
    }

    var kind: Kind
    /// The key that is acted upon, in `keys`.
    var key = ByteSlice.empty
    /// The key that the value comes from, in `keys`; empty for a constant.
    var source = ByteSlice.empty
    /// The value or its default, in `constants`; -1 for none.
    var constant = -1
    /// The pattern, in `patterns`.
    var pattern = 0
  }

  private(set) var steps: [Step] = []
  private(set) var keys: [UInt8] = []
  private(set) var constants: [Constant] = []
  private(set) var patterns: [Pattern] = []
  /// For each pattern of `patterns` the keys of its groups, in `keys`.
  private(set) var groups: [[ByteSlice]] = []
  let hashFunction: HashFunction

  init(_ actions: [AttributeAction], hashFunction: HashFunction) {
    self.hashFunction = hashFunction
    for action in actions { add(action) }
  }

  /// Whether new attributes may be added, so that the keys have to lie in the batch.
  var addsAttributes: Bool { steps.contains { [.insert, .upsert, .extract].contains($0.kind) } }

  private mutating func add(_ action: AttributeAction) {
    switch action {
    case .insert(let key, let source): add(.insert, key, source)
    case .update(let key, let source): add(.update, key, source)
    case .upsert(let key, let source): add(.upsert, key, source)
    case .delete(let key, let pattern): add(.delete, key, .deleteMatching, pattern)
    case .hash(let key, let pattern): add(.hash, key, .hashMatching, pattern)
    case .extract(let key, let pattern):
      steps.append(Step(kind: .extract, key: keep(key: key), pattern: keep(pattern: pattern)))
    case .convert(let key, let type): steps.append(Step(kind: Self.kind(type), key: keep(key: key)))
    }
  }

  private mutating func add(_ kind: Step.Kind, _ key: String, _ source: AttributeAction.ValueSource) {
    var step = Step(kind: kind, key: keep(key: key))
    switch source {
    case .constant(let constant): step.constant = keep(constant)
    case .attribute(let source, let fallback):
      step.source = keep(key: source)
      if let fallback { step.constant = keep(fallback) }
    }
    steps.append(step)
  }

  private mutating func add(_ kind: Step.Kind, _ key: String?, _ matching: Step.Kind, _ pattern: Pattern?) {
    if let key { steps.append(Step(kind: kind, key: keep(key: key))) }
    if let pattern { steps.append(Step(kind: matching, pattern: keep(pattern: pattern))) }
  }

  private static func kind(_ type: AttributeAction.ConvertedType) -> Step.Kind {
    switch type {
    case .int: .convertToInt
    case .double: .convertToDouble
    case .string: .convertToString
    case .bool: .convertToBool
    }
  }

  private mutating func keep(key: String) -> ByteSlice {
    let start = keys.count
    keys += key.utf8
    return ByteSlice(start..<keys.count)
  }

  private mutating func keep(_ constant: Constant) -> Int {
    constants.append(constant)
    return constants.count - 1
  }

  private mutating func keep(pattern: Pattern) -> Int {
    patterns.append(pattern)
    groups.append(pattern.groupNames.map { keep(key: $0 ?? "") })
    return patterns.count - 1
  }
}
