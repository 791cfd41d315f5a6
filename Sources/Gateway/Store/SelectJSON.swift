import LogPipeline
import LogStore

/// What a search has found as JSON, in the forms of VictoriaLogs.
enum SelectJSON {
  /// `{"hits":[{"fields":{…},"timestamps":[…],"values":[…],"total":3}]}`.
  static func hits(_ series: [HitSeries], by field: String?) -> [UInt8] {
    var writer = ByteWriter(capacityBytes: 4096)
    var times = TimestampWriter()
    writer.append("{\"hits\":[")
    for (index, each) in series.enumerated() {
      writer.append(index == 0 ? "{\"fields\":{" : ",{\"fields\":{")
      if let field { append([field: each.value ?? ""], to: &writer) }
      writer.append("},\"timestamps\":[")
      for (index, step) in each.steps.enumerated() {
        writer.append(index == 0 ? "\"" : ",\"")
        times.appendRFC3339(step.start, to: &writer)
        writer.append("\"")
      }
      writer.append("],\"values\":[")
      for (index, step) in each.steps.enumerated() {
        if index > 0 { writer.append(",") }
        writer.appendDecimal(Int64(clamping: step.hits))
      }
      writer.append("],\"total\":")
      writer.appendDecimal(Int64(clamping: each.total))
      writer.append("}")
    }
    writer.append("]}\n")
    return writer.array
  }

  private static func append(_ fields: [String: String], to writer: inout ByteWriter) {
    for (name, value) in fields {
      writer.appendJSON(string: name)
      writer.append(":")
      writer.appendJSON(string: value)
    }
  }

  /// `{"facets":[{"field_name":"…","values":[{"field_value":"…","hits":3}]}]}`.
  static func facets(_ facets: [Facet]) -> [UInt8] {
    var writer = ByteWriter(capacityBytes: 4096)
    writer.append("{\"facets\":[")
    for (index, facet) in facets.enumerated() {
      writer.append(index == 0 ? "{\"field_name\":" : ",{\"field_name\":")
      writer.appendJSON(string: facet.field)
      writer.append(",\"values\":[")
      append(facet.values, as: "{\"field_value\":", to: &writer)
      writer.append("]}")
    }
    writer.append("]}\n")
    return writer.array
  }

  /// `{"values":[{"value":"…","hits":3}]}`.
  static func values(_ values: [ValueCount]) -> [UInt8] {
    var writer = ByteWriter(capacityBytes: 4096)
    writer.append("{\"values\":[")
    append(values, as: "{\"value\":", to: &writer)
    writer.append("]}\n")
    return writer.array
  }

  private static func append(_ values: [ValueCount], as beginning: StaticString, to writer: inout ByteWriter) {
    for (index, each) in values.enumerated() {
      if index > 0 { writer.append(",") }
      writer.append(beginning)
      writer.appendJSON(string: each.value)
      writer.append(",\"hits\":")
      writer.appendDecimal(Int64(clamping: each.hits))
      writer.append("}")
    }
  }
}
