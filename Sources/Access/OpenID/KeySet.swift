/// The keys that an issuer signs with (RFC 7517 section 5), as they were read at one time.
package final class KeySet: Sendable {
  let keys: [JSONWebKey]

  /// Levels of a set; keys need three.
  private static let maxDepth = 16

  /// Reads a set. Keys that cannot be used are passed over, as RFC 7517 section 5 wants it. Throws if it is no set, if
  /// it has more keys than it may or if none can be used: what was used before is better than that.
  package init(_ text: [UInt8], maxKeys: Int) throws(KeyProblem) {
    let value: JSONValue
    do throws(JSONFault) {
      value = try JSONValue(text, maxDepth: Self.maxDepth)
    } catch {
      throw KeyProblem("the key set \(error.reason)")
    }
    guard let items = value["keys"]?.items else { throw KeyProblem("the key set has no list of keys") }
    guard items.count <= maxKeys else {
      throw KeyProblem("the key set has \(items.count) keys: the limit is \(maxKeys) (limits.max_keys)")
    }
    var keys: [JSONWebKey] = []
    var problem: String?
    for (position, item) in items.enumerated() {
      do throws(KeyProblem) {
        if let key = try JSONWebKey(item) { keys.append(key) }
      } catch {
        problem = problem ?? "key \(position + 1) \(error.reason)"
      }
    }
    if keys.isEmpty {
      let reason = problem.map { ": \($0)" } ?? ""
      throw KeyProblem("the key set has no key that signatures can be checked with\(reason)")
    }
    self.keys = keys
  }

  package var count: Int { keys.count }

  /// The keys that a token's header may mean: those of the name, or all if it gives none, that are for its algorithm.
  func candidates(id: String?, _ algorithm: SignatureAlgorithm) -> [JSONWebKey] {
    keys.filter { (id == nil || $0.id == id) && $0.algorithms.contains(algorithm) }
  }

  /// Whether there is a key of that name.
  func names(_ id: String) -> Bool { keys.contains { $0.id == id } }

  /// Whether it has that key, under the same name.
  func has(_ key: JSONWebKey) -> Bool { keys.contains { $0.isSame(as: key) } }

  /// Whether it has the same keys.
  func isSame(as other: KeySet) -> Bool {
    keys.count == other.keys.count && zip(keys, other.keys).allSatisfy { $0.isSame(as: $1) }
  }
}
