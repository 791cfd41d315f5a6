import CWords

/// The hashes of words or ids, each once.
struct WordSet: ~Copyable {
  private var hashSet = words_set()
  /// Whether there was no memory for a hash: then no filter can be made.
  private var isIncomplete = false

  deinit { free() }

  /// In a function of its own, since a `deinit` cannot lend what it ends.
  private func free() {
    var hashSet = hashSet
    words_set_free(&hashSet)
  }

  var count: Int { hashSet.count }

  mutating func add(_ hash: UInt64) {
    if !words_set_add(&hashSet, hash) { isIncomplete = true }
  }

  /// Adds the words of a text; with `isOpen` not one at its very end, which may be the start of a longer one.
  mutating func addWords(of text: UnsafeRawBufferPointer, isOpen: Bool = false) {
    guard let base = text.baseAddress else { return }
    if !words_collect(&hashSet, base, text.count, isOpen) { isIncomplete = true }
  }

  mutating func removeAll() {
    words_set_clear(&hashSet)
    isIncomplete = false
  }

  /// A filter with so many bits for each hash, in whole lines, at most `StoreFormat.maxFilterBytes`. None, which says
  /// nothing, if there is no hash or some are missing.
  func filter(bitsPerHash: Int) -> [UInt8] {
    if hashSet.count == 0 || isIncomplete { return [] }
    let bytes = StoreFormat.wholeLines((hashSet.count &* bitsPerHash &+ 7) / 8)
    var filter = [UInt8](repeating: 0, count: min(bytes, StoreFormat.maxFilterBytes))
    filter.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      withUnsafePointer(to: hashSet) { words_filter_fill($0, base, bytes.count) }
    }
    return filter
  }

  /// All hashes, in any order.
  var hashes: [UInt64] {
    UnsafeBufferPointer(start: hashSet.slots, count: hashSet.capacity).filter { $0 != 0 }
  }

  /// Whether a hash may be in a filter.
  static func mayHave(_ hash: UInt64, in filter: UnsafeRawBufferPointer) -> Bool {
    filter.baseAddress.map { words_filter_has($0, filter.count, hash) } ?? false
  }

  /// The hash of an id of so many bytes, which has no words.
  static func hash(ofID id: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in id { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ hash &>> 32
  }
}
