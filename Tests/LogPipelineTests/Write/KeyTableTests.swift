import Testing

@testable import LogPipeline

@Suite struct KeyTableTests {
  /// Keys in a store, with bytes after the last.
  private struct Keys {
    var store: [UInt8] = []
    var slices: [ByteSlice] = []

    init(_ keys: [String], after: Int = 16) {
      for key in keys {
        slices.append(ByteSlice(store.count..<store.count + key.utf8.count))
        store += Array(key.utf8)
      }
      store += [UInt8](repeating: 0x2E, count: after)
    }
  }

  /// The texts of a record's keys; nil from the first that is not found on.
  private func texts(_ record: [ByteSlice], _ keys: Keys, in table: inout KeyTable) -> [String?] {
    var cursor = table.begin()
    var texts: [String?] = []
    for key in record {
      let entry = table.next(&cursor, key, in: keys.store.span.bytes) { _ in true }
      guard let entry else { return texts + [nil] }
      let text = UnsafeRawBufferPointer(start: entry.pointee.text, count: entry.pointee.textCount)
      texts.append(String(decoding: text, as: UTF8.self))
    }
    return texts
  }

  private func table() -> KeyTable { KeyTable(records: KeyTable.minRecords, before: "<", after: ">") }

  @Test func findsEveryKeyInWhateverOrder() {
    let names = (0..<KeyTable.maxKeys).map { "\($0)".padding(to: $0 % 70) }
    let keys = Keys(names)
    var table = table()
    var order = Array(names.indices)
    var dice = RandomDocumentTests.Dice(state: 3)
    for round in 0..<20 {
      if round > 2 { order.shuffle(using: &dice) }
      #expect(texts(order.map { keys.slices[$0] }, keys, in: &table) == order.map { "<\(names[$0])>" })
    }
  }

  @Test func sameKeysElsewhereInTheStoreAreTheSame() {
    let keys = Keys(["http.method", "a", "", "http.method", "a", "", "http.methoe", "b"])
    var table = table()
    #expect(texts(Array(keys.slices[0..<3]), keys, in: &table) == ["<http.method>", "<a>", "<>"])
    #expect(texts(Array(keys.slices[3..<6]), keys, in: &table) == ["<http.method>", "<a>", "<>"])
    #expect(texts(Array(keys.slices[6..<8]), keys, in: &table) == ["<http.methoe>", "<b>"])
  }

  @Test func aKeyThatARecordRepeatsIsNotGivenTwice() {
    let keys = Keys(["a", "b", "a"])
    var table = table()
    for _ in 0..<3 { #expect(texts(keys.slices, keys, in: &table) == ["<a>", "<b>", nil]) }
    #expect(texts([keys.slices[2], keys.slices[1]], keys, in: &table) == ["<a>", "<b>"])
  }

  @Test func textsAreEscaped() {
    let keys = Keys(["a\"b\n"])
    var table = table()
    #expect(texts(keys.slices, keys, in: &table) == ["<a\\\"b\\n>"])
  }

  @Test func oneKeyPastTheMostIsNotTaken() {
    let names = (0...KeyTable.maxKeys).map { "key\($0)" }
    let keys = Keys(names)
    var table = table()
    let found = texts(keys.slices, keys, in: &table)
    #expect(found.count == KeyTable.maxKeys + 1 && found.last == .some(nil))
    #expect(found.dropLast().allSatisfy { $0 != nil })
    #expect(texts([keys.slices[5]], keys, in: &table) == ["<key5>"])
  }

  @Test func aKeyPastTheLongestIsNotTaken() {
    let longest = String(repeating: "k", count: KeyTable.maxKeyBytes)
    let keys = Keys([longest, longest + "k"])
    var table = table()
    #expect(texts([keys.slices[0]], keys, in: &table) == ["<\(longest)>"])
    #expect(texts([keys.slices[1]], keys, in: &table) == [nil])
  }

  @Test func textsPastTheirMostBytesAreNotTaken() {
    // Each byte takes six.
    let names = (0..<100).map { String(repeating: "\u{1}", count: 100) + "\($0)" }
    let keys = Keys(names)
    var table = table()
    let found = texts(keys.slices, keys, in: &table)
    #expect(found.count > 15 && found.count < 30 && found.last == .some(nil))
    #expect(texts([keys.slices[0]], keys, in: &table).last != .some(nil))
  }

  @Test func keysThatAreNotOrdinaryAreNotTaken() {
    let keys = Keys(["a", "special"])
    var table = table()
    for _ in 0..<2 {
      var cursor = table.begin()
      for key in keys.slices {
        let entry = table.next(&cursor, key, in: keys.store.span.bytes) { $0.byteCount < 5 }
        #expect((entry == nil) == (key == keys.slices[1]))
      }
    }
  }

  @Test func aTableForFewRecordsHasNoRoom() {
    let keys = Keys(["a"])
    var table = KeyTable(records: KeyTable.minRecords - 1, before: "", after: "")
    #expect(texts(keys.slices, keys, in: &table) == [nil])
  }

  @Test func tellsWhichRecordsHaveAnEventName() {
    let keys = Keys(["a", "event.name"])
    var table = table()
    for record in [[0], [0, 1], [0], [1, 0]] {
      var cursor = table.begin()
      for key in record { _ = table.next(&cursor, keys.slices[key], in: keys.store.span.bytes) { _ in true } }
      #expect(table.hasEventName(cursor) == record.contains(1))
    }
  }

  @Test func aKeyAtTheEndOfTheStoreIsLeftToOthers() {
    let keys = Keys(["a", "b"], after: 15)
    var table = table()
    #expect(texts(keys.slices, keys, in: &table) == ["<a>", nil])
  }
}

extension String {
  fileprivate func padding(to count: Int) -> String {
    self + String(repeating: "-", count: Swift.max(count - utf8.count, 0))
  }
}
