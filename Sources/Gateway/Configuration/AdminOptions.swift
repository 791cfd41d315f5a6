import Access
import LogPipeline
package import Options

/// The `service.admin` section: who may look at the page and at what it reads, and by which names.
package struct AdminOptions: Sendable {
  static let doc =
    "Who may look at the page, search, and ask for a reload, at the port of telemetry.metrics; not in the Collector."

  /// Who is known; nil if nobody is asked, so that only this machine is answered.
  package var auth: ReceiverAuthOptions?
  /// The TLS of the port; nil for clear text.
  package var tls: TLSServerOptions?
  /// Names, in lower case, by which the port may be asked besides those of this machine.
  package var hosts: Set<String>
  /// What those who are known may do; nil for everything.
  package var rules: [AdminRule]?
  /// Where it stands.
  let place: ConfigPlace
  /// What looks at records that pass may take, and see.
  package var tap: TapOptions

  /// The most items of `access`, of `who` of one of them, and of `hosts`.
  static let (maxRules, maxMatchers, maxHosts) = (256, 64, 64)

  /// The extensions that say who somebody is.
  var authenticators: [ExtensionReference] { auth?.authenticators ?? [] }

  /// Reads the section.
  package init(_ options: ConfigReader) {
    place = options.place
    auth = options.optionalSection(
      "auth", "Who is known, also on this machine; without it this machine alone is answered."
    ) { ReceiverAuthOptions($0) }
    tls = options.optionalSection("tls", "TLS of the port, with all that it answers.") { TLSServerOptions($0) }
    let given = options.placedList(
      "hosts", of: .host, "Names by which the port may be asked besides localhost and the one it listens on.")
    hosts = Set(given.map { $0.value.lowercased() })
    if given.count > Self.maxHosts {
      options.error(at: "hosts", "found \(given.count) names: the limit is \(Self.maxHosts)")
    }
    rules = options.sectionsIfGiven("access", "What those who are known may do; without it all of it.") {
      AdminRule($0)
    }
    tap = options.section("tap", "Looks at records as they pass (sluice tap, and the view Tap of the page).") {
      TapOptions($0)
    }
    check(rules ?? [], options)
  }

  private func check(_ rules: [AdminRule], _ options: ConfigReader) {
    if rules.count > Self.maxRules {
      options.error(at: "access", "found \(rules.count) items: the limit is \(Self.maxRules)")
    }
    if auth == nil, options.has("access") {
      options.error(at: "access", "without auth nobody is known whom it could be for")
    }
    if options.has("access"), options.isEmpty("access") {
      options.warning(at: "access", "has no items: those who are known may do nothing")
    }
  }
}

extension ConfigReader {
  /// A list of sections that stands for something else if it is not given than if it is empty; nil then.
  fileprivate func sectionsIfGiven<T>(_ key: String, _ doc: String, _ read: (ConfigReader) -> T) -> [T]? {
    if has(key) { return sections(key, doc, read) }
    _ = take(key)
    let sample = ConfigReader(ConfigNode(.null, at: place), path: path(of: key), report: ConfigReport())
    _ = read(sample)
    record(
      OptionRecord(
        key: key, type: "list of sections", doc: doc, isGiven: false, value: .absent, template: sample.records))
    return nil
  }
}

extension AdminRule {
  /// Reads an item of `access`.
  fileprivate init(_ options: ConfigReader) {
    let who =
      options.sectionsIfGiven("who", "Whom it is for, any of these; without it everybody who is known.") {
        IdentityMatcher($0)
      } ?? []
    if who.count > AdminOptions.maxMatchers {
      options.error(at: "who", "found \(who.count) items: the limit is \(AdminOptions.maxMatchers)")
    }
    if options.has("who"), options.isEmpty("who") { options.error(at: "who", "at least one item is required") }
    let may = options.list(
      "may", of: .choice(AdminCapability.logs),
      "What they may: search logs, tap, look after dead_letters, see the configuration and ask for its reload.")
    if options.isEmpty("may") {
      let known = AdminCapability.allCases.map(\.rawValue).joined(separator: ", ")
      options.error(at: "may", "at least one is required of \(known)")
    }
    let condition = options.recordCondition(
      "where", "The records that they see: a condition, as in resource.attributes[\"team\"] == \"shop\"; all without.")
    if condition == nil, options.has("where"), options.isEmpty("where") {
      options.error(at: "where", "expected a condition, found nothing: left out it stands for all records")
    }
    if options.has("where"), may.contains(.deadLetters) {
      options.error(at: "where", "dead letters are shown whole, whoever's: give dead_letters in an item without where")
    }
    self.init(who: who, may: Set(may), condition: condition)
  }
}

extension IdentityMatcher {
  /// Reads an item of `who`.
  fileprivate init(_ options: ConfigReader) {
    let key = options.optional(
      "key", .claim, "What is known of them, as in auth.username, auth.tenant or auth.claims.groups.")
    let value = options.optional("value", .string, "The value that it has; without it any.")
    let authenticator = options.optional("authenticator", .componentID, "The extension that knows them; any without.")
    options.requireOne(of: "key", "authenticator")
    if key == nil, value != nil { options.error(at: "value", "is of no use without key") }
    for option in ["key", "value", "authenticator"] where options.has(option) && options.isEmpty(option) {
      options.error(at: option, "expected a text, found nothing: left out it stands for any")
    }
    self.init(authenticator: authenticator.map { "\($0)" }, name: key.map(Self.name), value: value)
  }

  /// The name of what is known that a key means.
  private static func name(_ key: String) -> String {
    let prefix = ["auth.claims.", "auth."].first { key.hasPrefix($0) } ?? ""
    return String(key.dropFirst(prefix.count))
  }
}

extension OptionType where Value == String {
  /// What authentication knows of somebody.
  fileprivate static var claim: OptionType {
    var type = OptionType.nonEmptyString
    type.parse = { (text) throws(OptionMismatch) in
      guard text.hasPrefix("auth."), text.count > 5, text != "auth.claims." else {
        throw OptionMismatch("auth. and a name, as in auth.username", suggestion: text.isEmpty ? nil : "auth.\(text)")
      }
      return text
    }
    return type
  }
}
