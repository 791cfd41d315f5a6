/// The names of tenants: what they may be, and how those are told that may not.
package enum TenantName {
  /// The longest name, in bytes.
  package static let maxBytes = 128

  /// What is wrong with a name; nil if nothing is. It quotes nothing of it.
  package static func problem(of name: some Collection<UInt8>) -> String? {
    if name.isEmpty { return "the name of a tenant is empty" }
    if name.count > maxBytes {
      return "the name of a tenant has \(name.count) bytes: the limit is \(maxBytes) bytes"
    }
    if hasControls(name) { return "the name of a tenant has control characters" }
    return hasReplacement(name) ? "the name of a tenant is not UTF-8, or has U+FFFD" : nil
  }

  /// Whether U+FFFD is among them, which stands for bytes that are no UTF-8: names that differ in these look the same.
  private static func hasReplacement(_ name: some Collection<UInt8>) -> Bool {
    var last: (UInt8, UInt8) = (0, 0)
    for byte in name {
      if last == (0xEF, 0xBF), byte == 0xBD { return true }
      last = (last.1, byte)
    }
    return false
  }

  /// Whether there is a control character of ASCII or of Latin-1 among them (U+0000 to U+001F, U+007F to U+009F).
  private static func hasControls(_ name: some Collection<UInt8>) -> Bool {
    var last: UInt8 = 0
    for byte in name {
      if byte < 0x20 || byte == 0x7F || (last == 0xC2 && byte < 0xA0) { return true }
      last = byte
    }
    return false
  }
}
