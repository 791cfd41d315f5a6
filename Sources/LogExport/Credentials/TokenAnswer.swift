import Access
import LogPipeline
import Options

/// What a token endpoint's answer says (RFC 6749 section 5). Errors quote nothing of it but the code of an error that
/// the RFC knows.
enum TokenAnswer {
  /// A token is no longer.
  static let maxTokenBytes = 32 << 10
  /// A longer life is taken for this one.
  static let longestLifetime = Duration.seconds(10 * 365 * 86_400)
  private static let knownErrors = [
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope",
  ]

  /// The token of a success. A lifetime that is missing or 0 is not known; the type has to be `Bearer`.
  static func token(in body: [UInt8]) throws(CredentialFailure) -> AccessToken {
    var members = Members()
    guard members.read(body) else { throw CredentialFailure("the answer is no JSON object") }
    guard let token = members.token, !token.isEmpty else {
      throw CredentialFailure("the answer has no access_token that is a text")
    }
    guard token.utf8.count <= maxTokenBytes else {
      throw CredentialFailure("the token has \(members.tokenBytes) bytes, the limit is \(maxTokenBytes) bytes")
    }
    // RFC 6750 section 2.1 knows fewer characters.
    guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw CredentialFailure("the token has characters that no header field can carry")
    }
    guard members.type.isEmpty || members.type.lowercased() == "bearer" else {
      throw CredentialFailure("the token is of another type than Bearer")
    }
    return AccessToken(Secret(token), lifetime: try lifetime(members.lifetime))
  }

  private static func lifetime(_ text: String?) throws(CredentialFailure) -> Duration? {
    guard let text, text != "null" else { return nil }
    guard let seconds = Double(text), seconds.isFinite, seconds >= 0 else {
      throw CredentialFailure("expires_in is no number of seconds")
    }
    if seconds < 1 { return nil }
    return seconds < Double(longestLifetime.components.seconds) ? .seconds(Int(seconds)) : longestLifetime
  }

  /// Why there is no token, in words; `status` is that of the answer.
  static func refusal(_ status: Int, _ body: [UInt8]) -> CredentialFailure {
    if (300..<400).contains(status) { return CredentialFailure("answers \(status), redirects are not followed") }
    var members = Members()
    let error = members.read(body) ? members.error : ""
    return CredentialFailure("answers \(status)" + (knownErrors.contains(error) ? " (\(error))" : ""))
  }
}

/// The members of an answer that count.
private struct Members {
  var token: String?
  var tokenBytes = 0
  var type = ""
  /// As it stands there, without quotes.
  var lifetime: String?
  var error = ""

  /// False if the body is no object.
  mutating func read(_ body: [UInt8]) -> Bool {
    var scanner = JSONScanner(body)
    let isRead = scanner.object { scanner, key in
      if scanner.isName(key, "access_token") {
        guard scanner.peek() == UInt8(ascii: "\"") else { return scanner.skipValue() }
        guard let range = scanner.string() else { return false }
        tokenBytes = range.count
        token = scanner.text(of: range, limitBytes: TokenAnswer.maxTokenBytes &+ 1)
        return true
      }
      if scanner.isName(key, "token_type") { return Self.text(&type, &scanner) }
      if scanner.isName(key, "error") { return Self.text(&error, &scanner) }
      if scanner.isName(key, "expires_in") { return number(&scanner, of: body) }
      return scanner.skipValue()
    }
    return isRead && scanner.peek() == nil
  }

  private static func text(_ text: inout String, _ scanner: inout JSONScanner) -> Bool {
    guard scanner.peek() == UInt8(ascii: "\"") else { return scanner.skipValue() }
    guard let range = scanner.string() else { return false }
    text = scanner.text(of: range, limitBytes: 64)
    return true
  }

  /// A number, or one between quotes, as some endpoints write it.
  private mutating func number(_ scanner: inout JSONScanner, of body: [UInt8]) -> Bool {
    if scanner.peek() == UInt8(ascii: "\"") {
      var text = ""
      defer { lifetime = text }
      return Self.text(&text, &scanner)
    }
    let start = scanner.offset
    guard scanner.skipValue() else { return false }
    lifetime = String(decoding: body[start..<max(scanner.offset, start)].prefix(64), as: UTF8.self)
    return true
  }
}
