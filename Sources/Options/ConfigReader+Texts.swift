/// A text that is read further by the one who asked for it, with what messages about it need.
package struct ConfigText: Sendable {
  /// The text itself.
  package let text: String
  /// `${env:X}` or `${file:/path}` if some of it came from there; then nothing of it may stand in a message.
  package let origin: String?
  /// Where it stands.
  package let place: ConfigPlace
  /// The dotted path of the option.
  package let path: String
}

/// One item of a list that takes texts and sections.
package enum ConfigItem {
  case text(ConfigText)
  case section(ConfigReader)
}

extension ConfigReader {
  /// A text; nil if it is not given or is none.
  package func text(_ key: String, _ doc: String) -> ConfigText? {
    let given = take(key)
    let text = given.flatMap { readText($0, at: path(of: key)) }
    let shown = text.map { OptionValue.scalar(.text($0.text)) } ?? .absent
    record(.init(key: key, type: "string", doc: doc, isGiven: given != nil, value: shown))
    return text
  }

  /// A list of texts; items that are none are reported and left out.
  package func texts(_ key: String, _ doc: String) -> [ConfigText] {
    let given = take(key)
    let items = given.flatMap { listItems($0, at: path(of: key)) } ?? []
    let texts = items.enumerated().compactMap { readText($1, at: "\(path(of: key))[\($0)]") }
    let shown = texts.map { OptionValue.scalar(.text($0.text)) }
    record(.init(key: key, type: "list of string", doc: doc, isGiven: given != nil, value: .list(shown)))
    return texts
  }

  /// A list whose items are texts or sections; each is read in its way.
  package func items<T>(_ key: String, _ doc: String, _ read: (ConfigItem) -> T) -> [T] {
    let given = take(key)
    let items = given.flatMap { listItems($0, at: path(of: key)) } ?? []
    var values: [T] = []
    var shown: [OptionValue] = []
    for (position, item) in items.enumerated() {
      let path = "\(path(of: key))[\(position)]"
      if case .scalar = item.content {
        guard let text = readText(item, at: path) else { continue }
        values.append(read(.text(text)))
        shown.append(.scalar(.text(text.text)))
      } else if !saysUnquotedText(item, at: path) {
        let child = child(item, at: path)
        values.append(read(.section(child)))
        child.finish()
        shown.append(.section(child.records))
      }
    }
    let template = shown.isEmpty ? template({ read(.section($0)) }, at: path(of: key)) : []
    record(
      .init(
        key: key, type: "list of texts or sections", doc: doc, isGiven: given != nil, value: .list(shown),
        template: template))
    return values
  }

  private func readText(_ node: ConfigNode, at path: String) -> ConfigText? {
    switch node.content {
    case .scalar(let scalar):
      return ConfigText(text: scalar.text, origin: scalar.origin, place: node.place, path: path)
    case .invalid: return nil
    case .null, .list, .map:
      if !saysUnquotedText(node, at: path) {
        report.error(at: node.place, path: path, "expected string, found \(node.summary)")
      }
      return nil
    }
  }

  /// Reports a map that was meant as text, whose key then looks like no key; false if it does not.
  private func saysUnquotedText(_ node: ConfigNode, at path: String) -> Bool {
    guard case .map(let entries) = node.content, entries.contains(where: { $0.key.contains { "( \"".contains($0) } })
    else { return false }
    report.error(
      at: node.place, path: path, "expected a text, found a map: a text with \": \" in it has to stand in quotes")
    return true
  }
}
