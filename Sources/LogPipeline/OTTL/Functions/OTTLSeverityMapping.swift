import Options

/// What `ParseSeverity` is told of levels, held against what it may be told; at load only.
enum OTTLSeverityMapping {
  /// The parameter that it is.
  private static let parameter = 1

  /// Throws what is wrong with a mapping that is constant.
  static func check(_ mapping: OTTLConstant) throws(OTTLProblem) {
    guard case .map(let levels) = mapping else { return }
    for level in levels {
      let name = String(decoding: level.key, as: UTF8.self).forDisplay(maxCharacters: 64)
      guard case .list(let criteria) = level.value else {
        throw OTTLProblem("\(name) has to be a list of maps, found \(level.value.kind.shown)", of: parameter)
      }
      for criterion in criteria { try check(criterion, of: name) }
    }
  }

  private static func check(_ criterion: OTTLConstant, of level: String) throws(OTTLProblem) {
    guard case .map(let members) = criterion else {
      throw OTTLProblem(
        "\(level) has to be a list of maps such as {\"equals\": [\"err\"]}, found \(criterion.kind.shown) in it",
        of: parameter)
    }
    var isKnown = false
    for member in members {
      switch String(decoding: member.key, as: UTF8.self) {
      case "equals":
        guard case .list = member.value else {
          throw OTTLProblem("equals of \(level) has to be a list, found \(member.value.kind.shown)", of: parameter)
        }
        isKnown = true
      case "range":
        if !isRange(member.value) {
          throw OTTLProblem(
            "range of \(level) has to be a map with whole numbers min and max, or 2xx, 3xx, 4xx or 5xx", of: parameter)
        }
        isKnown = true
      default: break
      }
    }
    if !isKnown { throw OTTLProblem("a criterion of \(level) has neither equals nor range", of: parameter) }
  }

  private static func isRange(_ value: OTTLConstant) -> Bool {
    switch value {
    case .string(let text): text.count == 3 && (0x32...0x35).contains(text[0]) && text[1...].elementsEqual("xx".utf8)
    case .map(let members):
      ["min", "max"].allSatisfy { name in
        members.contains { $0.key.elementsEqual(name.utf8) && $0.value.kind == .int }
      }
    default: false
    }
  }
}
