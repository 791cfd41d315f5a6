/// Who we are to a destination. Never printed: its description says only of which kind it is.
package enum Authorization: Sendable, Equatable {
  case none
  /// RFC 7617 (`user` and `password`).
  case basic(user: String, password: String)
  /// An Elasticsearch API key, already in Base64 (`api_key`).
  case apiKey(String)
  /// RFC 6750.
  case bearer(String)

  /// The value of the `Authorization` field.
  package var headerValue: String? {
    switch self {
    case .none: nil
    case .basic(let user, let password): "Basic " + base64(Array("\(user):\(password)".utf8))
    case .apiKey(let key): "ApiKey " + key
    case .bearer(let token): "Bearer " + token
    }
  }

  private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      bits <<= UInt32((3 - group.count) * 8)
      for digit in 0..<4 {
        let index = Int(bits >> UInt32(18 - digit * 6)) & 63
        text.append(digit <= group.count ? alphabet[index] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension Authorization: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String {
    switch self {
    case .none: "none"
    case .basic: "basic (hidden)"
    case .apiKey: "api key (hidden)"
    case .bearer: "bearer token (hidden)"
    }
  }

  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
