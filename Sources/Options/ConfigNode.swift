/// One YAML value of a configuration, with its place: a scalar, a list, a map or nothing.
package struct ConfigNode: Sendable {
  /// What the value is.
  package enum Content: Sendable {
    case null
    case scalar(Scalar)
    case list([ConfigNode])
    case map([Entry])
    /// A value whose problem is already in the report; readers pass over it.
    case invalid
  }

  /// The text of a scalar before any type is read from it.
  package struct Scalar: Sendable, Hashable {
    /// The characters, unquoted and unescaped.
    package var text: String
    /// `${env:X}` or `${file:/path}` when the text came from there; such text is never repeated in a message.
    package var origin: String?
    /// True if the text was quoted or tagged as text, and so is text even if it looks like a number.
    package var isQuoted = false

    /// A scalar of a text and, if it was substituted, where from.
    package init(_ text: String, origin: String? = nil, isQuoted: Bool = false) {
      self.text = text
      self.origin = origin
      self.isQuoted = isQuoted
    }
  }

  /// One key of a map and its value.
  package struct Entry: Sendable {
    /// The text of the key.
    package var key: String
    /// Where the key stands.
    package var place: ConfigPlace
    /// What the key maps to.
    package var value: ConfigNode

    /// An entry of a key at a place and its value.
    package init(key: String, place: ConfigPlace, value: ConfigNode) {
      self.key = key
      self.place = place
      self.value = value
    }
  }

  /// Where the value stands.
  package var place: ConfigPlace
  /// The value itself.
  package var content: Content

  /// A value at a place.
  package init(_ content: Content, at place: ConfigPlace) {
    self.content = content
    self.place = place
  }

  /// True if the key was given with nothing as its value.
  package var isNull: Bool {
    if case .null = content { true } else { false }
  }

  /// False for a value that a section cannot be read from, which is reported where it is read.
  package var isMapOrNothing: Bool {
    switch content {
    case .null, .map: true
    case .scalar, .list, .invalid: false
    }
  }

  /// The entries of a map; nil if this is none.
  package var entries: [Entry]? {
    if case .map(let entries) = content { entries } else { nil }
  }

  /// The value of a key of a map; nil if this is none, or has no such key.
  package subscript(key: String) -> ConfigNode? { entries?.first { $0.key == key }?.value }

  /// The items of a list or, as in the Collector, the parts of a text between its commas; nil if this is neither.
  package var listItems: [ConfigNode]? {
    switch content {
    case .list(let items): items
    case .scalar(let scalar):
      scalar.text.isEmpty
        ? []
        : scalar.text.split(separator: ",", omittingEmptySubsequences: false).map { part in
          var item = scalar
          item.text = String(part).trimmingSpaces
          return ConfigNode(.scalar(item), at: place)
        }
    case .null, .map, .invalid: nil
    }
  }

  /// A list of `{name: …, value: …}` as the map from names to values that it stands for; anything else as it is.
  package var pairsAsMap: ConfigNode {
    guard case .list(let items) = content else { return self }
    let pairs = items.compactMap { item -> Entry? in
      guard case .scalar(let name) = item["name"]?.content else { return nil }
      let known = item.entries?.allSatisfy { ["name", "value", "type"].contains($0.key) } == true
      return known
        ? Entry(key: name.text, place: item.place, value: item["value"] ?? ConfigNode(.null, at: item.place)) : nil
    }
    return pairs.count == items.count ? ConfigNode(.map(pairs), at: place) : self
  }

  /// What a message calls this value; a scalar is shown unless it came from the environment or a file.
  package var summary: String {
    if case .scalar(let scalar) = content { scalar.summary } else { kind }
  }

  /// What a message calls this value if it may be a secret.
  package var kind: String {
    switch content {
    case .null, .invalid: "nothing"
    case .list: "a list"
    case .map: "a map"
    case .scalar: "text"
    }
  }
}

extension ConfigNode.Scalar {
  /// The text in quotes, or only its origin if it is not from the configuration file itself.
  package var summary: String {
    if let origin { return text.isEmpty ? "nothing in \(origin)" : "the value of \(origin)" }
    return "\"\(text.forDisplay(maxCharacters: 64))\""
  }
}

extension ConfigNode {
  /// This map with `other` laid over it, map by map; any other value of `other` replaces the earlier one.
  package func merging(_ other: ConfigNode) -> ConfigNode {
    guard case .map(var merged) = content, case .map(let later) = other.content else { return other }
    var index: [String: Int] = [:]
    for (position, entry) in merged.enumerated() { index[entry.key] = position }
    for entry in later {
      if let position = index[entry.key] {
        let value = merged[position].value.merging(entry.value)
        merged[position] = Entry(key: entry.key, place: entry.place, value: value)
      } else {
        index[entry.key] = merged.count
        merged.append(entry)
      }
    }
    return ConfigNode(.map(merged), at: other.place)
  }
}

extension ConfigNode {
  /// True if another value says the same, wherever both stand. The order of keys counts.
  package func says(sameAs other: ConfigNode) -> Bool {
    switch (content, other.content) {
    case (.null, .null): true
    case (.scalar(let one), .scalar(let two)): one.text == two.text && one.isQuoted == two.isQuoted
    case (.list(let one), .list(let two)):
      one.count == two.count && zip(one, two).allSatisfy { $0.says(sameAs: $1) }
    case (.map(let one), .map(let two)):
      one.count == two.count && zip(one, two).allSatisfy { $0.key == $1.key && $0.value.says(sameAs: $1.value) }
    default: false
    }
  }
}
