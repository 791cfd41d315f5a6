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

  /// The attribute that has this key, which is one at most; nil if there is none.
  @inline(__always)
  package func index(of key: UnsafeRawBufferPointer, in batch: borrowing LogBatch) -> Int? {
    let store = batch.store.span.bytes
    return batch.attributes.withUnsafeBufferPointer { attributes in
      // The buffer does not check its indices; all of these lie in it.
      var index = range.indices.lowerBound
      let end = min(range.indices.upperBound, attributes.count)
      while index < end {
        let slice = attributes[index].key
        if Int(slice.count) == key.count, store.extracting(slice.range).isEqual(to: key) { return index }
        index &+= 1
      }
      return nil
    }
  }

  /// Removes the attribute that has this key, if there is one.
  @inline(__always)
  package mutating func remove(_ key: UnsafeRawBufferPointer, from batch: inout LogBatch) {
    guard let removed = index(of: key, in: batch) else { return }
    Self.move(removed &+ 1..<range.indices.upperBound, to: removed, in: &batch)
    range.count &-= 1
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

  /// Gives the attribute that has the key of this one its value, or adds this one.
  @inline(__always)
  package mutating func set(_ attribute: Attribute, in batch: inout LogBatch) {
    let found = batch.store.withUnsafeBytes { store in
      index(of: UnsafeRawBufferPointer(rebasing: store[attribute.key.range]), in: batch)
    }
    if let found {
      batch.attributes[found].value = attribute.value
    } else {
      append(attribute, to: &batch)
    }
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

extension LogBatch {
  /// A value that shares no members with another, so that an edit of one is none of the other.
  @inline(__always)
  mutating func copied(_ value: Value) -> Value {
    value.kind == .array || value.kind == .map ? copiedMembers(of: value) : value
  }

  /// Copies members to the end of `nested`; nesting is bounded by the decoder. An empty value if there is no room.
  @inline(never)
  private mutating func copiedMembers(of value: Value) -> Value {
    let members = value.entries
    guard nested.count < Int(UInt32.max) &- Int(members.count) else { return .empty }
    let start = nested.count
    for index in members.indices { nested.append(nested[index]) }
    for index in start..<start &+ Int(members.count) { nested[index].value = copied(nested[index].value) }
    let range = EntryRange(start..<start &+ Int(members.count))
    return value.kind == .map ? .map(range) : .array(range)
  }
}
