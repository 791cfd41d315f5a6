/// What the page asks for beside searches and pipelines, and has done.
extension Gateway {
  var pageRoutes: AdminRoutes {
    let configuration = ConfigurationRoutes(
      state: { [weak self] in
        self.map { gateway in
          (gateway.running.withLock { $0.configuration }, gateway.reloads.withLock { $0.counts })
        }
      },
      read: { [weak self] () throws(ConfigurationError) in try self?.reloads.withLock { $0.source }?.read() },
      reload: { [weak self] done in
        guard let self else { return done("the gateway ends") }
        reload(because: "the page", done)
      })
    return AdminRoutes(
      RedactionRoutes.all { [weak self] in self?.running.withLock { $0.configuration } } + configuration.all
        + DeadLetterRoutes(desk: deadLetters).all + [tap.stages])
  }
}
