/// Shows what each part of a statement, condition or value comes to for a record, and what a statement changes.
package struct OTTLExplainer {
  /// What is explained.
  enum Subject {
    case statement(OTTLStatement)
    case condition(OTTLCondition)
    case value(OTTLExpression)
  }

  let context: OTTLContext
  let parts: OTTLCompiledParts
  /// The most characters of a value that are shown.
  package var maxCharacters = OTTLOutcome.maxCharacters

  /// Reads a text. Without a context its paths say it, and those that do not are of records.
  package init(_ text: String, context: String?) throws(OTTLExplainerProblem) {
    do throws(OTTLLoadError) {
      let subject = try Self.read(text, bareContext: context == nil ? OTTLContext.log.rawValue : nil)
      if let given = context.flatMap({ OTTLContext(rawValue: $0) }) {
        self.context = given
      } else {
        self.context = try Self.context(of: subject)
      }
      parts = try OTTLCompiledParts(subject, in: self.context)
    } catch {
      throw OTTLExplainerProblem(message: error.described(in: text))
    }
  }

  /// Every function with its parameters, editors first; `?` marks what may be left out.
  package static var signatures: [String] {
    let table = OTTLFunctionTable.all
    return (table.names(ofEditors: true) + table.names(ofEditors: false)).compactMap { table[$0]?.function.signature }
  }

  /// The patterns that grok expressions can name, each with what it stands for.
  package static var grokPatterns: [String] {
    GrokDefinitions.all.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
  }

  /// The names of contexts.
  package static let contexts = OTTLContext.allCases.map(\.rawValue)

  private static func read(_ text: String, bareContext: String?) throws(OTTLLoadError) -> Subject {
    let tokens = try OTTLLexer.tokens(of: text)
    // A small letter begins an editor's name, or a converter's by mistake, of which a condition says so.
    if case .lower(let name) = tokens[0].kind, tokens.count > 1, tokens[1].kind == .sign(.openParenthesis),
      !isConverter(name)
    {
      return .statement(try OTTLParser.statement(text, bareContext: bareContext))
    }
    do throws(OTTLLoadError) {
      let condition = try OTTLParser.condition(text, bareContext: bareContext).condition
      // A converter alone may be either; as a value it need not be true or false.
      if case .converter = condition.kind { return .value(try OTTLParser.value(text, bareContext: bareContext)) }
      return .condition(condition)
    } catch {
      guard let value = try? OTTLParser.value(text, bareContext: bareContext) else { throw error }
      return .value(value)
    }
  }

  /// Whether it is the name of a converter but for its case.
  private static func isConverter(_ name: String) -> Bool {
    OTTLFunctionTable.all[name] == nil && OTTLFunctionTable.converters.names.contains { $0.lowercased() == name }
  }

  private static func context(of subject: Subject) throws(OTTLLoadError) -> OTTLContext {
    let uses =
      switch subject {
      case .statement(let statement): OTTLUses(of: statement)
      case .condition(let condition): OTTLUses(of: condition)
      case .value(let value): OTTLUses(of: value)
      }
    let choice = OTTLContextChoice(among: OTTLContext.allCases.map { $0.facts(OTTLFunctionTable.all.names) })
    switch choice.context(of: [uses]) {
    case .success(let name): return OTTLContext(rawValue: name) ?? .log
    case .failure(let problems): throw problems.all.first?.problem ?? OTTLLoadError("it has no context", at: 0)
    }
  }
}

/// Why a text cannot be explained.
package struct OTTLExplainerProblem: Error, Equatable, CustomStringConvertible {
  let message: String

  package var description: String { message }
}

extension OTTLFunction {
  /// Its name and its parameters, as in `Trim(target, replacement?)`.
  fileprivate var signature: String {
    "\(name)(\(parameters.map { $0.name + ($0.isOptional ? "?" : "") }.joined(separator: ", ")))"
  }
}
