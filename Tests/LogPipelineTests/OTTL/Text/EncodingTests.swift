import Testing

@testable import LogPipeline

@Suite struct EncodingTests {
  @Test(arguments: [
    (Base64Variant.standard, "+/8=", "-_8="), (.raw, "+/8", "+/8="), (.url, "-_8=", "+/8="), (.rawURL, "-_8", "-_8="),
  ])
  func variantsOfBase64(_ variant: Base64Variant, _ text: String, _ other: String) {
    let bytes: [UInt8] = [0xFB, 0xFF]
    #expect(bytes.withUnsafeBytes { bytes in written { variant.append(bytes, to: &$0) } } == text)
    var writer = ByteWriter(capacityBytes: 64)
    #expect(text.withBytes { variant.append(decoding: $0, to: &writer) })
    #expect(writer.array == bytes)
    #expect(!other.withBytes { variant.append(decoding: $0, to: &writer) })
  }

  @Test(arguments: ["A", "A=", "AA", "AAA", "AA=A", "AAAA=", "AA==="])
  func standardBase64HasItsPadding(_ text: String) {
    var writer = ByteWriter(capacityBytes: 64)
    #expect(!text.withBytes { Base64Variant.standard.append(decoding: $0, to: &writer) })
  }

  @Test(arguments: 0..<20) func everyLengthComesBack(_ count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for variant in Base64Variant.allCases {
      let text = bytes.withUnsafeBytes { bytes in written { variant.append(bytes, to: &$0) } }
      var writer = ByteWriter(capacityBytes: 64)
      #expect(text.withBytes { variant.append(decoding: $0, to: &writer) })
      #expect(writer.array == bytes)
    }
  }

  @Test(
    arguments: [
      ("UTF-8", [0x61, 0xC3, 0xA4], "aä"), ("utf-8", [0x61, 0xFF], "a\u{FFFD}"),
      ("us-ascii", [0x61, 0xE4], "a\u{FFFD}"),
      ("ISO-8859-1", [0x61, 0xE4, 0xFF], "aäÿ"), ("utf-16be", [0x20, 0xAC, 0xD8, 0x3D, 0xDE, 0x00], "€😀"),
      ("utf-16le", [0xAC, 0x20], "€"), ("utf-16", [0xFF, 0xFE, 0xAC, 0x20], "€"),
      ("utf-16", [0xFE, 0xFF, 0x20, 0xAC], "€"),
      ("utf-16", [0x00, 0x61], "a"), ("utf-16be", [0xD8, 0x3D], "\u{FFFD}"),
      ("utf-16be", [0x00, 0x61, 0x62], "a\u{FFFD}"),
      ("latin1", [], ""),
    ] as [(String, [UInt8], String)])
  func encodingsAreDecoded(_ name: String, _ bytes: [UInt8], _ text: String) throws {
    let charset = try #require(TextCharset(name))
    #expect(bytes.withUnsafeBytes { bytes in written { charset.append(bytes, to: &$0) } } == text)
  }

  @Test func otherEncodingsAreNotKnown() {
    #expect(TextCharset("shift_jis") == nil)
    #expect(TextCharset("") == nil)
  }
}
