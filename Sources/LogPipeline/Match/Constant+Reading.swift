import Options

extension ConfigReader {
  /// A value for a record, of the type that YAML gives it: quoted text is text, `2245` a whole number, `true` a truth
  /// value; lists and maps too. Nil if it is not given.
  package func constant(_ key: String, _ doc: String) -> Constant? {
    let node = take(key)
    let constant = node.flatMap { Constant($0) }
    record(
      .init(
        key: key, type: "any value", doc: doc, isGiven: node != nil,
        value: constant.map { OptionValue($0) } ?? .absent))
    return constant
  }
}

extension Constant {
  /// The value of a YAML node; nil if its problem is in the report already.
  fileprivate init?(_ node: ConfigNode) {
    switch node.content {
    case .invalid: return nil
    case .null: self = .empty
    case .scalar(let scalar): self = Self.scalar(scalar)
    case .list(let items): self = .array(items.compactMap { Constant($0) })
    case .map(let entries):
      self = .map(entries.compactMap { entry in Constant(entry.value).map { Member(entry.key, $0) } })
    }
  }

  private static func scalar(_ scalar: ConfigNode.Scalar) -> Constant {
    if scalar.isQuoted { return .string(scalar.text) }
    if ["true", "True", "TRUE"].contains(scalar.text) { return .bool(true) }
    if ["false", "False", "FALSE"].contains(scalar.text) { return .bool(false) }
    if let number = try? OptionType<Int>.int(in: .min ... .max).parse(scalar.text) { return .int(Int64(number)) }
    let finite = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    if let number = try? OptionType<Double>.double(in: finite).parse(scalar.text) { return .double(number) }
    return .string(scalar.text)
  }
}

extension OptionValue {
  /// A constant as `print-config` writes it.
  fileprivate init(_ constant: Constant) {
    switch constant {
    case .empty: self = .scalar(.bare("null"))
    case .string(let text): self = .scalar(.text(text))
    case .bool(let value): self = .scalar(.bare("\(value)"))
    case .int(let value): self = .scalar(.bare("\(value)"))
    case .double(let value): self = .scalar(.bare("\(value)"))
    case .array(let items): self = .list(items.map { OptionValue($0) })
    case .map(let members):
      self = .section(
        members.map { .init(key: $0.key, type: "", doc: "", isGiven: true, value: OptionValue($0.value)) })
    }
  }
}
