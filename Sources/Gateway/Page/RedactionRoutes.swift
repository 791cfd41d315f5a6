import LogPipeline

/// What the page's view of redaction asks.
enum RedactionRoutes {
  /// `POST /api/redaction?processor=…` with a text: what the processors of the configuration take of it.
  static func all(_ configuration: @escaping @Sendable () -> Configuration?) -> [AdminRoute] {
    [
      AdminRoute(
        method: .post, path: "/api/redaction", demand: .anything, maxBodyBytes: RedactionTrial.maxInputBytes,
        maxAtOnce: 2
      ) { request throws(AdminRefusal) in
        guard let configuration = configuration() else { throw AdminRefusal("the gateway ends", status: 503) }
        return try answer(request, configuration)
      }
    ]
  }

  /// Without a processor in the configuration the default detectors are shown, and none is named.
  private static func answer(
    _ request: AdminRoute.Request, _ configuration: Configuration
  ) throws(AdminRefusal) -> AdminJSON {
    let ids = configuration.processors.filter { $0.options is RedactionOptions }.map { "\($0.id)" }
    let id = request.arguments["processor"] ?? ids.first
    do throws(RedactionPreview.Problem) {
      let processor = try RedactionPreview.processor(of: id == nil ? nil : configuration, id: id)
      return json(RedactionTrial(request.body, by: processor), of: id, among: ids)
    } catch {
      throw AdminRefusal("\(error)", status: 404)
    }
  }

  private static func json(_ trial: RedactionTrial, of id: String?, among ids: [String]) -> AdminJSON {
    let rules = trial.rules.map { rule in
      AdminJSON.object([
        ("rule", .text(rule.rule)), ("action", .text(rule.action)), ("count", .number(rule.count)),
      ])
    }
    return .object([
      ("processor", .optional(id)), ("processors", .texts(ids)), ("form", .text(trial.form.rawValue)),
      ("rules", .list(rules)), ("values", .list(trial.values.map(json))), ("after", .text(trial.after)),
    ])
  }

  private static func json(_ value: RedactedValue) -> AdminJSON {
    let pieces = value.before.map { piece in
      AdminJSON.object([("text", .text(piece.text))] + (piece.rule.map { [("rule", .text($0))] } ?? []))
    }
    return .object([
      ("owner", .text(value.owner)), ("path", .text(value.path)), ("before", .list(pieces)),
      ("after", .optional(value.after)), ("others", .texts(value.others)),
    ])
  }
}
