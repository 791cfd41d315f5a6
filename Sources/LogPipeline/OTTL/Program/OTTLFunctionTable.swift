/// Functions by name.
struct OTTLFunctionTable: Sendable {
  struct Entry: Sendable {
    let group: UInt8
    let id: UInt8
    let function: OTTLFunction

    /// Whether it is the editor `set`.
    var isSet: Bool { group == OTTLFunctionGroup.core.rawValue && id == OTTLCoreFunction.set.rawValue }
  }

  private let entries: [String: Entry]

  /// Every function there is.
  static let all = OTTLFunctionTable(OTTLFunctionGroup.allCases)
  /// Converters only, for conditions.
  static let converters = OTTLFunctionTable(OTTLFunctionGroup.allCases) { !$0.isEditor }

  init(_ groups: [OTTLFunctionGroup], where isWanted: (OTTLFunction) -> Bool = { _ in true }) {
    var entries: [String: Entry] = [:]
    for group in groups {
      for (id, function) in group.functions.enumerated() where isWanted(function) {
        entries[function.name] = Entry(group: group.rawValue, id: UInt8(truncatingIfNeeded: id), function: function)
      }
    }
    self.entries = entries
  }

  subscript(name: String) -> Entry? { entries[name] }

  var names: Set<String> { Set(entries.keys) }

  /// The names of editors, or those of converters.
  func names(ofEditors: Bool) -> [String] {
    entries.values.filter { $0.function.isEditor == ofEditors }.map(\.function.name).sorted()
  }
}
