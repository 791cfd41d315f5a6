import Access
import LogPipeline
import NIOCore
import Options

/// What exporters present to their destinations, one for each extension that is named in an `auth`, shared by those
/// that name it. What says the same as before a reload is kept, with the tokens that it has.
struct ClientCredentials: Sendable {
  private struct Made: Sendable {
    let contents: [ComponentContent]
    let credentials: any RequestCredentials
  }

  private let made: [ComponentID: Made]
  private let group: any EventLoopGroup

  init(
    _ configuration: Configuration, keeping old: ClientCredentials? = nil, group: any EventLoopGroup
  ) throws(GatewayError) {
    self.group = group
    var made: [ComponentID: Made] = [:]
    let named = configuration.exporters.compactMap(\.options.auth?.authenticator)
    for reference in named {
      // The end of a chain comes first.
      for component in configuration.authenticators(from: reference).reversed() where made[component.id] == nil {
        let contents = configuration.authenticators(from: reference).drop { $0.id != component.id }.map(\.content)
        if let same = old?.made[component.id], same.contents.say(sameAs: contents) {
          made[component.id] = same
          continue
        }
        guard let options = component.options.credentials else { continue }
        let additional = options.additional.flatMap { made[$0.id]?.credentials }
        do {
          let credentials = try options.makeCredentials(after: additional, group: group)
          made[component.id] = Made(contents: contents, credentials: credentials)
        } catch {
          throw .cannotMake(component: "extension \(component.id)", cause: "\(error)")
        }
      }
    }
    self.made = made
  }

  /// What a sender of an exporter with such options is made with.
  func parts(for options: any ExporterOptions) -> SenderParts {
    SenderParts(group: group, credentials: options.auth.flatMap { made[$0.authenticator.id]?.credentials })
  }

  /// Those that there are, in the order of their ids.
  var all: [(id: String, credentials: any RequestCredentials)] {
    made.map { ("\($0.key)", $0.value.credentials) }.sorted { $0.0 < $1.0 }
  }
}

extension Configuration {
  /// The extension that is named, and those that it leads to, each once.
  func authenticators(from reference: ComponentReference?) -> [Component<any ExtensionOptions>] {
    var found: [Component<any ExtensionOptions>] = []
    var next = reference
    while let id = next?.id, !found.contains(where: { $0.id == id }) {
      guard let component = extensions.first(where: { $0.id == id }) else { break }
      found.append(component)
      next = component.options.credentials?.additional
    }
    return found
  }

  /// What the extensions whose credentials an exporter presents take of requests' metadata.
  func metadataUses(of exporter: any ExporterOptions) -> [MetadataUse] {
    authenticators(from: exporter.auth?.authenticator).flatMap { $0.options.credentials?.metadataUses ?? [] }
  }

  /// By what an exporter keeps records apart, and which header fields it makes of that; nil if by nothing.
  func metadataKeys(of exporter: any ExporterOptions, _ delivery: DeliveryOptions) -> MetadataKeys? {
    guard exporter.sendsRequests, var keys = delivery.metadata else { return nil }
    keys.headers = metadataUses(of: exporter).map { MetadataHeader($0.header, key: $0.key, otherwise: $0.otherwise) }
    return keys
  }
}
