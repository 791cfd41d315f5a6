import LogPipeline
import Testing

/// Known answers: the examples of FIPS 180 and digests of runs of `a` made with coreutils.
@Suite struct SHA256Tests {
  private func hex(_ words: InlineArray<8, UInt32>) -> String {
    (0..<8).map { index in
      let digits = String(words[index], radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  private func sha256(_ pieces: [[UInt8]]) -> String {
    var hasher = SHA256()
    for piece in pieces { piece.withUnsafeBytes { hasher.update($0) } }
    return hex(hasher.finish())
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func sha256GivesKnownAnswers(_ text: String, _ digest: String) {
    #expect(sha256([Array(text.utf8)]) == digest)
  }

  @Test func sha256MixesTheSameWithAndWithoutTheProcessorsInstructions() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<1000 {
      let block = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
      var (one, other) = (SHA256Compression(), SHA256Compression())
      block.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        for _ in 0..<3 {
          one.compress(base)
          other.compressPortably(base)
        }
      }
      #expect((0..<8).allSatisfy { one.state[$0] == other.state[$0] })
    }
  }

  @Test func sha256OfAMillionBytes() {
    let text = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(sha256([text]) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test(arguments: [
    (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
    (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
    (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
    (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
    (65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
    (119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
    (120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"),
  ])
  func padsAtTheBordersOfBlocks(_ count: Int, _ digest: String) {
    #expect(sha256([[UInt8](repeating: UInt8(ascii: "a"), count: count)]) == digest)
  }

  @Test func theDigestOfAllAtOnceIsThatOfPieces() {
    for count in 0..<200 {
      let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      text.withUnsafeBytes { #expect(hex(SHA256.digest(of: $0)) == sha256([text])) }
    }
  }

  @Test func piecesGiveWhatTheWholeGives() {
    for count in 0..<200 {
      let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let whole = sha256([text])
      for cut in stride(from: 0, through: count, by: 7) {
        #expect(sha256([Array(text[..<cut]), Array(text[cut...])]) == whole)
      }
      #expect(sha256(text.map { [$0] }) == whole)
    }
  }
}
