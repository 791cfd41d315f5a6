/// Damages bytes the way that finds bugs in decoders: flips, lengths at their edges, cuts, repeats and splices.
package struct Mutator {
  private var random: SplitMix

  package init(seed: UInt64) { random = SplitMix(seed: seed) }

  /// A damaged copy of `bytes`, with parts of `other` spliced in at times.
  package mutating func mutate(_ bytes: [UInt8], other: [UInt8] = []) -> [UInt8] {
    var result = bytes
    for _ in 0...random.below(3) { result = once(result, other) }
    return result
  }

  private mutating func once(_ bytes: [UInt8], _ other: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [UInt8(truncatingIfNeeded: random.next())] }
    var result = bytes
    let place = random.below(bytes.count)
    switch random.below(9) {
    case 0: result[place] ^= 1 << UInt8(random.below(8))
    case 1: result[place] = UInt8(truncatingIfNeeded: random.next())
    case 2: result[place] = [0x00, 0x01, 0x7F, 0x80, 0xFF][random.below(5)]
    case 3: result.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
    case 4: result.remove(at: place)
    case 5: result.removeSubrange(chunk(of: bytes.count, from: place))
    case 6: result.insert(contentsOf: bytes[chunk(of: bytes.count, from: place)], at: random.below(bytes.count))
    case 7: result = Array(bytes[..<place])
    default:
      guard !other.isEmpty else { return result }
      result.insert(contentsOf: other[chunk(of: other.count, from: random.below(other.count))], at: place)
    }
    return result
  }

  private mutating func chunk(of count: Int, from place: Int) -> Range<Int> {
    place..<min(count, place + 1 + random.below(24))
  }
}
