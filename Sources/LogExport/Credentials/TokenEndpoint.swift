package import Access
import AsyncHTTPClient
package import NIOCore
import NIOHTTP1
package import Options
import Synchronization

/// Where and as whom tokens are asked for.
package struct TokenEndpointOptions: Sendable {
  /// The address (`token_url`), without credentials.
  package var url = ""
  /// Asked for at each request, as files may hold others by then.
  package var clientID: @Sendable () -> Secret
  package var clientSecret: @Sendable () -> Secret
  package var scopes: [String] = []
  /// Further parameters of the request (`endpoint_params`).
  package var parameters: [(name: String, value: Secret)] = []
  package var tls = ClientTLSOptions()
  package var proxies = ProxySettings.none
  /// For one token, whatever it takes. Default 10 s.
  package var timeout: Duration = .seconds(10)
  /// Default 64 KiB.
  package var maxAnswerBytes = 64 << 10

  package init(clientID: @escaping @Sendable () -> Secret, clientSecret: @escaping @Sendable () -> Secret) {
    self.clientID = clientID
    self.clientSecret = clientSecret
  }
}

/// Asks a token endpoint for tokens of the gateway's own (RFC 6749 section 4.4). Each request has a connection of its
/// own, as there are few. Errors quote nothing of what is sent and received.
package final class TokenEndpoint: Sendable {
  /// How the client says who it is (RFC 6749 section 2.3.1).
  private enum Style {
    case basic
    case parameters
  }

  private let options: TokenEndpointOptions
  private let endpoint: Endpoint
  private let group: any EventLoopGroup
  /// What the endpoint takes, once that is known.
  private let style = Mutex<Style?>(nil)

  package init(_ options: TokenEndpointOptions, group: any EventLoopGroup) throws(SenderConfigurationError) {
    endpoint = try Endpoint(parsing: options.url)
    self.options = options
    self.group = group
  }

  /// Asks once; where it is not known yet how the endpoint wants to be told who asks, in both ways.
  package func fetch() async throws(CredentialFailure) -> AccessToken {
    let client: HTTPClient
    do throws(SenderConfigurationError) {
      var sending = HTTPSenderOptions()
      sending.tls = options.tls
      sending.proxies = options.proxies
      sending.connectTimeout = options.timeout
      sending.maxAnswerBytes = options.maxAnswerBytes
      // Files of certificates are read here, so that the next request goes by what they hold then.
      var configuration = sending.clientConfiguration(for: endpoint)
      configuration.tlsConfiguration = try sending.currentTLS(for: endpoint)
      client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    } catch {
      throw CredentialFailure("\(endpoint): \(error)")
    }
    let outcome: Result<AccessToken, CredentialFailure>
    do throws(CredentialFailure) {
      outcome = .success(try await fetch(by: client))
    } catch {
      outcome = .failure(CredentialFailure("\(endpoint): \(error)"))
    }
    try? await client.shutdown()
    return try outcome.get()
  }

  private func fetch(by client: HTTPClient) async throws(CredentialFailure) -> AccessToken {
    let deadline = ContinuousClock.now + options.timeout
    let known = style.withLock { $0 }
    var (status, body) = try await post(known ?? .basic, by: client, until: deadline)
    var used = known ?? .basic
    if known == nil, status == 400 || status == 401 {
      used = .parameters
      (status, body) = try await post(used, by: client, until: deadline)
    }
    guard (200..<300).contains(status) else {
      // It may have changed its mind.
      style.withLock { $0 = nil }
      throw TokenAnswer.refusal(status, body)
    }
    let token = try TokenAnswer.token(in: body)
    style.withLock { $0 = used }
    return token
  }

  private func post(
    _ style: Style, by client: HTTPClient, until deadline: ContinuousClock.Instant
  ) async throws(CredentialFailure) -> (status: Int, body: [UInt8]) {
    let (id, secret) = (options.clientID().reveal(), options.clientSecret().reveal())
    var fields = [("grant_type", "client_credentials")]
    if !options.scopes.isEmpty { fields.append(("scope", options.scopes.joined(separator: " "))) }
    fields += options.parameters.map { ($0.name, $0.value.reveal()) }
    var request = HTTPClientRequest(url: requestURL)
    request.method = .POST
    request.headers = [
      "host": endpoint.authority, "user-agent": "sluice", "accept": "application/json",
      "content-type": "application/x-www-form-urlencoded",
    ]
    switch style {
    case .basic:
      let authorization = Authorization.basic(user: Self.encoded(id), password: Self.encoded(secret))
      request.headers.add(name: "authorization", value: authorization.headerValue ?? "")
    case .parameters: fields += [("client_id", id), ("client_secret", secret)]
    }
    let form = fields.map { "\(Self.encoded($0.0))=\(Self.encoded($0.1))" }.joined(separator: "&")
    request.body = .bytes(ByteBuffer(string: form))
    do {
      let response = try await client.execute(request, timeout: .init(Self.left(until: deadline)))
      let body = try await AnswerBody(maxBytes: options.maxAnswerBytes, timers: group.any())
        .read(response, within: Self.left(until: deadline))
      return (Int(response.status.code), body)
    } catch {
      throw CredentialFailure(SendError.reason(of: error, timeout: options.timeout))
    }
  }

  /// Differs from the endpoint if `server_name_override` is set.
  private var requestURL: String {
    guard endpoint.isTLS, let name = options.tls.serverNameOverride else {
      return "\(endpoint)" + (endpoint.path.isEmpty ? "/" : "")
    }
    return "https://\(Endpoint.bracketed(name)):\(endpoint.port)\(endpoint.path)"
  }

  private static func left(until deadline: ContinuousClock.Instant) -> Duration {
    max(deadline - .now, .milliseconds(1))
  }

  /// As in a form (RFC 6749 appendix B).
  private static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        bytes.append(byte)
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "*"): bytes.append(byte)
      case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
