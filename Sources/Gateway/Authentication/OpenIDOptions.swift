package import Access
import Files
import LogExport
package import NIOCore
package import Options

/// `extensions.oidc`: tokens that an issuer has signed, by which the gateway knows senders.
package struct OpenIDOptions: ExtensionOptions {
  package static let doc = "Knows senders by tokens that an issuer has signed (OpenID Connect, JWT)."

  private let attribute: String
  private let providers: [GivenProvider]
  private let limits: OpenIDLimits
  private let pace: KeyPace
  private let reading: IssuerReaderOptions

  package var credentialHeader: String? { attribute }

  package init(_ options: ConfigReader) {
    attribute = options.read(
      "attribute", .headerName, default: "authorization", "The header field that holds the token, after Bearer.")
    if let problem = HeaderField.problem(ofName: attribute) { options.error(at: "attribute", problem) }
    let limits = options.section("limits", "What is read, kept and checked at most; not in the Collector.") {
      OpenIDLimits($0)
    }
    var reading = IssuerReaderOptions()
    reading.timeout = options.read(
      "timeout", .duration(in: .milliseconds(1) ... .seconds(300)), default: reading.timeout,
      "Time for one answer of an issuer; not in the Collector.")
    reading.maxAnswerBytes = options.read(
      "max_answer_size", .byteSize(in: 1024...(16 << 20)), default: reading.maxAnswerBytes,
      "The largest answer of an issuer, or file of keys; not in the Collector.")
    var pace = KeyPace()
    pace.refreshInterval = options.read(
      "refresh_interval", .duration(in: .seconds(1) ... .maxConfigured), default: pace.refreshInterval,
      "Keys that are so old are asked for again; not in the Collector.")
    pace.unknownKeyInterval = options.read(
      "unknown_key_interval", .duration(in: .milliseconds(100) ... .seconds(3600)), default: pace.unknownKeyInterval,
      "A key that is not known has them asked for again, at most so often; not in the Collector.")
    reading.proxies = options.proxies(given: nil)
    providers = GivenProvider.read(options, maxKeys: limits.maxKeys, maxFileBytes: reading.maxAnswerBytes)
    (self.limits, self.pace, self.reading) = (limits, pace, reading)
  }

  package var isAuthenticator: Bool { true }
  package var claims: [String]? { nil }

  package func makeAuthenticator(id: String, group: any EventLoopGroup) -> (any Authenticator)? {
    OpenIDAuthenticator(id: id, attribute: attribute, providers.compactMap { provider($0, group) }, limits)
  }

  private func provider(_ given: GivenProvider, _ group: any EventLoopGroup) -> OpenIDProvider? {
    if let file = given.keys { return OpenIDProvider(given.rules, .file(file, option: given.fileOption)) }
    guard let issuer = given.issuer else { return nil }
    var asking = IssuerOptions(issuer: issuer)
    asking.checksIssuer = given.rules.issuer != nil
    asking.maxKeys = limits.maxKeys
    asking.pace = pace
    var reading = reading
    reading.caFile = given.caFile
    let reader = IssuerReader(reading, group: group)
    let keys = IssuerKeys(asking) { (address) async throws(CredentialFailure) in try await reader.get(address) }
    return OpenIDProvider(given.rules, .issuer(keys))
  }
}

extension OpenIDLimits {
  /// Reads the section `limits`.
  fileprivate init(_ options: ConfigReader) {
    self.init()
    maxTokenBytes = options.read(
      "max_token", .byteSize(in: 1024...(1 << 20)), default: maxTokenBytes, "The length of a token.")
    maxDepth = options.read(
      "max_depth", .int(in: 1...64), default: maxDepth, "Levels of claims in one another.")
    maxKeys = options.read("max_keys", .int(in: 1...1000), default: maxKeys, "Keys of one issuer.")
    maxRight = options.read(
      "max_remembered", .int(in: 2...10_000_000), default: maxRight,
      "Tokens found right that are remembered, so that their signature is not checked again.")
    maxWrong = options.read(
      "max_remembered_wrong", .int(in: 2...10_000_000), default: maxWrong, "Tokens found wrong likewise.")
    maxWaiting = options.read(
      "max_waiting", .int(in: 1...100_000), default: maxWaiting,
      "Tokens that wait to be checked or for keys; senders of more are asked to retry.")
    maxWaitingOfAddress = options.read(
      "max_waiting_per_address", .int(in: 1...100_000), default: maxWaitingOfAddress,
      "Those of them that one address has sent.")
    threads = options.read("threads", .int(in: 1...64), default: threads, "Threads that check signatures.")
  }
}
