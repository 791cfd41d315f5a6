import Glibc

/// The attributes of one record, scope or resource while they are edited: a run of `LogBatch.attributes`.
///
/// Removing closes the gap in place. Adding needs the run to end where the array ends, so it moves there first; what it
/// leaves behind belongs to nobody. Edits of one owner that follow each other move its run once at most.
package struct AttributeEditor {
  /// Where the run lies now; to be written back to the owner.
  package private(set) var range: EntryRange

  package init(_ range: EntryRange) { self.range = range }

  /// The first attribute at or after `start` that has this key; nil if there is none.
  @inline(__always)
  package func index(
    of key: UnsafeRawBufferPointer, from start: Int, in batch: borrowing LogBatch
  ) -> Int? {
    let store = batch.store.span.bytes
    let attributes = batch.attributes.span
    var index = start
    while index < range.indices.upperBound {
      let slice = attributes[index].key
      if Int(slice.count) == key.count, store.extracting(slice.range).isEqual(to: key) { return index }
      index &+= 1
    }
    return nil
  }

  /// The first attribute that has this key; nil if there is none.
  @inline(__always)
  package func index(of key: UnsafeRawBufferPointer, in batch: borrowing LogBatch) -> Int? {
    index(of: key, from: range.indices.lowerBound, in: batch)
  }

  /// Removes every attribute that has this key.
  @inline(__always)
  package mutating func remove(_ key: UnsafeRawBufferPointer, from batch: inout LogBatch) {
    guard let first = index(of: key, in: batch) else { return }
    removeAll(from: first, in: &batch) { attribute, store in
      Int(attribute.key.count) == key.count && store.extracting(attribute.key.range).isEqual(to: key)
    }
  }

  /// Removes every attribute that `isUnwanted` says so of; it gets the attribute and the batch's store.
  @inline(__always)
  package mutating func removeAll(
    in batch: inout LogBatch, where isUnwanted: (Attribute, RawSpan) -> Bool
  ) {
    removeAll(from: range.indices.lowerBound, in: &batch, where: isUnwanted)
  }

  @inline(__always)
  private mutating func removeAll(
    from start: Int, in batch: inout LogBatch, where isUnwanted: (Attribute, RawSpan) -> Bool
  ) {
    var kept = start
    for index in start..<range.indices.upperBound {
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
    guard batch.attributes.count < Int(UInt32.max) &- Int(range.count) &- 1 else { return }
    if range.indices.upperBound != batch.attributes.count { moveToEnd(of: &batch) }
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
      guard own.count == bytes.count, let a = own.baseAddress, let b = bytes.baseAddress else {
        return own.count == bytes.count
      }
      return memcmp(a, b, bytes.count) == 0
    }
  }
}
