import Testing

@testable import LogPipeline

@Suite struct KeyVerdictsTests {
  /// Keys in one store, with so many bytes after the last.
  private struct Keys {
    var store: [UInt8] = []
    var slices: [ByteSlice] = []

    init(_ names: [String], bytesAfter: Int = 16) {
      for name in names {
        slices.append(ByteSlice(store.count..<store.count + name.utf8.count))
        store += Array(name.utf8)
      }
      store += [UInt8](repeating: 0x20, count: bytesAfter)
    }
  }

  /// Says by a key's bytes what no two keys of a test share, and counts how often it is asked.
  private func judge(_ key: UnsafeRawBufferPointer, _ asked: inout Int) -> KeyVerdict {
    asked += 1
    return .secret(key.reduce(7) { $0 &* 31 &+ Int($1) })
  }

  /// How often a verdict was asked for; each one given is checked.
  private func asked(_ keys: Keys, places: [Int]) -> Int {
    var verdicts = KeyVerdicts()
    var asked = 0
    for (place, index) in places.enumerated() {
      keys.store.withUnsafeBytes { store in
        let slice = keys.slices[index]
        let verdict = verdicts.verdict(on: slice, at: place, in: store) { judge($0, &asked) }
        var unused = 0
        let expected = judge(UnsafeRawBufferPointer(rebasing: store[slice.range]), &unused)
        #expect("\(verdict)" == "\(expected)")
      }
    }
    return asked
  }

  @Test func aKeyIsJudgedOnceWhereverItStands() {
    // The same names twice, at other offsets.
    let names = ["a", "http.request.method", "", "url.path", "http.request.methoe", String(repeating: "k", count: 70)]
    let keys = Keys(names + names)
    #expect(asked(keys, places: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 3, 2, 1, 0]) == names.count)
  }

  @Test func moreKeysThanEntriesAreJudgedRightly() {
    let keys = Keys((0..<500).map { "app.field_\($0)" })
    var dice = Dice(3)
    #expect(asked(keys, places: (0..<5000).map { _ in Int.random(in: 0..<500, using: &dice) }) > 500)
    #expect(asked(Keys((0..<24).map { "app.field_\($0)" }), places: Array(0..<24) + Array(0..<24)) < 32)
  }

  @Test func aKeyAtTheEndOfTheStoreIsJudgedEachTime() {
    #expect(asked(Keys(["some.key"], bytesAfter: 15), places: [0, 0, 0]) == 3)
    #expect(asked(Keys(["some.key"], bytesAfter: 16), places: [0, 0, 0]) == 1)
    #expect(asked(Keys([""], bytesAfter: 0), places: [0]) == 1)
  }
}
