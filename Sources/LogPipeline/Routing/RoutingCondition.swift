import Options

/// What a row of a routing table asks in OTTL: of the request, or of records, scopes and resources.
enum RoutingCondition {
  case request(RequestMatcher)
  case records(CompiledConditions)
  /// `route()` without a condition.
  case everything

  /// What the paths of a condition begin at.
  enum Context: String, Sendable, CaseIterable {
    case resource, log, request
  }
}

/// How a row reads its condition. Without a context paths may name theirs, and those that do not are the resource's.
struct RoutingConditionReader {
  let options: ConfigReader
  let context: RoutingCondition.Context?
  let errorMode: OTTLErrorMode

  /// A condition; nil after errors, which are reported.
  func condition(_ text: ConfigText) -> RoutingCondition? {
    read(text) { (bareContext) throws(OTTLLoadError) in
      if text.text.drop(while: \.isWhitespace).hasPrefix("route(") {
        throw OTTLLoadError("expected a condition, found route(): that stands in the option statement", at: 0)
      }
      let tree = try OTTLParser.condition(text.text, bareContext: bareContext)
      return context == .request ? .request(try tree.requestMatcher()) : compiled(tree, text)
    }
  }

  /// `route()`, or `route() where` and a condition; nil after errors, which are reported.
  func statement(_ text: ConfigText) -> RoutingCondition? {
    read(text) { (bareContext) throws(OTTLLoadError) in
      let statement = try OTTLParser.statement(text.text, bareContext: bareContext)
      guard statement.editor.name == "route", statement.editor.arguments.isEmpty else {
        let name = statement.editor.name.forDisplay(maxCharacters: 64)
        throw OTTLLoadError(
          "expected route(): a row changes nothing of records, \(name) stands in a transform of the pipeline that they "
            + "go to", at: statement.editor.span)
      }
      if context == .request {
        throw OTTLLoadError("the context request takes a condition, not a statement", at: statement.editor.span)
      }
      guard let condition = statement.condition else { return .everything }
      return compiled(OTTLConditionText(text: text.text, condition: condition), text)
    }
  }

  private func read(
    _ text: ConfigText, _ read: (_ bareContext: String?) throws(OTTLLoadError) -> RoutingCondition?
  ) -> RoutingCondition? {
    do throws(OTTLLoadError) {
      return try read(context == nil ? "resource" : nil)
    } catch {
      text.say(error, to: options.report)
      return nil
    }
  }

  private func compiled(_ tree: OTTLConditionText, _ text: ConfigText) -> RoutingCondition? {
    var tree = tree
    tree.place = text.path
    let context = context.map { $0 == .log ? OTTLContext.log : .resource }
    return options.compiled([ReadCondition(text: text, tree: tree)], in: context, errorMode: errorMode)
      .map { .records($0) }
  }
}

extension OTTLConditionText {
  /// `request["name"]` and `==` or `!=` and a text, as in the Collector; `!=` needs the field to be there.
  fileprivate func requestMatcher() throws(OTTLLoadError) -> RequestMatcher {
    guard case .comparison(let left, let sign, let right) = condition.kind, sign == .equal || sign == .notEqual,
      case .path(let path) = left.kind, path.context == nil, path.fields.count == 1, path.fields[0].name == "request",
      path.fields[0].keys.count == 1, case .string(let name) = path.fields[0].keys[0].kind,
      case .string(let value) = right.kind
    else {
      throw OTTLLoadError("expected a condition such as request[\"x-tenant\"] == \"a\"", at: condition.span)
    }
    return RequestMatcher(
      field: String(decoding: name, as: UTF8.self), .strict([value]), isNegated: sign == .notEqual)
  }
}
