import CWords

extension Needle {
  /// What a text must have to hold `text` as whole words; with `isPrefix` the last may go on.
  init(_ text: String, isPrefix: Bool = false) {
    let bytes = text.utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    var words = WordSet()
    bytes.withUnsafeBytes { words.addWords(of: $0, isOpen: isPrefix) }
    self.bytes = bytes
    let edges = bytes.withUnsafeBytes { bytes in bytes.baseAddress.map { words_edges($0, bytes.count) } ?? 0 }
    self.edges = isPrefix ? edges & 1 : edges
    hashes = words.hashes
    mayBeNumber =
      bytes.allSatisfy { (48...57).contains($0) || "+-.e".utf8.contains($0) }
      || ["true", "false", "nan", "infinity", "-infinity"].contains { $0.utf8.starts(with: bytes) }
  }

  /// Whether a text has it.
  @inline(__always)
  func matches(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let base = text.baseAddress else { return false }
    return bytes.withUnsafeBytes { needle in
      needle.baseAddress.map { words_match(base, text.count, $0, needle.count, edges) } ?? false
    }
  }

  /// Which of several texts have it; with `edges` 0 also those that have it inside of a word.
  func rows(of texts: Texts, edges: Int32) -> Rows {
    var rows = Rows(none: texts.ends.count)
    texts.withUnsafeBytes { text in
      guard let base = text.baseAddress else { return }
      bytes.withUnsafeBytes { needle in
        guard let start = needle.baseAddress else { return }
        rows.words.withUnsafeMutableBufferPointer { found in
          guard let found = found.baseAddress else { return }
          texts.ends.withUnsafeBufferPointer { ends in
            words_match_rows(base, ends.baseAddress, ends.count, start, needle.count, edges, found)
          }
        }
      }
    }
    return rows
  }
}
