import Access
import Files
import Logging

/// The files that components use, such as certificates: read again once they hold something else.
extension Gateway {
  private static let lookInterval = Duration.seconds(1)

  /// Looks at the files again and again, on a thread of its own, until `endWatchingFiles`.
  func startWatchingFiles() {
    let isStarted = SystemThread.start { [weak self, watchIsOver] in
      self?.tendIssuers()
      while watchIsOver.wait(for: Self.lookInterval, { $0 ? true : nil }) == nil {
        guard let self else { return }
        lookAtFiles()
        tendIssuers()
      }
    }
    if !isStarted { logger.error("files that change are not read again: the system gives no thread") }
  }

  /// Has no file looked at any more. A look that is under way is not waited for: a disk may hold it up for ever.
  func endWatchingFiles() { watchIsOver.change { $0 = true } }

  /// Looks at the files of the components that run now.
  private func lookAtFiles() {
    for files in running.withLock({ $0.watchedFiles }) {
      guard let change = files.used.files.look() else { continue }
      var fields: Logger.Metadata = ["component": "\(files.component)", "option": "\(files.used.option)"]
      switch change {
      case .used:
        fields["files"] = "\(files.used.files.paths.joined(separator: ", "))"
        logger.info("files have changed and are in use", metadata: fields)
      case .kept(let reason):
        fields["reason"] = "\(reason)"
        logger.error("files have changed and cannot be used, what they held before still is", metadata: fields)
      }
    }
  }

  /// Has keys of issuers asked for where that is due, and says what has become of them since the last look.
  private func tendIssuers() {
    for (id, authenticator) in running.withLock({ $0.assembly.openIDAuthenticators }) {
      authenticator.tend()
      for (issuer, news) in authenticator.takeNews() {
        var fields: Logger.Metadata = ["component": "extension \(id)", "issuer": "\(issuer)"]
        switch news {
        case .used(let keys):
          fields["keys"] = "\(keys)"
          logger.info("keys of an issuer are in use", metadata: fields)
        case .failed(let reason, let keepsKeys):
          fields["reason"] = "\(reason)"
          let rest = keepsKeys ? "those from before still are used" : "its tokens cannot be checked"
          logger.error("keys of an issuer cannot be had, \(rest)", metadata: fields)
        }
      }
    }
  }
}

extension Gateway.Running {
  /// The files that components use, those of exporters that leave included.
  var watchedFiles: [ComponentFiles] { assembly.files + former.leaving.flatMap(\.files) }
}

extension Readiness.FailingIssuer {
  /// Nil if all is well.
  init?(of component: String, _ fetches: KeyFetches) {
    guard let failing = fetches.failing else { return nil }
    self.init(
      component: component, issuer: fetches.issuer, since: failing.since, error: failing.reason, keys: fetches.keys)
  }
}

extension ComponentFiles {
  /// What `/readyz` says of them; nil if what they hold is used.
  var failing: Readiness.FailingFiles? {
    let counts = used.files.counts
    return counts.problem.map { problem in
      Readiness.FailingFiles(component: component, option: used.option, since: problem.since, failures: counts.failures)
    }
  }
}
