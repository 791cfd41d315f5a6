import Access
import Files
import LogExport
import Options

/// An item of `providers` of the extension `oidc`.
struct GivenProvider: Sendable {
  private(set) var rules = TokenRules()
  /// Nil only where it does not count, or after a problem.
  let issuer: String?
  let caFile: String?
  /// The keys of `public_keys_file`; nil if there is none, or after a problem.
  let keys: WatchedFiles<KeySet>?
  /// The option that names that file.
  let fileOption: String
  private let ignoresIssuer: Bool

  /// Its options, for what several have to be compared in.
  private typealias Placed = (provider: GivenProvider, options: ConfigReader)

  /// The most providers.
  private static let maxProviders = 100

  /// Its options as the Collector had them before there were several providers.
  private static let flatKeys = [
    "issuer_url", "audience", "ignore_audience", "issuer_ca_path", "username_claim", "groups_claim",
  ]

  /// Reads `providers`, or the one that is given by options beside it.
  static func read(_ options: ConfigReader, maxKeys: Int, maxFileBytes: Int) -> [GivenProvider] {
    let placed = options.sections("providers", "The issuers whose tokens are taken.") {
      Placed(GivenProvider($0, under: options.path, maxKeys: maxKeys, maxFileBytes: maxFileBytes), $0)
    }
    checkTogether(placed, options)
    let given = placed.map(\.provider)
    let flat = flatKeys.compactMap { key in options.has(key) ? options.entry(key) : nil }
    for key in flatKeys { _ = options.take(key) }
    guard let first = flat.first else {
      options.requireOne(of: "providers")
      return given
    }
    if !options.isEmpty("providers") {
      options.error(at: first.key, "cannot be given together with providers")
      return given
    }
    options.warning(at: first.key, "is the form for one provider: providers: [{\(first.key): …}] says the same")
    let reader = ConfigReader(ConfigNode(.map(flat), at: options.place), path: options.path, report: options.report)
    let one = GivenProvider(reader, under: options.path, maxKeys: maxKeys, maxFileBytes: maxFileBytes)
    for record in reader.records where record.isGiven { options.record(record) }
    return [one]
  }

  /// Reports what several providers cannot have together.
  private static func checkTogether(_ given: [Placed], _ options: ConfigReader) {
    if given.count > maxProviders {
      options.error(at: "providers", "found \(given.count) providers: the limit is \(maxProviders)")
    }
    var issuers: Set<String> = []
    for (provider, options) in given {
      if given.count > 1, provider.ignoresIssuer {
        options.error(at: "ignore_issuer", "is for one provider only: the issuer tells which of several it is")
      }
      if let issuer = provider.issuer, !issuers.insert(issuer).inserted {
        options.error(at: "issuer_url", "another provider has it: another audience of it takes an extension of its own")
      }
    }
  }

  private init(_ options: ConfigReader, under parent: String, maxKeys: Int, maxFileBytes: Int) {
    let issuer = options.optional("issuer_url", .nonEmptyString, "The issuer, letter by letter as tokens name it.")
    rules.audience = options.optional("audience", .nonEmptyString, "What tokens have to be for.")
    let ignoresAudience = options.read(
      "ignore_audience", .bool, default: false, "Takes tokens that are for anybody.")
    caFile = options.optional("issuer_ca_path", .nonEmptyString, "Authorities to trust instead of the system's.")
    rules.usernameClaim = options.optional(
      "username_claim", .nonEmptyString, "The claim that names the sender, instead of sub; tokens without get 401.")
    rules.groupsClaim = options.optional(
      "groups_claim", .nonEmptyString, "The claim that names groups, one or a list; tokens without get 401.")
    rules.tenantClaim = options.optional(
      "tenant_claim", .nonEmptyString,
      "The claim that names the tenant, one text; tokens without get 401; not in the Collector.")
    rules.signalsClaim = options.optional(
      "signals_claim", .nonEmptyString, "The claim that names what may be sent, such as logs; not in the Collector.")
    let file = options.optional(
      "public_keys_file", .nonEmptyString, "A file of keys (JWKS), read again when it changes; no issuer is asked.")
    ignoresIssuer = options.read(
      "ignore_issuer", .bool, default: false, "Takes tokens of any issuer that the keys fit.")
    fileOption = String(options.path(of: "public_keys_file").dropFirst(parent.isEmpty ? 0 : parent.utf8.count + 1))
    self.issuer = issuer
    if !ignoresIssuer { rules.issuer = issuer }
    if ignoresAudience { rules.audience = nil }
    keys = file.flatMap { options.keySet("public_keys_file", $0, maxKeys: maxKeys, maxBytes: maxFileBytes) }
    options.checkIssuer(issuer, isAsked: file == nil, isNeeded: file == nil || !ignoresIssuer)
    if !ignoresAudience, !options.has("audience") {
      options.report.error(at: options.place, path: options.path, "audience: required, unless ignore_audience is true")
    }
    if let caFile { options.checkAuthorities("issuer_ca_path", caFile) }
  }
}

extension ConfigReader {

  /// Reports an issuer that cannot be asked for its document.
  fileprivate func checkIssuer(_ issuer: String?, isAsked: Bool, isNeeded: Bool) {
    guard let issuer else {
      if isNeeded { requireOne(of: "issuer_url") }
      return
    }
    guard isAsked else { return }
    let url: HTTPURL
    do throws(OptionMismatch) {
      url = try HTTPURL.parse(issuer)
    } catch {
      return self.error(at: "issuer_url", "expected \(error.expected)")
    }
    if !url.isTLS, let address = try? LogExport.Endpoint(parsing: issuer), !address.isLoopback {
      warning(at: "issuer_url", "keys come in clear text, and can be forged on the way: use https://")
    }
  }

  /// Reports a file of authorities that cannot be used.
  fileprivate func checkAuthorities(_ key: String, _ path: String) {
    var tls = ClientTLSOptions()
    tls.caFile = path
    do throws(SenderConfigurationError) {
      _ = try tls.watched()
    } catch {
      self.error(at: key, "cannot be used: \(error)")
    }
  }

  /// The keys that a file holds; nil if it cannot be used, which is reported.
  fileprivate func keySet(_ key: String, _ path: String, maxKeys: Int, maxBytes: Int) -> WatchedFiles<KeySet>? {
    do throws(FileReadError) {
      return try WatchedFiles([path], maxBytes: maxBytes) { (contents) throws(FileReadError) in
        do throws(KeyProblem) {
          return try KeySet(contents.first ?? [], maxKeys: maxKeys)
        } catch {
          throw FileReadError(reason: error.reason)
        }
      }
    } catch {
      self.error(at: key, "cannot be used: \(error.reason)")
      return nil
    }
  }
}
