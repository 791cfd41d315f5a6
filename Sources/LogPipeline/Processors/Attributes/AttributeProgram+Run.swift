extension AttributeProgram {
  /// What running needs that is the same for a whole batch: shared values and keys in the batch, and memory to write
  /// in.
  private struct Run: ~Copyable {
    let keys: UnsafeRawBufferPointer
    /// Where `keys` lies in the batch's store; nil if nothing is added, or the store has no room.
    let storedKeys: ByteSlice?
    let values: [Value?]
    let hashFunction: HashFunction
    var scratch = ByteWriter(capacityBytes: 256)

    func key(_ slice: ByteSlice) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: keys[slice.range]) }

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
        var editor = AttributeEditor(range)
        for step in steps { apply(step, &run, &editor, in: &batch) }
        if editor.range != range { owners.setRange(editor.range, index, in: &batch) }
      }
    }
  }

  @inline(__always)
  private func apply(_ step: Step, _ run: inout Run, _ editor: inout AttributeEditor, in batch: inout LogBatch) {
    switch step.kind {
    case .delete: editor.remove(run.key(step.key), from: &batch)
    case .insert, .update, .upsert: set(step, run, &editor, in: &batch)
    case .hash: hash(step, &run, editor, in: &batch)
    case .deleteMatching:
      let pattern = patterns[step.pattern]
      editor.removeAll(in: &batch) { attribute, store in pattern.matches(store.extracting(attribute.key.range)) }
    case .hashMatching:
      let pattern = patterns[step.pattern]
      for index in editor.range.indices {
        let key = batch.attributes[index].key
        if pattern.matches(batch.store.span.bytes.extracting(key.range)) { Self.hash(index, &run, in: &batch) }
      }
    case .extract: extract(step, run, &editor, in: &batch)
    case .convertToInt, .convertToDouble, .convertToString, .convertToBool: convert(step, &run, editor, in: &batch)
    }
  }

  @inline(__always)
  private func set(
    _ step: Step, _ run: borrowing Run, _ editor: inout AttributeEditor, in batch: inout LogBatch
  ) {
    var value = step.value >= 0 ? run.values[step.value] : nil
    if !step.source.isEmpty, let source = editor.index(of: run.key(step.source), in: batch) {
      value = batch.attributes[source].value
    }
    guard let value else { return }
    let key = run.key(step.key)
    let place = editor.index(of: key, in: batch)
    if let place {
      if step.kind != .insert { batch.attributes[place].value = batch.copied(value) }
    } else if step.kind != .update, let slice = run.stored(step.key) {
      editor.append(Attribute(key: slice, value: batch.copied(value)), to: &batch)
    }
  }

  private func hash(_ step: Step, _ run: inout Run, _ editor: AttributeEditor, in batch: inout LogBatch) {
    if let index = editor.index(of: run.key(step.key), in: batch) { Self.hash(index, &run, in: &batch) }
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
  private func extract(
    _ step: Step, _ run: borrowing Run, _ editor: inout AttributeEditor, in batch: inout LogBatch
  ) {
    guard run.storedKeys != nil, let source = editor.index(of: run.key(step.key), in: batch) else { return }
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
        editor.set(run.key(groups[index]), storedAt: slice, to: .string(found[index]), in: &batch)
      }
    }
  }

  private func convert(_ step: Step, _ run: inout Run, _ editor: AttributeEditor, in batch: inout LogBatch) {
    guard let index = editor.index(of: run.key(step.key), in: batch) else { return }
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
