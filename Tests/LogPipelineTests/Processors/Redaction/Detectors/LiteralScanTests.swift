import CVector
import Testing

@testable import LogPipeline

@Suite struct LiteralScanTests {
  private struct Hit: Equatable {
    var literal: Int
    var end: Int
  }

  private func hits(_ literals: [LiteralScan.Literal], _ text: String) -> [Hit]? {
    guard let scan = LiteralScan(literals) else { return nil }
    var hits: [Hit] = []
    Array(text.utf8).withUnsafeBytes { bytes in
      scan.scan(bytes, from: scan.firstAnchors(bytes)) { hits.append(Hit(literal: $0, end: $1)) }
    }
    return hits.sorted { ($0.end, $0.literal) < ($1.end, $1.literal) }
  }

  @Test func findsLiteralsAtBothEndsAndOverlapping() {
    let literals = [
      LiteralScan.Literal("aba", anchor: 1), LiteralScan.Literal("@", anchor: 0), LiteralScan.Literal("ab", anchor: 0),
    ]
    #expect(
      hits(literals, "ababa@")
        == [
          Hit(literal: 2, end: 2), Hit(literal: 0, end: 3), Hit(literal: 2, end: 4), Hit(literal: 0, end: 5),
          Hit(literal: 1, end: 6),
        ])
    #expect(hits(literals, "@")?.count == 1)
    #expect(hits(literals, "")?.isEmpty == true)
    #expect(hits(literals, "bab")?.map(\.literal) == [2])
  }

  @Test func classesAndCaseAreRespected() {
    let run = [LiteralScan.Literal("!###", anchor: 0)]
    #expect(hits(run, "123")?.map(\.end) == [3])
    #expect(hits(run, "12345 678 90")?.map(\.end) == [3, 9])
    let mixed = [LiteralScan.Literal("[kg]ey^%", anchor: 1)]
    #expect(hits(mixed, "keyAf geyBx KEYCA")?.map(\.end) == [5])
    #expect(hits([LiteralScan.Literal("[ab]c", anchor: 0, ignoringCase: true)], "AC bC cc")?.map(\.end) == [2, 5])
  }

  /// The scan against looking at each place.
  @Test func findsWhatANaiveSearchFinds() {
    let words = ["a", "ab", "bca", "cabc", "bb", "aabbcc"]
    let literals = words.enumerated().map { LiteralScan.Literal($1, anchor: min($0 % 3, $1.count - 1)) }
    var dice = Dice(5)
    for round in 0..<1000 {
      let text = dice.text(round % 200, of: "abc")
      let bytes = Array(text.utf8)
      var expected: [Hit] = []
      for end in 0...bytes.count {
        for (index, word) in words.enumerated() where bytes[..<end].reversed().starts(with: word.utf8.reversed()) {
          expected.append(Hit(literal: index, end: end))
        }
      }
      #expect(hits(literals, text) == expected)
    }
  }

  /// What processors that look up many bytes at once report against what others do.
  @Test func aWideTableFindsTheSameAnchors() {
    let table = UnsafeMutablePointer<literal_table>.allocate(capacity: 1)
    defer { table.deallocate() }
    literal_table_clear(table)
    var dice = Dice(6)
    for literal in 0..<64 {
      for place in 0..<literal_places {
        let byte = UInt8.random(in: .min ... .max, using: &dice) & 0xA5
        for byte in [byte, byte ^ 0x20] { literal_table_add(table, literal, literal % literal_groups, place, byte) }
      }
    }
    if !table.pointee.is_wide { return }
    for round in 0..<2000 {
      let text = (0..<round % 200).map { _ in UInt8.random(in: .min ... .max, using: &dice) & 0xA5 }
      for start in stride(from: 0, to: text.count + 2, by: 64) {
        let wide = literal_anchors_wide(table, text, text.count, start)
        let plain = literal_anchors_plain(table, text, text.count, start)
        // The first and last two offsets may be reported without an anchor.
        var inner: UInt64 = start == 0 ? ~3 : .max
        if text.count < start + 64 { inner &= ~(UInt64.max << UInt64(max(text.count - start, 0))) }
        #expect(wide & inner == plain & inner)
        #expect(plain & ~wide == 0)
      }
    }
  }

  @Test func takes64LiteralsAndNoMore() {
    let literal = LiteralScan.Literal("ab", anchor: 0)
    #expect(hits(Array(repeating: literal, count: 64), "ab")?.count == 64)
    #expect(hits(Array(repeating: literal, count: 65), "ab") == nil)
  }

  @Test func takesPlacesWithinReachOfTheAnchorOnly() {
    #expect(hits([LiteralScan.Literal("abcdefghijkl", anchor: 5)], "abcdefghijkl")?.map(\.end) == [12])
    #expect(hits([LiteralScan.Literal("abcdefghijklm", anchor: 5)], "") == nil)
    #expect(hits([LiteralScan.Literal("abcdefgh", anchor: 6)], "") == nil)
  }
}
