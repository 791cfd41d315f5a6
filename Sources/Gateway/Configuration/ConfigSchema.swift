import Options

extension ComponentRegistry {
  /// A JSON Schema of the configuration, for editors: keys, types, defaults and sentences of every option.
  ///
  /// It is wider than what `sluice validate` takes: options of the Collector that have no effect are not listed, and so
  /// no key is refused; ranges, and what options say together, are not in it.
  package func schema() -> String {
    let sections = ComponentKind.allCases.map { kind in (kind.rawValue, SchemaNode.components(kind, types(kind))) }
    let service = SchemaNode.section(template { ServiceOptions($0) }, doc: ServiceOptions.doc)
    let root = SchemaNode.object([
      ("$schema", .text("https://json-schema.org/draft/2020-12/schema")), ("title", .text("Sluice")),
      ("type", .text("object")), ("properties", .object(sections + [("service", service)])),
      ("required", .list([.text("receivers"), .text("exporters"), .text("service")])),
    ])
    return root.written(indent: 0) + "\n"
  }
}

/// A value of JSON, as schemas are made of them.
private indirect enum SchemaNode {
  case object([(String, SchemaNode)])
  case list([SchemaNode])
  case text(String)
  /// A number or a word of JSON.
  case word(String)

  /// A section of components: each type by its name alone or with one of its own behind a slash.
  static func components(
    _ kind: ComponentKind, _ types: [(name: String, options: any ComponentOptions.Type)]
  ) -> SchemaNode {
    let patterns = types.map { name, options -> (String, SchemaNode) in
      let reader = ConfigReader(
        ConfigNode(.null, at: ConfigPlace(source: "schema")), path: "", report: ConfigReport())
      _ = options.init(reader)
      return ("^\(name)(/.+)?$", section(reader.records, doc: options.doc))
    }
    return .object([
      ("description", .text(kind.doc)), ("type", .list([.text("object"), .text("null")])),
      ("patternProperties", .object(patterns)),
    ])
  }

  /// A section of options, all of which may be left out but those that are required.
  static func section(_ records: [OptionRecord], doc: String) -> SchemaNode {
    var parts: [(String, SchemaNode)] = doc.isEmpty ? [] : [("description", .text(doc))]
    parts.append(("type", .list([.text("object"), .text("null")])))
    if !records.isEmpty { parts.append(("properties", .object(records.map { ($0.key, option($0)) }))) }
    let required = records.filter(\.isRequired).map { SchemaNode.text($0.key) }
    if !required.isEmpty { parts.append(("required", .list(required))) }
    return .object(parts)
  }

  private static func option(_ record: OptionRecord) -> SchemaNode {
    switch record.value {
    case .section(let children) where !record.type.hasPrefix("map of "): return section(children, doc: record.doc)
    case .absent where record.type == "section": return section(record.template, doc: record.doc)
    default: break
    }
    var parts: [(String, SchemaNode)] = record.doc.isEmpty ? [] : [("description", .text(record.doc))]
    parts += type(record)
    if case .scalar(let value) = record.value { parts.append(("default", constant(value))) }
    return .object(parts)
  }

  private static func type(_ record: OptionRecord) -> [(String, SchemaNode)] {
    let type = record.type
    if type == "list of sections" || type == "list of texts or sections" {
      let item = section(record.template, doc: "")
      let items = type == "list of sections" ? item : .object([("anyOf", .list([item, .object(scalar("string"))]))])
      return [("type", .list([.text("array"), .text("null")])), ("items", items)]
    }
    if type.hasPrefix("list of ") {
      // A text with commas stands for a list.
      let item = SchemaNode.object(scalar(String(type.dropFirst("list of ".count))))
      return [("type", .list([.text("array"), .text("string"), .text("null")])), ("items", item)]
    }
    if type.hasPrefix("map of ") {
      // A list of names and values stands for a map.
      return [
        ("type", .list([.text("object"), .text("array"), .text("null")])),
        ("additionalProperties", .object(scalar(String(type.dropFirst("map of ".count))))),
      ]
    }
    return scalar(type)
  }

  /// What may stand for one value: also a text with `${…}`, and nothing for the default.
  private static func scalar(_ type: String) -> [(String, SchemaNode)] {
    let words = type.components(separatedBy: " | ")
    if words.count > 1 {
      let choice = SchemaNode.object([("enum", .list(words.map { .text($0 == "\"\"" ? "" : $0) }))])
      let other = SchemaNode.object([("type", .list([.text("string"), .text("null")]))])
      return [("anyOf", .list([choice, other]))]
    }
    let names: [String] =
      switch type {
      case "bool": ["boolean", "string", "null"]
      case "number": ["number", "string", "null"]
      case _ where type.hasPrefix("int ") || type == "port": ["integer", "string", "null"]
      default: ["string", "number", "boolean", "null"]
      }
    return [("type", .list(names.map { .text($0) }))]
  }

  private static func constant(_ value: ConfigScalarText) -> SchemaNode {
    switch value {
    case .text(let text): return .text(text)
    case .bare(let text):
      let isWord = text == "true" || text == "false" || Int(text) != nil || Double(text)?.isFinite == true
      return isWord ? .word(text) : .text(text)
    }
  }

  func written(indent: Int) -> String {
    let margin = String(repeating: " ", count: indent + 2)
    let end = "\n" + String(repeating: " ", count: indent)
    switch self {
    case .text(let text): return OwnLog.quoted(text)
    case .word(let word): return word
    case .list(let items): return "[" + items.map { $0.written(indent: indent + 2) }.joined(separator: ", ") + "]"
    case .object(let members):
      if members.isEmpty { return "{}" }
      let lines = members.map { "\(margin)\(OwnLog.quoted($0.0)): \($0.1.written(indent: indent + 2))" }
      return "{\n" + lines.joined(separator: ",\n") + end + "}"
    }
  }
}
