/// SHA3-256 (FIPS 202, section 6.1) of one run of bytes; allocates nothing.
package struct SHA3: Sendable {
  /// The state as lanes: `lanes[x + 5 * y]`.
  private var lanes = InlineArray<25, UInt64>(repeating: 0)
  private static let rateBytes = 136

  private init() {}

  /// The digest in words of 64 bits, the first bytes of the digest highest.
  package static func digest(of bytes: UnsafeRawBufferPointer) -> InlineArray<4, UInt64> {
    var hasher = SHA3()
    var place = 0
    for byte in bytes {
      hasher.add(byte, at: place)
      place &+= 1
      if place == rateBytes {
        hasher.permute()
        place = 0
      }
    }
    hasher.add(0x06, at: place)
    hasher.add(0x80, at: rateBytes &- 1)
    hasher.permute()
    let lanes = hasher.lanes
    return [lanes[0].byteSwapped, lanes[1].byteSwapped, lanes[2].byteSwapped, lanes[3].byteSwapped]
  }

  private mutating func add(_ byte: UInt8, at place: Int) {
    lanes[place / 8] ^= UInt64(byte) &<< UInt64(place % 8 &* 8)
  }

  /// Keccak-f[1600] (section 3.4).
  private mutating func permute() {
    for constant in 0..<24 {
      mixColumns()
      turnAndMove()
      lanes[0] ^= Self.constants[constant]
    }
  }

  /// Theta (section 3.2.1).
  private mutating func mixColumns() {
    var columns = InlineArray<5, UInt64>(repeating: 0)
    for index in 0..<25 { columns[index % 5] ^= lanes[index] }
    for index in 0..<25 {
      let (before, after) = (columns[(index &+ 4) % 5], columns[(index &+ 1) % 5])
      lanes[index] ^= before ^ Self.rotate(after, 1)
    }
  }

  /// Rho, pi and chi (sections 3.2.2 to 3.2.4).
  private mutating func turnAndMove() {
    var moved = InlineArray<25, UInt64>(repeating: 0)
    for index in 0..<25 {
      let (x, y) = (index % 5, index / 5)
      moved[y &+ 5 &* ((2 &* x &+ 3 &* y) % 5)] = Self.rotate(lanes[index], Self.rotations[index])
    }
    for index in 0..<25 {
      let row = index / 5 &* 5
      lanes[index] = moved[index] ^ (~moved[row &+ (index &+ 1) % 5] & moved[row &+ (index &+ 2) % 5])
    }
  }

  private static func rotate(_ lane: UInt64, _ count: UInt64) -> UInt64 {
    lane &<< count | lane &>> (64 &- count)
  }

  private static let rotations: InlineArray<25, UInt64> = [
    0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
  ]

  /// Iota's constants (section 3.2.5).
  private static let constants: InlineArray<24, UInt64> = [
    0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000,
    0x0000_0000_0000_808b, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
    0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
    0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
    0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
    0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
  ]
}
