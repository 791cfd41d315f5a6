/// What a key says about its value.
enum KeyVerdict {
  case ignored, notAllowed, examined
  /// The whole value goes, by this rule.
  case secret(Int)
  /// The whole value goes, by this rule, if it looks like a secret.
  case doubtful(Int)
}

/// The keys that stay, and the keys that are not looked at.
struct KeyList: Sendable {
  private let allowsAll: Bool
  private let allowed: KeySet
  private let ignored: KeySet
  private let ignoredPatterns: [Pattern]
  private let blockedPatterns: [Pattern]
  /// False if every key stays and is looked at.
  let hasRules: Bool

  init(_ options: RedactionOptions) {
    allowsAll = options.allowAllKeys
    allowed = KeySet(options.allowedKeys + RedactionSummary.allKeys)
    ignored = KeySet(options.ignoredKeys)
    ignoredPatterns = options.ignoredKeyPatterns
    blockedPatterns = options.blockedKeyPatterns
    hasRules = !allowsAll || !ignored.isEmpty || !ignoredPatterns.isEmpty || !blockedPatterns.isEmpty
  }

  func isIgnored(_ key: UnsafeRawBufferPointer) -> Bool {
    ignored.contains(key) || ignoredPatterns.contains { $0.matches(key) }
  }

  func isAllowed(_ key: UnsafeRawBufferPointer) -> Bool { allowsAll || allowed.contains(key) }

  func isBlocked(_ key: UnsafeRawBufferPointer) -> Bool { blockedPatterns.contains { $0.matches(key) } }
}

/// A set of keys that is asked with bytes, without a copy of them: a hash table with linear probing, at most half full.
struct KeySet: Sendable {
  private var slots: [[UInt8]?]
  let isEmpty: Bool

  init(_ keys: [String]) {
    isEmpty = keys.isEmpty
    var count = 4
    while count < keys.count * 2 { count *= 2 }
    slots = [[UInt8]?](repeating: nil, count: count)
    for key in keys {
      let bytes = Array(key.utf8)
      var slot = bytes.withUnsafeBytes { Self.hash($0) } & (count - 1)
      while let taken = slots[slot], taken != bytes { slot = (slot + 1) & (count - 1) }
      slots[slot] = bytes
    }
  }

  func contains(_ key: UnsafeRawBufferPointer) -> Bool {
    if isEmpty { return false }
    var slot = Self.hash(key) & (slots.count &- 1)
    while let taken = slots[slot] {
      if taken.count == key.count, taken.withUnsafeBytes({ $0.elementsEqual(key) }) { return true }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    return false
  }

  /// FNV-1a. Keys of a peer are only looked up, so that no choice of them lengthens a probe.
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
