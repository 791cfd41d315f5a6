/// The token by which the gateway says who it is to the API server.
struct KubernetesToken {
  let bytes: [UInt8]

  /// So many bytes in a row are a part that tells something of it.
  private static let partBytes = 8

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Whether words hold a part of it, or all of it if it is shorter.
  func isTold(by words: String) -> Bool {
    let size = min(bytes.count, Self.partBytes)
    return !Self.parts(of: bytes, size: size).isDisjoint(with: Self.parts(of: Array(words.utf8), size: size))
  }

  /// All runs of `size` bytes, 8 at most, as numbers.
  private static func parts(of bytes: [UInt8], size: Int) -> Set<UInt64> {
    let mask = size < 8 ? (1 << (UInt64(size) * 8)) - 1 : UInt64.max
    var parts: Set<UInt64> = []
    var part: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      part = (part << 8 | UInt64(byte)) & mask
      if index + 1 >= size { parts.insert(part) }
    }
    return parts
  }
}
