package import Options

/// `extensions.zpages`: a port whose page says where to look instead.
package struct ZPagesOptions: ExtensionOptions {
  package static let doc = "A page that says where to look: there are no zPages."

  package let port: ExtensionPort?

  package init(_ options: ConfigReader) {
    port = ExtensionPort(options, port: 55679, answers: .page(noticePage("zPages")))
    options.section("expvar", "Variables of the Go runtime.") { expvar in
      _ = expvar.read("enabled", .bool, default: false, "Of no effect: there is no Go runtime.")
    }
    options.warnOfNotice("zPages")
  }
}

/// `extensions.pprof`: a port whose page says where to look instead.
package struct PprofOptions: ExtensionOptions {
  package static let doc = "A page that says where to look: there are no profiles of Go."

  package let port: ExtensionPort?

  package init(_ options: ConfigReader) {
    port = ExtensionPort(options, port: 1777, answers: .page(noticePage("profiles of Go")))
    for key in ["block_profile_fraction", "mutex_profile_fraction"] {
      _ = options.optional(key, .int(in: .min ... .max), "Of no effect: there is no Go runtime.")
    }
    options.unsupported("save_to_file", because: "there are no profiles of Go")
    options.warnOfNotice("profiles of Go")
  }
}

/// What a port answers that has none of what it is asked for.
private func noticePage(_ missing: String) -> String {
  """
  This is sluice, not the Collector: it has no \(missing).
  What it does: /metrics on the port of service.telemetry.metrics (8888). Whether it is ready, how full queues are and
  what fails: /readyz there. What it was configured with: sluice print-config.

  """
}

extension ConfigReader {
  fileprivate func warnOfNotice(_ missing: String) {
    report.warning(
      at: place, path: path, "there are no \(missing) here: the port answers with a page that says where to look")
  }
}
