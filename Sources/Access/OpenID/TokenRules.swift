import Options

/// What tokens of a provider have to say, and what is made of it: options of an item of `providers`.
package struct TokenRules: Sendable {
  /// What `iss` has to be, letter by letter (`issuer_url`); nil if that does not count (`ignore_issuer`).
  package var issuer: String?
  /// What `aud` has to be, or to have among others; nil if that does not count (`ignore_audience`).
  package var audience: String?
  /// The claim that names the sender, instead of `sub`.
  package var usernameClaim: String?
  /// The claim that names the groups that the sender belongs to.
  package var groupsClaim: String?
  /// The claim that names the tenant whose the sender is.
  package var tenantClaim: String?
  /// The claim that names the signals that may be sent.
  package var signalsClaim: String?

  package init() {}

  /// How far ahead `nbf` may be, for clocks that differ. `exp` has no such leeway, as in the Collector.
  static let leewaySeconds = 300.0

  /// When a token ends whose claims are in order, in seconds since 1970; everything but the signature is looked at.
  func expiry(of claims: [String: JSONValue], at now: Int) throws(TokenFault) -> Int {
    if let issuer, claims["iss"]?.text != issuer { throw .issuer }
    if let audience, !Self.names(claims["aud"], audience) { throw .audience }
    guard let end = Self.seconds(claims["exp"]), end > Double(now) else { throw .expired }
    if let begin = claims["nbf"] {
      guard let begin = Self.seconds(begin), begin <= Double(now) + Self.leewaySeconds else { throw .notYetValid }
    }
    return end < Double(Self.latest) ? Int(end) : Self.latest
  }

  /// A later end is as good as this one: in the year 2286.
  private static let latest = 9_999_999_999

  private static func names(_ claim: JSONValue?, _ wanted: String) -> Bool {
    claim?.text == wanted || claim?.items?.contains(.string(wanted)) == true
  }

  private static func seconds(_ claim: JSONValue?) -> Double? {
    guard case .number(let text) = claim, let seconds = Double(text), seconds.isFinite else { return nil }
    return seconds
  }

  /// Who the sender is, by the claims of a token that is the issuer's.
  func identity(of claims: [String: JSONValue], authenticator: String) throws(TokenFault) -> Identity {
    var identity = Identity(authenticator: authenticator)
    let subject = claims[usernameClaim ?? "sub"]?.plainText
    if usernameClaim != nil, subject == nil { throw .claim }
    if let subject { identity.attributes += [("subject", subject), ("username", subject)] }
    if let groupsClaim {
      guard let claim = claims[groupsClaim] else { throw .claim }
      identity.attributes += try Self.texts(of: claim).map { ("membership", $0) }
    }
    if let tenantClaim {
      guard let tenant = claims[tenantClaim]?.plainText, !tenant.isEmpty else { throw .claim }
      identity.tenant = tenant
    }
    if let signalsClaim { identity.signals = try Self.signals(claims[signalsClaim]) }
    for (name, claim) in claims.sorted(by: { $0.key < $1.key }) where !Self.ownNames.contains(name) {
      identity.attributes += ((try? Self.texts(of: claim)) ?? []).map { (name, $0) }
    }
    return identity
  }

  /// Names that mean something else than a claim of that name. Nothing gives a token out.
  private static let ownNames: Set<String> = ["subject", "username", "membership", "tenant", "raw"]

  /// A value or a list of values as text.
  private static func texts(of claim: JSONValue) throws(TokenFault) -> [String] {
    let texts = (claim.items ?? [claim]).map(\.plainText)
    let known = texts.compactMap(\.self)
    if known.count < texts.count { throw .claim }
    return known
  }

  /// The signals that a list names, or a text with spaces between; other words in it, such as scopes, are passed over.
  private static func signals(_ claim: JSONValue?) throws(TokenFault) -> Set<Signal> {
    guard let claim else { return [] }
    let words = try texts(of: claim).flatMap { $0.split(separator: " ").map(String.init) }
    return Set(words.compactMap(Signal.init(rawValue:)))
  }
}
