/// The forms of base64 (RFC 4648 sections 4 and 5) under OTTL's names.
enum Base64Variant: String, CaseIterable {
  case standard = "base64"
  case raw = "base64-raw"
  case url = "base64-url"
  case rawURL = "base64-raw-url"

  private var isURL: Bool { self == .url || self == .rawURL }
  private var isPadded: Bool { self == .standard || self == .url }

  /// Appends bytes in this form.
  func append(_ bytes: UnsafeRawBufferPointer, to writer: inout ByteWriter) {
    let start = writer.count
    writer.appendBase64(bytes)
    if self == .standard { return }
    if !isPadded { writer.truncate(to: writer.count &- (3 &- bytes.count % 3) % 3) }
    if isURL { writer.replace(from: start, [(0x2B, 0x2D), (0x2F, 0x5F)]) }
  }

  /// Appends the bytes that a text in this form stands for, line feeds left out; false, with nothing to rely on
  /// appended, if it is not in this form.
  func append(decoding text: UnsafeRawBufferPointer, to writer: inout ByteWriter) -> Bool {
    var (bits, bitCount, digits, padding): (UInt32, UInt32, Int, Int) = (0, 0, 0, 0)
    for byte in text where byte != 0x0A && byte != 0x0D {
      if byte == UInt8(ascii: "="), isPadded {
        padding &+= 1
        continue
      }
      guard padding == 0, let sextet = sextet(byte) else { return false }
      digits &+= 1
      bits = bits << 6 | sextet
      bitCount &+= 6
      if bitCount >= 8 {
        bitCount &-= 8
        writer.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
    }
    if digits % 4 == 1 { return false }
    return isPadded ? padding == (4 &- digits % 4) % 4 : true
  }

  private func sextet(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte &- UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte &- UInt8(ascii: "a") &+ 26)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- UInt8(ascii: "0") &+ 52)
    case UInt8(ascii: "+"): isURL ? nil : 62
    case UInt8(ascii: "/"): isURL ? nil : 63
    case UInt8(ascii: "-"): isURL ? 62 : nil
    case UInt8(ascii: "_"): isURL ? 63 : nil
    default: nil
    }
  }
}

extension ByteWriter {
  /// Replaces bytes among those that were written from a place on.
  mutating func replace(from start: Int, _ pairs: [(from: UInt8, to: UInt8)]) {
    var place = max(start, 0)
    while place < count {
      let byte = (base + place).load(as: UInt8.self)
      for pair in pairs where pair.from == byte { (base + place).storeBytes(of: pair.to, as: UInt8.self) }
      place &+= 1
    }
  }
}
