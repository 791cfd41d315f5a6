import Testing

@testable import LogStore

@Suite struct MessageShapeTests {
  private func shape(_ text: String) -> String {
    var shape = MessageShape()
    Array(text.utf8).withUnsafeBytes { shape.take($0) }
    return String(decoding: shape.bytes, as: UTF8.self)
  }

  private static let shapes: [(String, String)] = [
    ("", ""), ("order placed", "order placed"), ("支付失败", "支付失败"),
    ("took 12 ms", "took <N> ms"), ("took 12ms, 1.5s", "took <N>ms, <N>s"), ("12.75 of 3", "<N> of <N>"),
    ("user42 on node-7", "user<N> on node-<N>"), ("HTTP/1.1 500", "HTTP/<N> <N>"),
    ("id 5b8efff798038103d269b633813fc60c", "id <N>"), ("at 0x7fff and DEAD10CC", "at <N> and <N>"),
    ("facade decade", "facade decade"), ("key a1B2c3XyZ9", "key <N>"), ("k8s http2", "k<N>s http<N>"),
    ("123e4567-e89b-12d3-a456-426614174000 done", "<UUID> done"),
    ("abcdefab-cdef-abcd-efab-cdefabcdefab", "<UUID>"),
    ("from 10.0.0.1:8080", "from <IP4>:<N>"), ("1.2.3", "<N>.<N>"),
    ("1000.2.3.4", "<N>.<N>"), ("2026-01-31", "<DATE>"), ("at 23:59:59.123", "at <TIME>"),
    ("2026-01-31T23:59:59.123Z x", "<DATETIME> x"), ("2026-01-31 23:59:59+02:00", "<DATETIME>"),
    ("2026-01-31T23:59:59-0700 a", "<DATETIME> a"), ("2026-1-31", "<N>-<N>-<N>"),
    ("said \"hello 5\" twice", "said <STR> twice"), ("don't say 'x y'", "don't say <STR>"),
    ("open \"quote", "open \"quote"), (#"{"a":"x","n":5,"b":"y \" z"}"#, #"{"a":<STR>,"n":<N>,"b":<STR>}"#),
    ("`select 1`", "<STR>"), ("\u{1b}[31m", "\u{1b}[<N>m"),
  ]

  @Test(arguments: shapes) func whatDiffersIsAPlaceholder(_ text: String, _ expected: String) {
    #expect(shape(text) == expected)
  }

  @Test func aLongMessageCountsAsFarAsTheLimit() {
    let text = String(repeating: "a", count: MessageShape.maxBytes)
    #expect(shape(text) == text)
    #expect(shape(text + "b") == text + "…")
    #expect(shape("\"\(String(repeating: "x ", count: 255))\"") == "<STR>")
    #expect(shape("\"\(String(repeating: "x ", count: 256))\"").hasPrefix("\"x x"))
  }

  /// Whatever a message is, its shape is found, in memory bounded by the message.
  @Test func anyBytesHaveAShape() {
    var dice = SystemRandomNumberGenerator()
    let alphabet = Array("0a9fGz-.: T\"'`\\{}é\u{0}".utf8) + [0xFF, 0x80]
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 0...60, using: &dice)).map { _ in alphabet.randomElement(using: &dice) ?? 0 }
      var shape = MessageShape()
      text.withUnsafeBytes { shape.take($0) }
      #expect(shape.bytes.count <= 3 * text.count + 3, "\(text)")
    }
  }
}
