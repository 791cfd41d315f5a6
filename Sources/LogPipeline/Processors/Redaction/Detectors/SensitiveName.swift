/// Tells keys whose value is secret whatever it holds: `password`, `X-Api-Key`, `db.credentials`, `accessToken`.
///
/// Case and `-`, `_`, `.` do not matter. A name is sensitive if it has one of the words below in its last segment, or
/// a compound such as `api.key` that ends there, and does not end in a word that says the value is something about a
/// secret (`token_count`, `password.policy`). Words are the parts of names in camel, snake and kebab case; a word that
/// names a secret ends where a part ends, so that `secretary` and `cookiecutter` name none, and most may have letters
/// before them, as in `PGPASSWORD`.
enum SensitiveName {
  /// The longest key that is looked at; of longer ones, the end.
  static let maxBytes = 128
  /// Whether the key names a secret.
  static func matches(_ key: ScannedText, _ range: Range<Int>) -> Bool {
    // Dots lead to a value in `Password....: x`.
    let last = key.start(ofRunBefore: range.upperBound, limit: range.count) { $0 == UInt8(ascii: ".") }
    let end = Swift.max(range.lowerBound, last &- maxBytes)..<last
    let isNamed = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: maxBytes) { letters in
      var name = Name(letters: letters)
      name.read(key, end)
      return name.isSensitive
    }
    return isNamed || WideNames.isIn(key, end)
  }

  /// A key in lower case without separators, and where its words begin.
  private struct Name {
    let letters: UnsafeMutableBufferPointer<UInt8>
    var count = 0
    /// Where the last segment of a dotted path starts.
    var segment = 0
    /// Where the last word starts.
    var lastWord = 0
    private var starts: (UInt64, UInt64) = (1, 0)

    init(letters: UnsafeMutableBufferPointer<UInt8>) { self.letters = letters }

    mutating func read(_ key: ScannedText, _ range: Range<Int>) {
      var previous: UInt8 = 0
      for offset in range {
        let byte = key[offset]
        if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") { segment = count }
        if byte.isAlphanumeric {
          let isCapital = byte.isUpper && (!previous.isUpper || key[offset &+ 1].isLower)
          if !previous.isAlphanumeric || isCapital { startWord() }
          letters[count] = byte.lowercased
          count &+= 1
        }
        previous = byte
      }
    }

    private mutating func startWord() {
      lastWord = count
      if count < 64 { starts.0 |= 1 << UInt64(count) } else { starts.1 |= 1 << UInt64(count & 63) }
    }

    /// Whether a word starts at an offset, or the name ends there.
    private func isBorder(_ offset: Int) -> Bool {
      if offset >= count { return true }
      return (offset < 64 ? starts.0 >> UInt64(offset) : starts.1 >> UInt64(offset & 63)) & 1 != 0
    }

    var isSensitive: Bool {
      guard count >= 3 else { return false }
      var isNamed = false
      for start in 0..<count where !isNamed { isNamed = isSecret(at: start) }
      return isNamed && !isAboutSecret
    }

    /// Whether one of the words starts at an offset and ends in the last segment.
    private func isSecret(at start: Int) -> Bool {
      let next = start &+ 1 < count ? letters[start &+ 1] : 0
      switch letters[start] {
      case UInt8(ascii: "p"):
        return endsWord(
          start, "password", "passwd", "passphrase", "passcode", "privatekey", "pwd", "passwort", "palavrapasse")
          || isPass(start) || isLastWord(start, "parola")
      case UInt8(ascii: "s") where next == UInt8(ascii: "e"):
        return endsWord(start, "secret", "sessionid", "sessid", "sessionkey", "senha")
          || isBorder(start) && atEnd(start, "session")
      case UInt8(ascii: "s"):
        return isBorder(start) && endsWord(start, "sifre") || atEnd(start, "signingkey", "signkey", "sharedkey")
      case UInt8(ascii: "t"): return endsWord(start, "token", mayBePlural: false)
      case UInt8(ascii: "a") where next == UInt8(ascii: "u"):
        return endsWord(start, "authkey", "authheader", "authcode", "authdata")
          || isBorder(start) && endsWord(start, "authorization") || atEnd(start, "auth")
      case UInt8(ascii: "a"): return endsWord(start, "apikey", "accesskey")
      case UInt8(ascii: "c") where next == UInt8(ascii: "v"): return isLastWord(start, "cvv", "cvc", "cvv2", "cvc2")
      case UInt8(ascii: "c"):
        return endsWord(start, "credential", "cookie", "contrasena") || start > 0 && isLastWord(start, "creds")
      case UInt8(ascii: "o"): return isLastWord(start, "otp")
      case UInt8(ascii: "e"): return atEnd(start, "encryptionkey")
      case UInt8(ascii: "d"): return atEnd(start, "decryptionkey") || isLastWord(start, "dbpass")
      case UInt8(ascii: "h"): return atEnd(start, "hmackey") || isBorder(start) && endsWord(start, "haslo", "heslo")
      case UInt8(ascii: "k"): return endsWord(start, "kennwort")
      case UInt8(ascii: "m"):
        return atEnd(start, "masterkey") || endsWord(start, "motdepasse") || isLastWord(start, "mdp")
      case UInt8(ascii: "r"): return isLastWord(start, "requirepass", "rootpass")
      case UInt8(ascii: "u"): return isLastWord(start, "userpass")
      case UInt8(ascii: "w"): return endsWord(start, "wachtwoord")
      default: return false
      }
    }

    /// Whether one of the words stands here and ends in the last segment, where a part of the name ends or before what
    /// may follow it there: an `s`, a number, or a word such as `hash`.
    private func endsWord(_ start: Int, _ words: StaticString..., mayBePlural: Bool = true) -> Bool {
      for word in words where has(word, start) {
        var end = start &+ word.utf8CodeUnitCount
        if end <= segment { continue }
        if isBorder(end) { return true }
        if mayBePlural, letters[end] == UInt8(ascii: "s") { end &+= 1 }
        while !isBorder(end), letters[end].isDigit { end &+= 1 }
        if isBorder(end) || isCompanion(end) { return true }
      }
      return false
    }

    /// Whether a word that stands beside that of a secret, as in `secretkey`, is the rest of a part of the name.
    private func isCompanion(_ start: Int) -> Bool {
      let words: [StaticString] = [
        "key", "hash", "id", "value", "text", "data", "code", "header", "string", "digest", "salt", "confirm",
        "confirmation", "again", "repeat", "new", "old", "plain", "encrypted",
      ]
      return words.contains { has($0, start) && isBorder(start &+ $0.utf8CodeUnitCount) }
    }

    /// Whether one of the words stands here, as the last of the name.
    private func isLastWord(_ start: Int, _ words: StaticString...) -> Bool {
      isBorder(start) && words.contains { start &+ $0.utf8CodeUnitCount == count && has($0, start) }
    }

    /// Whether `pass` ends the name after another word, as in `DB_PASS`, and means no filter and no ticket.
    private func isPass(_ start: Int) -> Bool {
      guard start > 0, isLastWord(start, "pass") else { return false }
      let others: [StaticString] = [
        "low", "high", "band", "all", "boarding", "test", "tests", "first", "second", "last",
      ]
      return !others.contains { start >= $0.utf8CodeUnitCount && has($0, start &- $0.utf8CodeUnitCount) }
    }

    private func atEnd(_ start: Int, _ words: StaticString...) -> Bool {
      words.contains { start &+ $0.utf8CodeUnitCount == count && has($0, start) }
    }

    private func has(_ word: StaticString, _ start: Int) -> Bool {
      guard start &+ word.utf8CodeUnitCount <= count else { return false }
      for place in 0..<word.utf8CodeUnitCount where letters[start &+ place] != word.utf8Start[place] { return false }
      return true
    }

    /// Whether the last word says that the value is not the secret itself.
    private var isAboutSecret: Bool {
      let words: [StaticString] = [
        "count", "counts", "type", "length", "len", "size", "limit", "expiry", "expires", "expiration", "ttl",
        "policy", "reset", "required", "enabled", "changed", "hint", "url", "uri", "endpoint", "version", "status",
        "file", "path", "valid", "at", "age", "method", "provider", "usage", "name", "bucket", "consent", "domain",
        "in", "attempts",
      ]
      return words.contains { count &- lastWord == $0.utf8CodeUnitCount && has($0, lastWord) }
    }
  }
}
