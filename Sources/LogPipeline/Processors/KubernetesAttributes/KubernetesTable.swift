/// Objects of the Kubernetes API by what leads to them: a value, of which a copy costs little and stays as it is.
///
/// It is a number of small dictionaries, so that a change after a copy moves one of them.
struct KubernetesTable: Sendable {
  /// The most names of attributes; labels under further ones are left out.
  static let maxNames = 10_000
  private static let partCount = 256

  private var parts = [[TableKey: TableRow]](repeating: [:], count: partCount)
  /// The names of attributes, by their number in rows.
  private(set) var names: [[UInt8]] = []
  private var numbers: [String: UInt16] = [:]

  /// The row that a key leads to.
  subscript(key: TableKey) -> TableRow? {
    get { parts[Int(key.hash % UInt64(Self.partCount))][key] }
    set { parts[Int(key.hash % UInt64(Self.partCount))][key] = newValue }
  }

  /// The number of a name, which is new from now on if it was not known; nil if there is no room for it.
  mutating func number(of name: String) -> UInt16? {
    if let number = numbers[name] { return number }
    guard names.count < Self.maxNames else { return nil }
    let number = UInt16(truncatingIfNeeded: names.count)
    names.append(Array(name.utf8))
    numbers[name] = number
    return number
  }
}
