import Options

extension ConfigReader {
  /// Reports addresses of `endpoint` and `endpoints` whose path ends in one that is appended to it anyway, so that
  /// every request would go to where nothing is; `known` are all that a server of the kind has. So are `others`, under
  /// which it takes no records.
  func checkPaths(
    of endpoints: [HTTPURL], known paths: [String], instead: String, takingNothing others: [String] = []
  ) {
    for (index, endpoint) in endpoints.enumerated() {
      let key = index == 0 && has("endpoint") ? "endpoint" : "endpoints"
      let given = endpoint.path.trimmingTrailingSlashes
      guard let path = (paths + others).first(where: { given.hasSuffix($0) }) else { continue }
      var base = endpoint
      base.path = String(given.dropLast(path.count))
      let problem = paths.contains(path) ? "which is appended to it: \(instead)" : "where no records are taken: give"
      error(at: key, "ends in \"\(path)\", \(problem) \(base)")
    }
  }
}

extension String {
  fileprivate var trimmingTrailingSlashes: String {
    var text = Substring(self)
    while text.hasSuffix("/") { text.removeLast() }
    return String(text)
  }
}
