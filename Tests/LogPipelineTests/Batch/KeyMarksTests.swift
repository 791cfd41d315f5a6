import Testing

@testable import LogPipeline

@Suite struct KeyMarksTests {
  /// How many of the keys of one owner find their mark set.
  private func hits(_ keys: [String], in marks: inout KeyMarks) -> Int {
    marks.begin()
    let mark = marks.mark
    return keys.reduce(0) { hits, key in
      hits + Array(key.utf8).withUnsafeBytes { bytes in bytes.baseAddress.map { mark.set($0, bytes.count) } ?? 0 }
    }
  }

  @Test func theSameKeyAlwaysFindsItsMark() {
    var marks = KeyMarks()
    for count in 1...64 {
      let key = String(repeating: "k", count: count)
      #expect(hits([key], in: &marks) == 0)
      #expect(hits([key, key], in: &marks) == 1)
      #expect(hits([key, "other", key], in: &marks) >= 1)
    }
  }

  @Test(arguments: [(8, 20), (16, 50), (32, 160)]) func fewKeysOfOneOwnerMeet(keys: Int, most: Int) {
    var marks = KeyMarks()
    let met = (0..<1000).count { owner in
      hits((0..<keys).map { "attribute.\(owner * keys + $0)" }, in: &marks) > 0
    }
    // Of 32 keys in 4096 slots about 11 in 100 owners have two in one.
    #expect(met < most)
  }

  @Test func stampsThatHaveRunOutAreNotTakenForMarks() {
    var marks = KeyMarks()
    marks.useUpStamps()
    #expect(hits(["a", "b"], in: &marks) == 0)
    #expect(hits(["a", "a"], in: &marks) == 1)
  }
}
