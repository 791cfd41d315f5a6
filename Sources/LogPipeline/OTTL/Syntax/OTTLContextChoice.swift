import Options

/// What statements can be run for: what there is of it, so that one can be chosen for statements that name none.
struct OTTLContextFacts: Sendable {
  /// The word that paths begin with, as in `log`.
  var name: String
  /// The contexts that its statements may name too, the nearest first.
  var reaches: [String]
  /// The symbols of its enums.
  var symbols: Set<String>
  /// Its editors and converters.
  var functions: Set<String>
}

/// Which context statements that are run together have, if they do not say it: the innermost that their paths name.
struct OTTLContextChoice: Sendable {
  /// The innermost first.
  private let contexts: [OTTLContextFacts]

  init(among contexts: [OTTLContextFacts]) { self.contexts = contexts }

  /// The context of these, all together, or what keeps them from having one: problems by the index of the text.
  func context(of all: [OTTLUses]) -> Result<String, OTTLContextProblems> {
    var problems: [(index: Int, problem: OTTLLoadError)] = []
    var named: Set<String> = []
    for (index, uses) in all.enumerated() {
      for path in uses.paths {
        switch context(of: path) {
        case .success(let name): if let name { named.insert(name) }
        case .failure(let problem): problems.append((index, problem))
        }
      }
    }
    if !problems.isEmpty { return .failure(OTTLContextProblems(problems)) }
    let first = contexts.first { named.isEmpty || named.contains($0.name) }
    guard let first else { return .failure(OTTLContextProblems([])) }
    return fitting(first, all, named)
  }

  /// The context that a path names; nil for `otelcol`, which every context reaches.
  private func context(of path: OTTLPath) -> Result<String?, OTTLLoadError> {
    // The same under its older name.
    let named = path.context == "instrumentation_scope" ? "scope" : path.context
    guard let name = named else {
      if let hint = path.fields.count == 1 ? OTTLAbsentFunctions.word(for: path.fields[0].name) : nil {
        return .failure(OTTLLoadError("there is no \(path.fields[0].name)\(hint)", at: path.span))
      }
      let known = contexts.map { "\($0.name)." }.joined(separator: ", ")
      return .failure(
        OTTLLoadError(
          "\(path.fields[0].name.forDisplay(maxCharacters: 64)) does not say whose it is: expected one of \(known) "
            + "before it, or the option context", at: path.span))
    }
    if contexts.contains(where: { $0.name == name }) { return .success(name) }
    if contexts.contains(where: { $0.reaches.contains(name) }) { return .success(nil) }
    return .failure(OTTLLoadError("\(path): this gateway handles logs only", at: path.span))
  }

  /// The first of a context and those it reaches that has all that is used.
  private func fitting(
    _ first: OTTLContextFacts, _ all: [OTTLUses], _ named: Set<String>
  ) -> Result<String, OTTLContextProblems> {
    var problems: [(index: Int, problem: OTTLLoadError)] = []
    let others = first.reaches.compactMap { name in contexts.first { $0.name == name } }
    for context in [first] + others {
      guard named.allSatisfy({ $0 == context.name || context.reaches.contains($0) }) else { continue }
      let lacking = all.enumerated().flatMap { index, uses in uses.lacking(in: context).map { (index, $0) } }
      if lacking.isEmpty { return .success(context.name) }
      if problems.isEmpty { problems = lacking.map { (index: $0.0, problem: $0.1) } }
    }
    return .failure(OTTLContextProblems(problems))
  }
}

/// Why statements that are run together have no context, by the index of each text.
struct OTTLContextProblems: Error, Sendable {
  var all: [(index: Int, problem: OTTLLoadError)]

  init(_ all: [(index: Int, problem: OTTLLoadError)]) { self.all = all }
}

extension OTTLUses {
  /// What a context has not of what is used.
  fileprivate func lacking(in context: OTTLContextFacts) -> [OTTLLoadError] {
    let functions = functions.filter { !context.functions.contains($0.name) }
    let symbols = symbols.filter { !context.symbols.contains($0.name) && !context.functions.contains($0.name) }
    return functions.map { $0.problem("function", context, context.functions) }
      + symbols.map { $0.problem("symbol", context, context.symbols) }
  }
}

extension OTTLUses.Name {
  /// The problem that a context has no such thing, only these.
  fileprivate func problem(_ kind: String, _ context: OTTLContextFacts, _ known: Set<String>) -> OTTLLoadError {
    let near = OTTLAbsentFunctions.hint(for: name, among: known.sorted())
    return OTTLLoadError(
      "no \(kind) \(name.forDisplay(maxCharacters: 64)) in the context \(context.name)\(near)", at: span)
  }
}
