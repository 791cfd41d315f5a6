/// Tells at a glance most keys that cannot be the name of a secret: those in which, separators left out, no piece of
/// such a name stands.
///
/// Shift-And (R. Baeza-Yates, G. Gonnet, "A new approach to text searching", 1992): each letter of each piece is a bit
/// of one of two states.
final class NameScan: @unchecked Sendable {
  /// A piece of every word in ASCII that `SensitiveName` and `DoubtfulName` know; at most 63 bytes in each half.
  private static let pieces = [
    ["pass", "pw", "secr", "oken", "key", "auth", "cred", "sess", "ooki", "cv", "otp"],
    ["jwt", "beare", "pin", "mdp", "senha", "parola", "sifre", "haslo", "heslo", "nnwo", "htwo", "trasena"],
  ]

  /// The bits that each byte lets pass, in the first state and then in the second. Written only by `init`.
  private let masks: UnsafeMutablePointer<UInt64>
  private let starts: (UInt64, UInt64)
  private let ends: (UInt64, UInt64)

  init() {
    masks = .allocate(capacity: 512)
    masks.initialize(repeating: 0, count: 512)
    let first = Self.compile(Self.pieces[0], masks)
    let second = Self.compile(Self.pieces[1], masks + 256)
    starts = (first.starts, second.starts)
    ends = (first.ends, second.ends)
  }

  deinit { masks.deallocate() }

  /// Writes the bits of some pieces, and returns those of their first and last letters.
  private static func compile(
    _ pieces: [String], _ masks: UnsafeMutablePointer<UInt64>
  ) -> (starts: UInt64, ends: UInt64) {
    var (starts, bit) = (UInt64(0), UInt64(1))
    for piece in pieces {
      starts |= bit
      for letter in piece.utf8 {
        masks[Int(letter)] |= bit
        masks[Int(letter & 0xDF)] |= bit
        bit <<= 1
      }
    }
    // A piece's end is the bit before the next piece's start.
    return (starts, (starts | bit) >> 1)
  }

  /// Whether a piece is in the key, or more exactly may be. Any key that is not all of ASCII may have a word.
  @inline(__always)
  func mayName(_ key: UnsafeRawBufferPointer) -> Bool {
    var state: (UInt64, UInt64) = (0, 0)
    for byte in key where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "_") && byte != UInt8(ascii: ".") {
      state.0 = (state.0 &<< 1 | starts.0) & masks[Int(byte)]
      state.1 = (state.1 &<< 1 | starts.1) & masks[256 &+ Int(byte)]
      if (state.0 & ends.0) | (state.1 & ends.1) != 0 || byte >= 0x80 { return true }
    }
    return false
  }
}
