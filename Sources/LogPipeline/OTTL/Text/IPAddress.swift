/// An IP address as 128 bits; IPv4 addresses are those of IPv6 that stand for them (`::ffff:0:0/96`).
struct IPAddress: Equatable {
  var high: UInt64
  var low: UInt64

  private static let mappedPrefix: UInt64 = 0xFFFF_0000_0000

  var isIPv4: Bool { high == 0 && low >> 32 == Self.mappedPrefix >> 32 }

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  private init(ipv4: UInt32) { self.init(high: 0, low: Self.mappedPrefix | UInt64(ipv4)) }

  /// The address that a text stands for: four decimal numbers, or IPv6 (RFC 4291, section 2.2) without a zone.
  init?(_ text: UnsafeRawBufferPointer) {
    guard text.contains(UInt8(ascii: ":")) else {
      guard let number = Self.ipv4(text) else { return nil }
      self.init(ipv4: number)
      return
    }
    guard let halves = Self.ipv6(text) else { return nil }
    self = halves
  }

  /// Four numbers up to 255 without needless zeros.
  private static func ipv4(_ text: UnsafeRawBufferPointer) -> UInt32? {
    guard text.count <= 15 else { return nil }
    var (address, number, digits, parts): (UInt32, UInt32, Int, Int) = (0, 0, 0, 1)
    for byte in text {
      if byte == UInt8(ascii: ".") {
        guard digits > 0, parts < 4 else { return nil }
        address = address << 8 | number
        (number, digits) = (0, 0)
        parts &+= 1
        continue
      }
      guard byte.isDigit, digits == 0 || number > 0 else { return nil }
      number = number &* 10 &+ UInt32(byte.digitValue)
      digits &+= 1
      if number > 255 { return nil }
    }
    return digits > 0 && parts == 4 ? address << 8 | number : nil
  }

  private static func ipv6(_ text: UnsafeRawBufferPointer) -> IPAddress? {
    guard (2...45).contains(text.count) else { return nil }
    var groups = InlineArray<8, UInt16>(repeating: 0)
    var (count, place): (Int, Int) = (0, 0)
    var gap: Int?
    if text[0] == UInt8(ascii: ":") {
      guard text[1] == UInt8(ascii: ":") else { return nil }
      (gap, place) = (0, 2)
    }
    while place < text.count {
      guard count < 8 else { return nil }
      let end = text.first(UInt8(ascii: ":"), from: place) ?? text.count
      let part = text.part(place..<end)
      if end == text.count, part.contains(UInt8(ascii: ".")) {
        guard count <= 6, let number = ipv4(part) else { return nil }
        groups[count] = UInt16(truncatingIfNeeded: number >> 16)
        groups[count &+ 1] = UInt16(truncatingIfNeeded: number)
        count &+= 2
        place = end
        break
      }
      guard let group = hexadecimal(part) else { return nil }
      groups[count] = group
      count &+= 1
      place = end &+ 1
      if place == text.count { return nil }
      if end < text.count, text[place] == UInt8(ascii: ":") {
        if gap != nil { return nil }
        gap = count
        place &+= 1
      }
    }
    guard gap == nil ? count == 8 : count < 8 else { return nil }
    return spread(groups, count: count, gap: gap ?? count)
  }

  private static func hexadecimal(_ part: UnsafeRawBufferPointer) -> UInt16? {
    guard (1...4).contains(part.count) else { return nil }
    var number: UInt16 = 0
    for byte in part {
      guard let nibble = HexText.nibble(byte) else { return nil }
      number = number << 4 | UInt16(nibble)
    }
    return number
  }

  /// The groups with zeros where two colons stood.
  private static func spread(_ groups: InlineArray<8, UInt16>, count: Int, gap: Int) -> IPAddress {
    var (high, low): (UInt64, UInt64) = (0, 0)
    for index in 0..<8 {
      let behind = index &- (8 &- count)
      let group = index < gap ? groups[index] : behind >= gap ? groups[behind] : 0
      if index < 4 { high = high << 16 | UInt64(group) } else { low = low << 16 | UInt64(group) }
    }
    return IPAddress(high: high, low: low)
  }

  /// Appends the four or sixteen bytes of the address, as they are sent.
  func appendBytes(to writer: inout ByteWriter) {
    for place in (isIPv4 ? 12 : 0)..<16 {
      let word = place < 8 ? high : low
      writer.append(UInt8(truncatingIfNeeded: word >> UInt64(56 &- place % 8 &* 8)))
    }
  }
}

/// The addresses that begin with the same bits (RFC 4632): `10.0.0.0/8`.
struct IPNetwork: Equatable, Sendable {
  private let high: UInt64
  private let low: UInt64
  private let bits: Int

  init?(_ text: UnsafeRawBufferPointer) {
    guard let slash = text.last(UInt8(ascii: "/")), let address = IPAddress(text.part(0..<slash)),
      let bits = GoNumber.int(text.part(slash &+ 1..<text.count)), text[slash &+ 1].isDigit
    else { return nil }
    let isIPv4 = !text.part(0..<slash).contains(UInt8(ascii: ":"))
    guard bits >= 0, bits <= (isIPv4 ? 32 : 128) else { return nil }
    high = address.high
    low = address.low
    self.bits = Int(bits) &+ (isIPv4 ? 96 : 0)
  }

  func contains(_ address: IPAddress) -> Bool {
    Self.areEqual(high, address.high, bits: min(bits, 64)) && Self.areEqual(low, address.low, bits: max(bits &- 64, 0))
  }

  /// Whether two words have the same first bits.
  private static func areEqual(_ a: UInt64, _ b: UInt64, bits: Int) -> Bool { (a ^ b) >> UInt64(64 &- bits) == 0 }
}
