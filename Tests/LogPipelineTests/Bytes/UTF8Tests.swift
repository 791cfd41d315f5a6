@testable import LogPipeline
import Testing

@Suite struct UTF8Tests {
  private func firstInvalid(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes { UTF8Text.firstInvalid(in: $0) } }

  private func repaired(_ bytes: [UInt8]) -> [UInt8] {
    var target: [UInt8] = []
    bytes.withUnsafeBytes { UTF8Text.appendRepaired($0, to: &target) }
    return target
  }

  @Test func agreesWithTheStandardLibraryOnEveryShortSequence() {
    let interesting: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
      0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    for a in interesting {
      for b in interesting {
        for c in interesting {
          for d in interesting {
            let bytes = [a, b, c, d]
            let valid = String(validating: bytes, as: UTF8.self) != nil
            // An expectation for each of so many would take longer than what it is about.
            let isRepaired = String(decoding: bytes, as: UTF8.self).utf8.elementsEqual(repaired(bytes))
            if (firstInvalid(bytes) == nil) != valid || !isRepaired { Issue.record("\(bytes)") }
          }
        }
      }
    }
  }

  @Test func findsTheInvalidByteAtEveryPlaceOfEveryLength() {
    for count in 1...70 {
      for place in 0..<count {
        var bytes = [UInt8](repeating: 0x61, count: count)
        bytes[place] = 0xFF
        #expect(firstInvalid(bytes) == place)
      }
    }
  }

  @Test func aSequenceIsCutOrValidAtEveryPlaceOfEveryLength() {
    for sequence in ["\u{e9}", "\u{65e5}", "\u{1F6B0}"].map({ Array($0.utf8) }) {
      for count in 0...70 {
        for place in 0...count {
          let text = [UInt8](repeating: 0x61, count: place) + sequence + [UInt8](repeating: 0x61, count: count - place)
          #expect(firstInvalid(text) == nil)
          for cut in 1..<sequence.count {
            #expect(firstInvalid(Array(text[..<(place + cut)])) == place)
            #expect(firstInvalid(Array(text[(place + cut)...])) == 0)
          }
        }
      }
    }
  }

  @Test func asciiIsToldFromOtherTextAtEveryPlaceOfEveryLength() {
    for count in 0...70 {
      var bytes = [UInt8](repeating: 0xFF, count: 16) + [UInt8](repeating: 0x7F, count: count) + [0xFF]
      let isASCII = { bytes.withUnsafeBytes { $0.baseAddress.map { UTF8Text.isASCII($0, from: 16, to: 16 + count) } } }
      #expect(isASCII() == true)
      for place in 0..<count {
        bytes[16 + place] = 0x80
        #expect(isASCII() == false)
        bytes[16 + place] = 0
      }
    }
  }

  @Test func longTextOfManyScriptsIsValid() {
    let text = String(repeating: "plain ascii, åäö, 日志网关, 🚰 ", count: 50)
    #expect(firstInvalid(Array(text.utf8)) == nil)
  }
}
