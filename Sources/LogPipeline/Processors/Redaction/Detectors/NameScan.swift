/// Tells at a glance most keys that cannot be the name of a secret: those in which, separators left out, no piece of
/// such a name stands.
///
/// Shift-And (R. Baeza-Yates, G. Gonnet, "A new approach to text searching", 1992): each letter of each piece is a bit
/// of the state.
final class NameScan: @unchecked Sendable {
  /// A piece of every word that `SensitiveName` knows; 63 bytes in all, and 64 are too many.
  private static let pieces =
    ["pass", "pwd", "secr", "oken", "key", "auth", "cred", "sess", "ooki", "cv", "otp"] + SensitiveName.chineseWords

  /// The bits that each byte lets pass. Written only by `init`.
  private let masks: UnsafeMutablePointer<UInt64>
  private let starts: UInt64
  private let ends: UInt64

  init() {
    masks = .allocate(capacity: 256)
    masks.initialize(repeating: 0, count: 256)
    var (starts, bit) = (UInt64(0), UInt64(1))
    for piece in Self.pieces {
      starts |= bit
      for letter in piece.utf8 {
        masks[Int(letter)] |= bit
        if letter.isLower { masks[Int(letter & 0xDF)] |= bit }
        bit <<= 1
      }
    }
    // A piece's end is the bit before the next piece's start.
    (self.starts, ends) = (starts, (starts | bit) >> 1)
  }

  deinit { masks.deallocate() }

  /// Whether a piece is in the key, or more exactly may be.
  @inline(__always)
  func mayName(_ key: UnsafeRawBufferPointer) -> Bool {
    var state: UInt64 = 0
    for byte in key where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "_") && byte != UInt8(ascii: ".") {
      state = (state &<< 1 | starts) & masks[Int(byte)]
      if state & ends != 0 { return true }
    }
    return false
  }
}
