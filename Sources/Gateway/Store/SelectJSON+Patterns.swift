import LogPipeline
import LogStore

extension SelectJSON {
  /// `{"patterns":[{"pattern":"…","hits":3,"bytes":90,"sample":"…"}],"others":{"hits":0,"bytes":0}}`.
  static func patterns(_ found: MessagePatterns) -> [UInt8] {
    var writer = ByteWriter(capacityBytes: 4096)
    writer.append("{\"patterns\":[")
    for (index, each) in found.patterns.enumerated() {
      writer.append(index == 0 ? "{\"pattern\":" : ",{\"pattern\":")
      writer.appendJSON(string: each.pattern)
      writer.append(",")
      append(each.hits, each.bytes, to: &writer)
      writer.append(",\"sample\":")
      writer.appendJSON(string: each.sample)
      writer.append("}")
    }
    writer.append("],\"others\":{")
    append(found.others.hits, found.others.bytes, to: &writer)
    writer.append("}}\n")
    return writer.array
  }

  private static func append(_ hits: Int, _ bytes: Int, to writer: inout ByteWriter) {
    writer.append("\"hits\":")
    writer.appendDecimal(Int64(clamping: hits))
    writer.append(",\"bytes\":")
    writer.appendDecimal(Int64(clamping: bytes))
  }
}
