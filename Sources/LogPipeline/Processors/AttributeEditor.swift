import Glibc

/// The attributes of one record, scope or resource while they are edited: a run of `LogBatch.attributes`.
///
/// Removing closes the gap in place. Adding takes a place that removing has freed; if there is none, the run has to end
/// where the array ends, so it moves there first, and what it leaves behind belongs to nobody. Edits of one owner that
/// follow each other move its run once at most.
package struct AttributeEditor {
  /// Where the run lies now; to be written back to the owner.
  package private(set) var range: EntryRange
  /// Where the places end that were the run's own from the start.
  private let ownEnd: Int

  package init(_ range: EntryRange) {
    self.range = range
    ownEnd = range.indices.upperBound
  }

  /// The first attribute at or after `start` that has this key; nil if there is none.
  @inline(__always)
  package func index(
    of key: UnsafeRawBufferPointer, from start: Int, in batch: borrowing LogBatch
  ) -> Int? {
    let store = batch.store.span.bytes
    return batch.attributes.withUnsafeBufferPointer { attributes in
      // The buffer does not check its indices; all of these lie in it.
      var index = max(start, 0)
      let end = min(range.indices.upperBound, attributes.count)
      while index < end {
        let slice = attributes[index].key
        if Int(slice.count) == key.count, store.extracting(slice.range).isEqual(to: key) { return index }
        index &+= 1
      }
      return nil
    }
  }

  /// The first attribute that has this key; nil if there is none.
  @inline(__always)
  package func index(of key: UnsafeRawBufferPointer, in batch: borrowing LogBatch) -> Int? {
    index(of: key, from: range.indices.lowerBound, in: batch)
  }

  /// Removes every attribute that has this key.
  @inline(__always)
  package mutating func remove(_ key: UnsafeRawBufferPointer, from batch: inout LogBatch) {
    guard var removed = index(of: key, in: batch) else { return }
    var kept = removed
    let end = range.indices.upperBound
    while removed < end {
      let next = index(of: key, from: removed &+ 1, in: batch) ?? end
      Self.move(removed &+ 1..<next, to: kept, in: &batch)
      kept &+= next &- removed &- 1
      removed = next
    }
    range = EntryRange(range.indices.lowerBound..<kept)
  }

  /// Moves attributes to a lower place.
  @inline(__always)
  private static func move(_ moved: Range<Int>, to place: Int, in batch: inout LogBatch) {
    batch.attributes.withUnsafeMutableBufferPointer { attributes in
      guard let base = attributes.baseAddress, place >= 0, place <= moved.lowerBound,
        moved.upperBound <= attributes.count
      else { return }
      (base + place).update(from: base + moved.lowerBound, count: moved.count)
    }
  }

  /// Removes every attribute that `isUnwanted` says so of; it gets the attribute and the batch's store.
  @inline(__always)
  package mutating func removeAll(
    in batch: inout LogBatch, where isUnwanted: (Attribute, RawSpan) -> Bool
  ) {
    var kept = range.indices.lowerBound
    for index in range.indices {
      let attribute = batch.attributes[index]
      if isUnwanted(attribute, batch.store.span.bytes) { continue }
      if kept < index { batch.attributes[kept] = attribute }
      kept &+= 1
    }
    range = EntryRange(range.indices.lowerBound..<kept)
  }

  /// Gives every attribute of this key the value, or adds one; the new attribute's key is `slice`.
  @inline(__always)
  package mutating func set(
    _ key: UnsafeRawBufferPointer, storedAt slice: ByteSlice, to value: Value, in batch: inout LogBatch
  ) {
    if !update(key, to: value, in: &batch) { append(Attribute(key: slice, value: value), to: &batch) }
  }

  /// Gives every attribute of this key the value; returns whether there was one.
  @inline(__always)
  @discardableResult
  package mutating func update(
    _ key: UnsafeRawBufferPointer, to value: Value, in batch: inout LogBatch
  ) -> Bool {
    guard var index = index(of: key, in: batch) else { return false }
    batch.attributes[index].value = value
    while let next = self.index(of: key, from: index &+ 1, in: batch) {
      batch.attributes[next].value = value
      index = next
    }
    return true
  }

  /// Adds an attribute at the end.
  package mutating func append(_ attribute: Attribute, to batch: inout LogBatch) {
    let end = range.indices.upperBound
    if end < ownEnd {
      batch.attributes[end] = attribute
      range.count &+= 1
      return
    }
    guard batch.attributes.count < Int(UInt32.max) &- Int(range.count) &- 1 else { return }
    if end != batch.attributes.count { moveToEnd(of: &batch) }
    batch.attributes.append(attribute)
    range.count &+= 1
  }

  private mutating func moveToEnd(of batch: inout LogBatch) {
    let start = batch.attributes.count
    for index in range.indices { batch.attributes.append(batch.attributes[index]) }
    range = EntryRange(start..<batch.attributes.count)
  }
}

extension RawSpan {
  /// Whether these are the same bytes; the counts must be equal.
  @inline(__always)
  func isEqual(to bytes: UnsafeRawBufferPointer) -> Bool {
    withUnsafeBytes { own in
      let count = own.count
      guard count == bytes.count else { return false }
      guard let a = own.baseAddress, let b = bytes.baseAddress else { return true }
      if count > 16 { return memcmp(a, b, count) == 0 }
      // The first and the last bytes, which overlap if there are fewer than twice as many.
      if count >= 8 { return Self.areEqual(UInt64.self, a, b, at: 0, and: count &- 8) }
      if count >= 4 { return Self.areEqual(UInt32.self, a, b, at: 0, and: count &- 4) }
      return own.elementsEqual(bytes)
    }
  }

  /// Whether two words are the same at both of two offsets.
  @inline(__always)
  private static func areEqual<Word: FixedWidthInteger & BitwiseCopyable>(
    _: Word.Type, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, at first: Int, and last: Int
  ) -> Bool {
    a.loadUnaligned(fromByteOffset: first, as: Word.self) == b.loadUnaligned(fromByteOffset: first, as: Word.self)
      && a.loadUnaligned(fromByteOffset: last, as: Word.self) == b.loadUnaligned(fromByteOffset: last, as: Word.self)
  }
}
