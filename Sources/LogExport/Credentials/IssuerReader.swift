package import Access
import AsyncHTTPClient
package import NIOCore
import NIOHTTP1

/// How what an issuer publishes is read.
package struct IssuerReaderOptions: Sendable {
  /// Authorities to trust instead of the system's (`issuer_ca_path`).
  package var caFile: String?
  package var proxies = ProxySettings.none
  /// For one answer, whatever it takes. Default 5 s.
  package var timeout: Duration = .seconds(5)
  /// Default 1 MiB.
  package var maxAnswerBytes = 1 << 20

  package init() {}
}

/// Reads what an issuer of tokens publishes: its document and its keys. Each request has a connection of its own, as
/// there are few. Redirects are not followed, and errors quote nothing of an answer.
package struct IssuerReader: Sendable {
  private let options: IssuerReaderOptions
  private let group: any EventLoopGroup

  package init(_ options: IssuerReaderOptions, group: any EventLoopGroup) {
    self.options = options
    self.group = group
  }

  /// What is at an address, which may have a query.
  package func get(_ address: String) async throws(CredentialFailure) -> [UInt8] {
    // Errors name what stands before it.
    let place = String(address.prefix { $0 != "?" })
    guard !place.utf8.contains(UInt8(ascii: "@")) else { throw CredentialFailure("an address has a user or an @") }
    let query = address.dropFirst(place.count)
    do {
      let endpoint = try Endpoint(parsing: place)
      let client = try client(for: endpoint)
      let slash = place.hasSuffix("/") || endpoint.path.isEmpty ? "/" : ""
      let outcome = await answer(of: client, "\(endpoint)\(slash)\(query)")
      try? await client.shutdown()
      return try outcome.get()
    } catch {
      throw CredentialFailure("\(place): \(error)")
    }
  }

  private func client(for endpoint: Endpoint) throws -> HTTPClient {
    var sending = HTTPSenderOptions()
    sending.tls.caFile = options.caFile
    sending.proxies = options.proxies
    sending.connectTimeout = options.timeout
    sending.maxAnswerBytes = options.maxAnswerBytes
    var configuration = sending.clientConfiguration(for: endpoint)
    // The file is read here, so that the next request goes by what it holds then.
    configuration.decompression = .disabled
    configuration.tlsConfiguration = try sending.currentTLS(for: endpoint)
    return HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
  }

  private func answer(of client: HTTPClient, _ url: String) async -> Result<[UInt8], CredentialFailure> {
    let deadline = ContinuousClock.now + options.timeout
    var request = HTTPClientRequest(url: url)
    request.headers = HTTPHeaders([("accept", "application/json"), ("user-agent", "sluice")])
    do {
      let response = try await client.execute(request, timeout: .init(options.timeout))
      let status = Int(response.status.code)
      guard status == 200 else {
        let isRedirect = (300..<400).contains(status)
        return .failure(CredentialFailure("answers \(status)\(isRedirect ? ", redirects are not followed" : "")"))
      }
      if let coding = response.headers.first(name: "content-encoding"), coding.lowercased() != "identity" {
        return .failure(CredentialFailure("answers with a compressed body, which it was not asked for"))
      }
      let left = max(deadline - .now, .milliseconds(1))
      return .success(
        try await AnswerBody(maxBytes: options.maxAnswerBytes, timers: group.any()).read(response, within: left))
    } catch {
      return .failure(CredentialFailure(SendError.reason(of: error, timeout: options.timeout)))
    }
  }
}
