import Foundation
import Testing

@testable import LogPipeline

/// Properties over many generated texts.
@Suite struct TextRedactorTests {
  private static let pieces = [
    "4111111111111111", "4111 1111 1111 1111", "11010519491231002X", "13812345678", "a.b@example.com", "password=",
    "token: ",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.", "AKIAIOSFODNN7EXAMPLE", "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "postgres://u:p@h/", "DE89370400440532013000", "219-09-9999", "Bearer abcdef123456", "\"", "'", "\\", "{", "}", "[",
    "]", ":",
    ",", "=", " ", "\n", "é", "王", "-", ".", "@", "+", "1", "62", "a", "ghp_", "sk-", "Authorization: Basic ",
    "cookie=",
    "{\"secret\":\"", "\"}", "192.168.0.1", "fe80::1", "3c:22:fb:12:34:56", "+442079460958", "(212) 555-0123", "null",
    "****",
  ]

  @Test func redactingTwiceChangesNothing() {
    let redact = Redacting(pack: "strict")
    var dice = Dice(1)
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 1...14, using: &dice)).map { _ in dice.pick(Self.pieces) }.joined()
      let once = redact(text)
      #expect(redact(once) == once, "\(text)")
    }
  }

  @Test func whatBecomesJSONByRedactionIsReadAsJSON() {
    let redact = Redacting(pack: "default")
    #expect(redact(#"{"password": "a\\"b","tok\u0065n": "xyz"}"#) == #"{"password": "****","tok\u0065n": "****"}"#)
  }

  @Test func aKeyOfJSONInAStringIsNoContextForWhatFollowsTheString() {
    let redact = Redacting(pack: "default")
    #expect(redact(#"["{\"card\":1}", 138123456780]"#) == #"["{\"card\":1}", 138123456780]"#)
    #expect(redact(#"{"card":["{\"a\":1}", 138123456780]}"#) == #"{"card":["{\"a\":1}", "****6780"]}"#)
  }

  @Test func mutationsOfSecretTextNeverTrap() {
    let rounds = ProcessInfo.processInfo.environment["SLUICE_LONG_TESTS"] == nil ? 20_000 : 200_000
    let redact = Redacting(pack: "strict")
    var dice = Dice(2)
    var changed = 0
    for _ in 0..<rounds {
      var bytes = Array((0..<4).map { _ in dice.pick(Self.pieces) }.joined(separator: " ").utf8)
      for _ in 0..<Int.random(in: 0...3, using: &dice) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &dice)
        case 1: bytes.remove(at: place)
        default: bytes.removeLast(bytes.count - place)
        }
      }
      if redact.bytes(bytes) != bytes { changed += 1 }
    }
    #expect(changed > rounds / 10)
  }

  @Test func redactedJSONIsJSON() throws {
    let redact = Redacting(pack: "strict")
    var dice = Dice(3)
    for _ in 0..<2000 {
      let values = (0..<4).map { _ in (0..<3).map { _ in dice.pick(Self.pieces) }.joined() }
      let object: [String: Any] = [
        "password": values[0], "note": values[1], "list": [values[2], 4_111_111_111_111_111, true, ["token": [1, 2]]],
        dice.pick(Self.pieces) + "x": values[3],
      ]
      let text = String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
      let left = redact(text)
      let read = try JSONSerialization.jsonObject(with: Data(left.utf8)) as? [String: Any]
      #expect(Set(read?.keys ?? [:].keys) == Set(object.keys))
      #expect(redact(left) == left)
    }
  }
}
