import Glibc
import Options

/// What extensions answer on ports of their own.
extension Gateway {
  /// The ports of the extensions that are started.
  func extensionPorts(_ configuration: Configuration) -> [(id: ComponentID, port: ExtensionPort)] {
    let started = configuration.service.startedExtensions
    return configuration.extensions.filter { started.contains($0.id) }
      .compactMap { component in component.options.port.map { (component.id, $0) } }
  }

  /// Answers as the configuration in force says.
  func pageService(of id: ComponentID) -> PageService {
    PageService { [weak self] path in self?.page(of: id, at: path) ?? .init(status: 503, text: "the gateway ends\n") }
  }

  private func page(of id: ComponentID, at path: String) -> PageService.Page {
    let port = running.withLock { $0.configuration.extensions.first { $0.id == id }?.options.port }
    switch port?.answers {
    case .page(let text): return .init(status: 200, text: text)
    case .health(let answers):
      let since = readySince.withLock { $0 }
      return HealthPage(answers, readiness: readiness(), readySince: since, now: time(nil)).page(at: path)
    case nil: return .init(status: 404, text: "not found\n")
    }
  }
}
