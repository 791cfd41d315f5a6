extension AttributeProgram {
  /// What running needs that is the same for a whole batch: shared values and keys in the batch, and memory to write
  /// in; and the attributes of the owner at hand.
  private struct Run: ~Copyable {
    let keys: UnsafeRawBufferPointer
    /// Where `keys` lies in the batch's store; nil if nothing is added, or the store has no room.
    let storedKeys: ByteSlice?
    let values: [Value?]
    let hashFunction: HashFunction
    var scratch = ByteWriter(capacityBytes: 256)
    var editor = AttributeEditor(.empty)

    /// The owner's attribute of a key.
    @inline(__always)
    func index(of key: ByteSlice, in batch: borrowing LogBatch) -> Int? {
      editor.index(of: UnsafeRawBufferPointer(rebasing: keys[key.range]), in: batch)
    }

    /// Where a key lies in the batch's store.
    func stored(_ key: ByteSlice) -> ByteSlice? {
      storedKeys.map { ByteSlice(offset: $0.offset &+ key.offset, count: key.count) }
    }
  }

  /// Runs the steps over the attributes of every owner of one kind that is chosen (all if `chosen` is nil).
  func run(
    over owners: AttributeOwners, chosen: [Bool]?, in batch: inout LogBatch, of request: RequestContext
  ) {
    let count = owners.count(in: batch)
    if count == 0 || steps.isEmpty { return }
    let storedKeys = addsAttributes ? batch.store(keys) : nil
    let values = values.map { $0.stored(in: &batch, of: request) }
    keys.withUnsafeBytes { keys in
      var run = Run(keys: keys, storedKeys: storedKeys, values: values, hashFunction: hashFunction)
      for index in 0..<count where chosen.map({ $0[index] }) ?? true {
        let range = owners.range(index, in: batch)
        run.editor = AttributeEditor(range)
        for step in steps { apply(step, &run, in: &batch) }
        if run.editor.range != range { owners.setRange(run.editor.range, index, in: &batch) }
      }
    }
  }

  @inline(__always)
  private func apply(_ step: Step, _ run: inout Run, in batch: inout LogBatch) {
    switch step.kind {
    case .delete:
      run.editor.remove(UnsafeRawBufferPointer(rebasing: run.keys[step.key.range]), from: &batch)
    case .insert, .update, .upsert: set(step, &run, in: &batch)
    case .hash: if let index = run.index(of: step.key, in: batch) { Self.hash(index, &run, in: &batch) }
    case .deleteMatching:
      let pattern = patterns[step.pattern]
      run.editor.removeAll(in: &batch) { attribute, store in pattern.matches(store.extracting(attribute.key.range)) }
    case .hashMatching:
      let pattern = patterns[step.pattern]
      for index in run.editor.range.indices {
        let key = batch.attributes[index].key
        if pattern.matches(batch.store.span.bytes.extracting(key.range)) { Self.hash(index, &run, in: &batch) }
      }
    case .extract: extract(step, &run, in: &batch)
    case .convertToInt, .convertToDouble, .convertToString, .convertToBool: convert(step, &run, in: &batch)
    }
  }

  @inline(__always)
  private func set(_ step: Step, _ run: inout Run, in batch: inout LogBatch) {
    var value = step.value >= 0 ? run.values[step.value] : nil
    if !step.source.isEmpty, let source = run.index(of: step.source, in: batch) {
      value = batch.attributes[source].value
    }
    guard let value else { return }
    if let place = run.index(of: step.key, in: batch) {
      if step.kind != .insert { batch.attributes[place].value = batch.copied(value) }
    } else if step.kind != .update, let slice = run.stored(step.key) {
      run.editor.append(Attribute(key: slice, value: batch.copied(value)), to: &batch)
    }
  }

  /// Replaces one value by its hash: of a string's bytes, of the eight bytes of a number, low first, of the byte of a
  /// truth value, of an array's or map's JSON, of bytes as they are; an empty value becomes the empty string.
  private static func hash(_ index: Int, _ run: inout Run, in batch: inout LogBatch) {
    let value = batch.attributes[index].value
    let function = run.hashFunction
    batch.attributes[index].value = .string(.empty)
    run.scratch.removeAll()
    switch value.kind {
    case .empty: return
    case .bool: run.scratch.append(value.boolValue ? 1 : 0)
    case .int: withUnsafeBytes(of: value.intValue.littleEndian) { run.scratch.append($0) }
    case .double: withUnsafeBytes(of: value.doubleValue.bitPattern.littleEndian) { run.scratch.append($0) }
    case .array, .map: run.scratch.appendText(value, of: batch)
    case .string, .bytes:
      batch.store.span.bytes.extracting(value.slice.range).withUnsafeBytes {
        function.appendHex(of: $0, to: &run.scratch)
      }
    }
    let start = value.kind == .string || value.kind == .bytes ? 0 : run.scratch.count
    if start > 0 { run.scratch.appendHash(ofFirst: start, function) }
    guard run.scratch.count > start else { return }
    let digest = run.scratch.withUnsafeBytes(in: start..<run.scratch.count) { batch.store($0) }
    if let digest { batch.attributes[index].value = .string(digest) }
  }

  /// Sets what the groups matched; a group that took no part gives an empty string.
  private func extract(_ step: Step, _ run: inout Run, in batch: inout LogBatch) {
    guard run.storedKeys != nil, let source = run.index(of: step.key, in: batch) else { return }
    let value = batch.attributes[source].value
    guard value.kind == .string else { return }
    let (pattern, groups) = (patterns[step.pattern], groups[step.pattern])
    withUnsafeTemporaryAllocation(of: ByteSlice.self, capacity: groups.count) { found in
      let isFound = batch.store.span.bytes.extracting(value.slice.range).withUnsafeBytes { text in
        pattern.withCaptures(in: text) { captures in
          for index in groups.indices {
            let range = captures[index + 1] ?? 0..<0
            let start = Int(value.slice.offset)
            found.initializeElement(at: index, to: ByteSlice(start + range.lowerBound..<start + range.upperBound))
          }
          return true
        }
      }
      guard isFound == true else { return }
      for index in groups.indices {
        guard let slice = run.stored(groups[index]) else { continue }
        run.editor.set(Attribute(key: slice, value: .string(found[index])), in: &batch)
      }
    }
  }

  private func convert(_ step: Step, _ run: inout Run, in batch: inout LogBatch) {
    guard let index = run.index(of: step.key, in: batch) else { return }
    let value = batch.attributes[index].value
    let converted: Value? =
      switch step.kind {
      case .convertToInt: batch.int(value)
      case .convertToDouble: batch.double(value)
      case .convertToBool: batch.bool(value)
      default: batch.string(value, with: &run.scratch)
      }
    if let converted { batch.attributes[index].value = converted }
  }
}

extension ByteWriter {
  /// Appends the hash, in hexadecimal digits, of the first bytes written.
  fileprivate mutating func appendHash(ofFirst count: Int, _ function: HashFunction) {
    makeRoom(64)
    let bytes = UnsafeRawBufferPointer(start: base, count: min(count, self.count))
    function.appendHex(of: bytes, to: &self)
  }
}
