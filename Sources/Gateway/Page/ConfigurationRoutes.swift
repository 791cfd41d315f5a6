import Options

/// What the page's view of the configuration asks, and has done.
struct ConfigurationRoutes: Sendable {
  /// What is in force, and what has become of reloads; nil once the gateway ends.
  let state: @Sendable () -> (configuration: Configuration, reloads: ReloadCounts)?
  /// Reads the files again and puts nothing in force; nil if they cannot be.
  let read: @Sendable () throws(ConfigurationError) -> Configuration?
  let reload: AdminService.Reload

  var all: [AdminRoute] {
    [
      AdminRoute(method: .get, path: "/api/configuration", demand: .look(.reload)) { _ throws(AdminRefusal) in
        try inForce()
      },
      AdminRoute(method: .post, path: "/api/configuration/check", demand: .look(.reload), maxAtOnce: 1) {
        _ throws(AdminRefusal) in
        try await check()
      },
      AdminRoute(method: .post, path: "/api/configuration/reload", demand: .change(.reload)) { _ throws(AdminRefusal) in
        let problem = await withCheckedContinuation { done in reload { done.resume(returning: $0) } }
        return .object([("problem", .optional(problem))])
      },
    ]
  }

  private func inForce() throws(AdminRefusal) -> AdminJSON {
    guard let (configuration, reloads) = state() else { throw AdminRefusal("the gateway ends", status: 503) }
    let refused = reloads.refused.map { refused in
      AdminJSON.object([("since", .text(Readiness.time(refused.since))), ("error", .text(refused.error))])
    }
    return .object([
      ("sources", .texts(configuration.sources)), ("yaml", .text(configuration.effectiveYAML())),
      ("warnings", Self.json(configuration.warnings)), ("reloads", .number(reloads.succeeded)),
      ("failed_reloads", .number(reloads.failed)), ("refused", refused ?? .null),
    ])
  }

  /// What the files say now; without `yaml` if it cannot be put in force.
  private func check() async throws(AdminRefusal) -> AdminJSON {
    let result = await BlockingWork.run { [read] in
      Result { () throws(ConfigurationError) in try read() }
    }
    switch result {
    case .success(nil): throw AdminRefusal("the configuration cannot be read again", status: 409)
    case .success(let found?):
      return .object([("yaml", .text(found.effectiveYAML())), ("problems", Self.json(found.warnings))])
    case .failure(let error): return .object([("yaml", .null), ("problems", Self.json(error.problems))])
    }
  }

  private static func json(_ problems: [ConfigProblem]) -> AdminJSON {
    .list(
      problems.map { problem in
        .object([
          ("severity", .text(problem.severity == .error ? "error" : "warning")),
          ("source", .text(problem.place.source)), ("line", .number(problem.place.line)),
          ("column", .number(problem.place.column)), ("path", .text(problem.path)), ("message", .text(problem.message)),
        ])
      })
  }
}
