/// The sections of a configuration that define components.
package enum ComponentKind: String, Sendable, Hashable, CaseIterable {
  case receivers, processors, exporters, connectors, extensions

  /// One sentence for the reference.
  package var doc: String {
    switch self {
    case .receivers: "Where logs come from."
    case .processors: "What is done to logs before they are queued."
    case .exporters: "Where logs go."
    case .connectors: "Exporters of one pipeline that are receivers of another."
    case .extensions: "What is not part of a pipeline: authentication, health checks, storage."
    }
  }

  /// One component of this kind, as in `receiver`.
  package var singular: String { String(rawValue.dropLast()) }
}

/// The identity of a component within its kind: a type and perhaps a name, written `type` or `type/name`.
package struct ComponentID: Sendable, Hashable, CustomStringConvertible {
  /// The longest type, in characters (the Collector's limit).
  package static let maxTypeCharacters = 63
  /// The longest name, in characters (the Collector's limit).
  package static let maxNameCharacters = 1024

  /// What the component is, as in `otlp`.
  package var type: String
  /// Empty if the component has no name of its own.
  package var name: String
  /// The signal of the pipelines in which it stands for a component that the configuration defines; nil for that one.
  package var signal: Signal?

  /// An id of a type and, if it has one, a name.
  package init(type: String, name: String = "") {
    self.type = type
    self.name = name
  }

  /// Stands before the signal in an id; no name holds it.
  private static let signalMark: Character = "+"

  /// The id as a configuration writes it, with `+` and the signal behind it where it stands for a defined component.
  package var description: String {
    let defined = name.isEmpty ? type : "\(type)/\(name)"
    return signal.map { "\(defined)\(Self.signalMark)\($0.rawValue)" } ?? defined
  }

  /// The same component in the pipelines of a signal.
  package func of(_ signal: Signal) -> ComponentID {
    var id = self
    id.signal = signal
    return id
  }

  /// The description of an id as that of the defined component, and the signal.
  package static func split(_ description: String) -> (defined: String, signal: Signal?) {
    guard let mark = description.lastIndex(of: signalMark),
      let signal = Signal(rawValue: String(description[description.index(after: mark)...]))
    else { return (description, nil) }
    return (String(description[..<mark]), signal)
  }

  /// Reads `type` or `type/name` by the Collector's rules: a type of letters, digits and `_` that begins with a letter,
  /// a name without white space, control characters and symbols.
  package static func parse(_ text: String) throws(OptionMismatch) -> ComponentID {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let type = String(parts.first ?? "").trimmingSpaces
    guard type.utf8.first?.isASCIILetter == true,
      type.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") })
    else { throw OptionMismatch("a component id \"type\" or \"type/name\"") }
    guard type.utf8.count <= maxTypeCharacters else {
      throw OptionMismatch("a component type of at most \(maxTypeCharacters) characters, got \(type.utf8.count)")
    }
    guard parts.count == 2 else { return ComponentID(type: type) }
    let name = String(parts[1]).trimmingSpaces
    guard !name.isEmpty else { throw OptionMismatch("a name after the \"/\" of \"type/name\"", suggestion: type) }
    guard name.unicodeScalars.count <= maxNameCharacters else {
      let count = name.unicodeScalars.count
      throw OptionMismatch("a component name of at most \(maxNameCharacters) characters, got \(count)")
    }
    guard name.unicodeScalars.allSatisfy(isNameCharacter) else {
      throw OptionMismatch("a component name without white space, control characters and symbols")
    }
    return ComponentID(type: type, name: name)
  }

  /// Any character but those of the Unicode categories Z (separators), C (control) and S (symbols).
  private static func isNameCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .spaceSeparator, .lineSeparator, .paragraphSeparator,
      .control, .format, .surrogate, .privateUse, .unassigned,
      .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
      false
    default: true
    }
  }
}

/// A reference to a component or a pipeline, with its place in the file.
package struct ComponentReference: Sendable {
  /// The id of what is meant.
  package var id: ComponentID
  /// Where the reference stands.
  package var place: ConfigPlace

  /// A reference to an id at a place.
  package init(id: ComponentID, place: ConfigPlace) {
    self.id = id
    self.place = place
  }
}

extension OptionType where Value == ComponentID {
  /// A reference to a component.
  package static var componentID: OptionType {
    OptionType(
      name: "component id", placeholder: ComponentID(type: ""),
      parse: { (text) throws(OptionMismatch) in try ComponentID.parse(text) }, show: { .text($0.description) })
  }
}
