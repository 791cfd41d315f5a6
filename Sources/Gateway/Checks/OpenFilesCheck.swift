import Options

/// Warns of connections that are allowed but cannot be had, because the process may not have so many files open.
struct OpenFilesCheck {
  private let configuration: Configuration
  private let limit: Int
  private let report: ConfigReport

  init(_ configuration: Configuration, limit: Int, report: ConfigReport) {
    self.configuration = configuration
    self.limit = limit
    self.report = report
  }

  func run() {
    let used = Set(configuration.service.pipelines.flatMap { $0.receivers.map(\.id) })
    let most = OpenFiles(limit: limit, open: 0, wanted: OpenFiles.wanted(by: configuration)).endForSenders
    for receiver in configuration.receivers where used.contains(receiver.id) {
      let limits = receiver.options.limits.connections
      guard limits.listener.maxConnections > most else { continue }
      report.warning(
        at: limits.maxConnectionsPlace, path: limits.maxConnectionsPath,
        "\(limits.listener.maxConnections) connections cannot be had: the process may have \(limit) files open "
          + "(ulimit -Hn), which leaves \(most) for connections")
    }
  }
}
