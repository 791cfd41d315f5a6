import Testing

@testable import LogPipeline

@Suite struct FingerprintTests {
  @Test func anEmptiedTableHoldsNothing() {
    var marks = MarkTable(bits: 4)
    let first = (0..<16).map { marks.set($0) }
    let again = marks.set(16)
    #expect(!first.contains(true) && again)
    #expect(marks.mayHold(0) == true)
    marks.removeAll()
    #expect((0..<16).map { marks.mayHold($0) } == [Bool](repeating: false, count: 16))
  }

  @Test func fingerprintsTellNamesOfAnyLengthApart() {
    var seen: Set<UInt64> = []
    for count in 0...40 {
      for place in 0..<max(count, 1) {
        var name = [UInt8](repeating: UInt8(ascii: "n"), count: count)
        if count > 0 { name[place] = UInt8(ascii: "m") }
        seen.insert(name.withUnsafeBytes { Fingerprint.of($0) })
      }
    }
    #expect(seen.count == 1 + (1...40).reduce(0, +))
  }
}
