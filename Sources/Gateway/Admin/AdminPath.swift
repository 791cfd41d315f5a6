/// What the admin port answers, by path.
enum AdminPath: Equatable {
  case metrics, health, readiness
  /// A file of the page.
  case file
  /// What the page shows of pipelines.
  case pipelines
  /// Searches in what stores keep.
  case search
  /// Records as they pass.
  case tap
  case reload

  /// Nil for a path that there is not.
  init?(_ path: String, files: PageFiles) {
    switch path {
    case "/metrics": self = .metrics
    case "/healthz": self = .health
    case "/readyz": self = .readiness
    case "/api/pipelines": self = .pipelines
    case "/-/reload": self = .reload
    case Self.tapPath: self = .tap
    case _ where path.hasPrefix(SelectService.prefix): self = .search
    case _ where files[path] != nil: self = .file
    default: return nil
    }
  }

  /// Where records are looked at as they pass.
  static let tapPath = "/api/tap"
  /// Bytes of a form that asks for that.
  private static let maxTapBytes = 128 << 10

  /// Some of the paths that there are.
  static let known =
    "/, /metrics, /healthz, /readyz, /api/pipelines, \(tapPath), \(SelectService.prefix)query and POST /-/reload"

  /// What is asked of whoever asks for it.
  var entrance: AdminEntrance {
    switch self {
    case .metrics, .health, .readiness: AdminEntrance(.nothing)
    case .file: AdminEntrance(.page)
    case .pipelines: AdminEntrance(.anything)
    case .search: AdminEntrance(.look(.logs), ["GET", "POST"], maxBodyBytes: SelectService.maxBodyBytes)
    case .tap: AdminEntrance(.look(.tap), ["GET", "POST"], maxBodyBytes: Self.maxTapBytes)
    case .reload: AdminEntrance(.change(.reload), ["POST"])
    }
  }
}
