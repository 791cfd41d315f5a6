import Options

/// What the ports for metrics and health answer.
extension Gateway {
  /// Answers on a port for metrics and health that is configured so.
  func adminService(at endpoint: Options.Endpoint) -> AdminService {
    AdminService(
      .init(
        metrics: { [weak self] format in self?.metrics(at: endpoint, as: format) ?? "" },
        readiness: { [weak self] in self?.readiness() ?? Readiness(state: .draining, queues: []) },
        pipelines: { [weak self] in self?.pipelines() ?? "{}\n" },
        select: SelectService(running.withLock { $0.assembly.stores }, headers: AdminAccess.headers),
        tap: { [tap] request, pass, responder in tap.respond(to: request, for: pass, through: responder) },
        routes: pageRoutes,
        reload: { [weak self] done in
          guard let self else { return done("the gateway ends") }
          reload(because: "a request", done)
        },
        policy: { [weak self] in self?.running.withLock { $0.assembly.admin } ?? .nobody },
        audit: AdminAudit(logger: logger)),
      host: endpoint.host)
  }

  /// Looks at records as they pass the pipelines in force.
  var tap: TapService {
    TapService(counting: openTaps) { [weak self] in
      self?.running.withLock { ($0.assembly.pipelines, $0.configuration.service.admin.tap) }
    }
  }

  /// The metrics as the reader of a port wants them.
  private func metrics(at endpoint: Options.Endpoint, as format: MetricsFormat) -> String {
    let telemetry = running.withLock { $0.configuration.service.telemetry }
    let reader = telemetry.readers.first { $0.endpoint == endpoint } ?? PrometheusReader(at: endpoint)
    return PrometheusPage.text(families(), of: OwnResource(telemetry.resource), for: reader, as: format)
  }

  /// The metrics as they are now.
  func families() -> MetricFamilies {
    let running = running.withLock { $0 }
    return GatewayMetrics.families(
      running.assembly, former: running.former, watchers: running.watchers,
      reloads: reloads.withLock { $0.counts }, ports: open.withLock { $0 },
      level: running.configuration.service.telemetry.metricsLevel, uptime: ContinuousClock.now - started)
  }

  private func pipelines() -> String {
    let running = running.withLock { $0 }
    let page = PipelinesPage(
      running.assembly, former: running.former, readiness: readiness(), ports: open.withLock { $0 })
    return page.json(running.configuration.service.pipelines, uptime: ContinuousClock.now - started)
  }
}
