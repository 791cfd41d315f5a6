package import Access
import Files
package import NIOCore
package import Options

/// `extensions.bearertokenauth`: tokens by which the gateway knows senders, and of which it presents the first to
/// destinations.
package struct BearerTokenAuthOptions: ExtensionOptions {
  package static let doc = "Knows senders by a token in a header field, and presents one to destinations."

  private let form: BearerForm
  /// Nil after a problem, which is reported.
  private let tokens: BearerTokenTable?
  package let credentials: (any CredentialOptions)?
  package let credentialHeader: String?

  package init(_ options: ConfigReader) {
    let scheme = options.read(
      "scheme", .string, default: "Bearer", "What stands before the token; empty if it stands alone.")
    let header = options.read("header", .headerName, default: "Authorization", "The field that holds it.")
    form = BearerForm(scheme: scheme, header: header)
    credentialHeader = header
    if !HeaderField.isValue(scheme) { options.error(at: "scheme", "expected text without control characters") }
    if let problem = HeaderField.problem(ofName: header) { options.error(at: "header", problem) }
    let one = options.optional("token", .secret, "The token.")
    var given = options.sections(
      "tokens", "Several; maps, and files of them, are not in the Collector.", ofScalars: "token"
    ) { GivenToken($0) }
    let filename = options.optional(
      "filename", .nonEmptyString, "A file with a token on each line, which is read again when it changes; it wins.")
    let maxTokens = options.read(
      "max_tokens", .int(in: 1...1_000_000), default: 10_000, "Tokens at most, in all; not in the Collector.")
    let maxFileBytes = options.read(
      "max_file", .byteSize(in: 1...(64 << 20)), default: 1 << 20, "The size of each file; not in the Collector.")
    let areGiven = [
      ("filename", filename != nil), ("token", one != nil), ("tokens", given.contains(where: \.isUsable)),
    ]
    let keys = areGiven.filter(\.1).map(\.0)
    if one != nil, given.contains(where: \.isUsable) {
      options.error(at: "tokens", "cannot be given together with token")
    }
    options.requireOne(of: "token", "tokens", "filename")
    // A file wins, as in the Collector.
    if let filename { given = [GivenToken(filesOfSeveral: filename)] } else if let one { given = [GivenToken(one)] }
    let tokens = Self.open(given, maxTokens: maxTokens, maxFileBytes: maxFileBytes, options, at: keys.first)
    credentials = tokens.map { BearerTokenClientOptions(scheme: scheme, header: header, firstOf: $0) }
    self.tokens = tokens
  }

  package var isAuthenticator: Bool { true }
  package var claims: [String]? { ["name", "tenant"] }

  package func makeAuthenticator(id: String, group: any EventLoopGroup) -> (any Authenticator)? {
    tokens.map { BearerAuthenticator(id: id, form, $0) }
  }

  /// Reads what is named; nil after a problem.
  private static func open(
    _ given: [GivenToken], maxTokens: Int, maxFileBytes: Int, _ options: ConfigReader, at key: String?
  ) -> BearerTokenTable? {
    guard let key, given.allSatisfy(\.isUsable), !given.isEmpty else { return nil }
    let sources = given.enumerated().map { position, given in
      BearerTokenTable.Source(
        file: given.file, option: key == "tokens" ? "tokens[\(position)].token_file" : key,
        read: { (content) throws(FileReadError) in try given.entries(of: content) })
    }
    do throws(FileReadError) {
      return try BearerTokenTable(sources, maxCount: maxTokens, maxFileBytes: maxFileBytes)
    } catch {
      options.error(at: key, "cannot be used: \(error.reason)")
      return nil
    }
  }
}

/// One token that is given, or a file of them.
private struct GivenToken: Sendable {
  private let token: Secret?
  /// The file that holds it.
  let file: String?
  /// Whether the file may hold several.
  private var holdsSeveral = false
  /// Who is known by it.
  private var identity = Identity(authenticator: "")

  /// The option `token`.
  init(_ token: Secret) {
    self.token = token
    file = nil
  }

  /// The option `filename`.
  init(filesOfSeveral path: String) {
    token = nil
    file = path
    holdsSeveral = true
  }

  /// An item of `tokens`.
  init(_ options: ConfigReader) {
    token = options.optional("token", .secret, "The token.")
    file = options.optional("token_file", .nonEmptyString, "A file that holds it; read again when it changes.")
    identity.tenant = options.optional("tenant", .senderTenant, "The tenant whose it is: auth.tenant.")
    let name = options.optional("name", .nonEmptyString, "What the sender is called: auth.name.")
    if let name { identity.attributes = [("name", name)] }
    let signals = options.list(
      "signals", of: .choice(Signal.logs), "What may be sent with it; everything if nothing is named.")
    if !signals.isEmpty { identity.signals = Set(signals) }
    options.requireOne(of: "token", "token_file")
    if token != nil, file != nil { options.error(at: "token_file", "only one of token and token_file may be given") }
    if let reason = token.flatMap({ BearerTokens.problem(of: $0.reveal()) }) { options.error(at: "token", reason) }
  }

  var isUsable: Bool { (token == nil) != (file == nil) }

  /// The token that is given, or those that the file holds.
  func entries(of content: [UInt8]) throws(FileReadError) -> [BearerTokens.Entry] {
    if let token { return [BearerTokens.Entry(token: token, identity: identity)] }
    let tokens = BearerTokens.tokens(in: content)
    if let file, !holdsSeveral, tokens.count != 1 {
      throw FileReadError(reason: "\(file): holds \(tokens.count) tokens instead of one")
    }
    return tokens.map { BearerTokens.Entry(token: $0, identity: identity) }
  }
}
