/// Some of the records of a block.
struct Rows: Equatable {
  /// A bit for each, the first lowest.
  var words: [UInt64]
  let count: Int

  init(none count: Int) {
    self.count = count
    words = [UInt64](repeating: 0, count: (count + 63) / 64)
  }

  init(all count: Int) {
    self.count = count
    words = [UInt64](repeating: .max, count: (count + 63) / 64)
    if count % 64 != 0 { words[words.count - 1] = 1 &<< UInt64(count % 64) &- 1 }
  }

  /// Those of which `test` is true.
  init(_ candidates: Rows, where test: (Int) -> Bool) {
    self.init(none: candidates.count)
    candidates.forEach { if test($0) { insert($0) } }
  }

  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
  var population: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  @inline(__always)
  mutating func insert(_ row: Int) { words[row / 64] |= 1 &<< UInt64(row % 64) }

  mutating func keep(_ other: Rows) {
    for index in words.indices { words[index] &= other.words[index] }
  }

  mutating func remove(_ other: Rows) {
    for index in words.indices { words[index] &= ~other.words[index] }
  }

  mutating func add(_ other: Rows) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  @inline(__always)
  func forEach(_ body: (Int) -> Void) {
    for index in words.indices {
      var word = words[index]
      while word != 0 {
        body(index &* 64 &+ word.trailingZeroBitCount)
        word &= word &- 1
      }
    }
  }
}
