/// The tenant that the head of a request names, before anything of its body is known.
package struct HeadTenant: Sendable, Equatable {
  package let name: [UInt8]
  /// Which of the configured sources has named it, from 0: attributes of resources that come earlier go first.
  package let rank: Int

  package init(name: [UInt8], rank: Int) {
    self.name = name
    self.rank = rank
  }
}
