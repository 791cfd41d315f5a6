/// Where a body can be cut in two at a record boundary.
package struct Split: Sendable, Equatable {
  package var offset: Int
  /// Records before `offset`.
  package var recordsBefore: Int

  package init(offset: Int, recordsBefore: Int) {
    self.offset = offset
    self.recordsBefore = recordsBefore
  }
}

/// Two bodies that together hold the records of one.
package struct Halves: Sendable, Equatable {
  package var first: [UInt8]
  package var recordsInFirst: Int
  package var second: [UInt8]

  package init(first: [UInt8], recordsInFirst: Int, second: [UInt8]) {
    self.first = first
    self.recordsInFirst = recordsInFirst
    self.second = second
  }
}
