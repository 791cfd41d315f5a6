import LogPipeline
import LogStore

/// What the page is told, as JSON.
indirect enum AdminJSON: Sendable {
  case null
  case flag(Bool)
  case number(Int)
  case text(String)
  case list([AdminJSON])
  case object([(name: String, value: AdminJSON)])

  /// A text; null for none.
  static func optional(_ text: String?) -> AdminJSON { text.map { .text($0) } ?? .null }

  /// Texts.
  static func texts(_ texts: [String]) -> AdminJSON { .list(texts.map { .text($0) }) }

  /// The whole, in UTF-8.
  var bytes: [UInt8] {
    var writer = ByteWriter(capacityBytes: 4096)
    append(to: &writer)
    writer.append("\n")
    return writer.array
  }

  private func append(to writer: inout ByteWriter) {
    switch self {
    case .null: writer.append("null")
    case .flag(let flag): writer.append(flag ? "true" : "false")
    case .number(let number): writer.appendDecimal(Int64(clamping: number))
    case .text(let text): writer.appendJSON(string: text)
    case .list(let items):
      writer.append("[")
      for (index, item) in items.enumerated() {
        if index > 0 { writer.append(",") }
        item.append(to: &writer)
      }
      writer.append("]")
    case .object(let members):
      writer.append("{")
      for (index, member) in members.enumerated() {
        if index > 0 { writer.append(",") }
        writer.appendJSON(string: member.name)
        writer.append(":")
        member.value.append(to: &writer)
      }
      writer.append("}")
    }
  }
}
