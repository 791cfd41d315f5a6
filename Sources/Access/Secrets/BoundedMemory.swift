/// What was found out lately, by key: at most so many entries, of which those that are asked for stay longest.
///
/// It holds two halves. What is added or asked for goes to the young one; when that is full it becomes the old one, and
/// what was in the old one is forgotten.
struct BoundedMemory<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let halfCount: Int
  private var young: [Key: Value] = [:]
  private var old: [Key: Value] = [:]

  init(maxCount: Int) { halfCount = max(maxCount / 2, 0) }

  var count: Int { young.count + old.count }

  /// What is known of a key.
  mutating func value(of key: Key) -> Value? {
    if let value = young[key] { return value }
    guard let value = old.removeValue(forKey: key) else { return nil }
    add(value, of: key)
    return value
  }

  mutating func add(_ value: Value, of key: Key) {
    guard halfCount > 0 else { return }
    if young.count >= halfCount, young[key] == nil {
      old = young
      young = [:]
    }
    old[key] = nil
    young[key] = value
  }

  mutating func remove(_ key: Key) {
    young[key] = nil
    old[key] = nil
  }
}
