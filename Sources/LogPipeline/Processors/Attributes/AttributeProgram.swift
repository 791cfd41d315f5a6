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
    /// The value or its default, in `values`; -1 for none.
    var value = -1
    /// The pattern, in `patterns`.
    var pattern = 0
  }

  private(set) var steps: [Step] = []
  private(set) var keys: [UInt8] = []
  private(set) var values: [SharedValue] = []
  private(set) var patterns: [Pattern] = []
  /// For each pattern of `patterns` the keys of its groups, in `keys`.
  private(set) var groups: [[ByteSlice]] = []
  let hashFunction: HashFunction

  /// A value that is the same for all records of a request.
  enum SharedValue: Sendable {
    case constant(Constant)
    /// A field's name is in lower case.
    case field([UInt8], default: Constant?)
    case clientAddress(default: Constant?)
  }

  init(_ actions: [AttributeAction], hashFunction: HashFunction) {
    self.hashFunction = hashFunction
    for action in actions { add(action) }
    deleteEarly()
  }

  /// Moves each deletion of a key before the steps that do not know that key: what it frees is then there for what they
  /// add. The result is the same, and so is its order.
  private mutating func deleteEarly() {
    for index in steps.indices where steps[index].kind == .delete {
      var place = index
      while place > 0, isFreeOf(steps[index].key, steps[place - 1]) { place -= 1 }
      steps.insert(steps.remove(at: index), at: place)
    }
  }

  /// Whether a step neither looks at nor changes the attributes of a key, other than by removing some.
  private func isFreeOf(_ key: ByteSlice, _ step: Step) -> Bool {
    switch step.kind {
    case .delete, .deleteMatching: true
    case .hashMatching, .extract: false
    default: keys[step.key.range] != keys[key.range] && keys[step.source.range] != keys[key.range]
    }
  }

  /// Whether new attributes may be added, so that the keys have to lie in the batch.
  var addsAttributes: Bool { steps.contains { [.insert, .upsert, .extract].contains($0.kind) } }

  /// Whether values come from the request.
  var needsContext: Bool {
    values.contains { value in
      if case .constant = value { false } else { true }
    }
  }

  /// The header fields that values come from.
  var contextFields: [[UInt8]] {
    values.compactMap { value in
      if case .field(let name, _) = value { name } else { nil }
    }
  }

  private mutating func add(_ action: AttributeAction) {
    switch action {
    case .insert(let key, let source): add(.insert, key, source)
    case .update(let key, let source): add(.update, key, source)
    case .upsert(let key, let source): add(.upsert, key, source)
    case .delete(let key, let pattern):
      if let key { add(.delete, key) }
      if let pattern { add(.deleteMatching, pattern) }
    case .hash(let key, let pattern):
      if let key { add(.hash, key) }
      if let pattern { add(.hashMatching, pattern) }
    case .extract(let key, let pattern):
      steps.append(Step(kind: .extract, key: keep(key: key), pattern: keep(pattern: pattern)))
    case .convert(let key, let type): add(Self.kind(type), key)
    }
  }

  private mutating func add(_ kind: Step.Kind, _ key: String, _ source: AttributeAction.ValueSource) {
    var step = Step(kind: kind, key: keep(key: key))
    switch source {
    case .constant(let constant): step.value = keep(.constant(constant))
    case .attribute(let source, let fallback):
      step.source = keep(key: source)
      if let fallback { step.value = keep(.constant(fallback)) }
    case .context(.clientAddress, let fallback): step.value = keep(.clientAddress(default: fallback))
    case .context(.field(let name), let fallback):
      step.value = keep(.field(RequestContext.fieldName(name), default: fallback))
    case .context(.claim(let name), let fallback):
      step.value = keep(.field(RequestContext.claimName(name), default: fallback))
    }
    steps.append(step)
  }

  private mutating func add(_ kind: Step.Kind, _ key: String) { steps.append(Step(kind: kind, key: keep(key: key))) }

  private mutating func add(_ kind: Step.Kind, _ pattern: Pattern) {
    steps.append(Step(kind: kind, pattern: keep(pattern: pattern)))
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

  private mutating func keep(_ value: SharedValue) -> Int {
    values.append(value)
    return values.count - 1
  }

  private mutating func keep(pattern: Pattern) -> Int {
    patterns.append(pattern)
    groups.append(pattern.groupNames.map { keep(key: $0 ?? "") })
    return patterns.count - 1
  }
}

extension AttributeProgram.SharedValue {
  /// Puts the value into a batch; nil if the request does not say it and there is no default.
  func stored(in batch: inout LogBatch, of request: RequestContext) -> Value? {
    switch self {
    case .constant(let constant): return constant.stored(in: &batch)
    case .field(let name, let fallback):
      guard let value = request.joinedValues(of: name) else { return fallback?.stored(in: &batch) }
      return batch.store(value).map { .string($0) }
    case .clientAddress(let fallback):
      if request.clientAddress.isEmpty { return fallback?.stored(in: &batch) }
      return batch.store(request.store[request.clientAddress.range]).map { .string($0) }
    }
  }
}
