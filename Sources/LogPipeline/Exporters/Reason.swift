/// Texts of destinations that become part of a verdict's reason, cut and cleaned.
enum Reason {
  /// Bytes of a destination's text that are kept.
  static let maxBytes = 4096

  /// At most `maxBytes` of a text, with control characters and what is not UTF-8 replaced.
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for scalar in String(decoding: Array(bytes.prefix(maxBytes)), as: UTF8.self).unicodeScalars {
      text.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    return text
  }

  /// Says of an answer that it came from something else than what was asked.
  static func foreign(_ status: Int, _ server: String) -> String { "HTTP \(status), not an answer of \(server)" }

  /// `status` with the destination's text after it if there is one.
  static func joined(_ status: String, _ text: String) -> String {
    text.isEmpty ? status : "\(status): \(text)"
  }
}
