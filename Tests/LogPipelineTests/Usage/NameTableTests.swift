import Testing

@testable import LogPipeline

@Suite struct NameTableTests {
  private func find(_ name: String, in table: NameTable, hash: UInt64? = nil) -> Int? {
    Array(name.utf8).withUnsafeBytes { table.find($0, hash ?? NameTable.hash($0)) }
  }

  private func append(_ name: String, to table: inout NameTable, hash: UInt64? = nil) -> Int? {
    Array(name.utf8).withUnsafeBytes { table.append($0, hash ?? NameTable.hash($0)) }
  }

  private func replace(_ number: Int, with name: String, in table: inout NameTable, hash: UInt64? = nil) -> Bool {
    Array(name.utf8).withUnsafeBytes { table.replace(number, with: $0, hash ?? NameTable.hash($0)) }
  }

  private func name(_ number: Int, of table: NameTable) -> String {
    table.withName(number) { name, _ in String(decoding: name, as: UTF8.self) }
  }

  @Test func namesAreNumberedAsTheyCome() {
    var table = NameTable(capacity: 3)
    #expect(find("a", in: table) == nil)
    #expect(["a", "b", "c"].map { append($0, to: &table) } == [0, 1, 2])
    #expect(append("d", to: &table) == nil)
    #expect(["a", "b", "c", "d"].map { find($0, in: table) } == [0, 1, 2, nil])
    #expect((0..<3).map { name($0, of: table) } == ["a", "b", "c"])
  }

  @Test func aNameHasABound() {
    var table = NameTable(capacity: 2)
    let (longest, longer) = (String(repeating: "x", count: 128), String(repeating: "x", count: 129))
    #expect(append(longer, to: &table) == nil)
    #expect(append(longest, to: &table) == 0)
    #expect(name(0, of: table) == longest && find(longer, in: table) == nil)
    #expect(!replace(0, with: longer, in: &table) && find(longest, in: table) == 0)
  }

  @Test func aTableForNothingHoldsNothing() {
    var table = NameTable(capacity: 0)
    #expect(append("a", to: &table) == nil && find("a", in: table) == nil)
  }

  @Test func whatWasRemovedIsForgotten() {
    var table = NameTable(capacity: 2)
    _ = append("a", to: &table)
    table.removeAll()
    #expect(find("a", in: table) == nil && table.count == 0)
    #expect(append("b", to: &table) == 0)
    #expect(find("a", in: table) == nil && find("b", in: table) == 0)
  }

  /// However hashes collide, a table does what a dictionary does.
  @Test(arguments: [UInt64(1), 3, 7, .max]) func isAsADictionaryIs(_ hashes: UInt64) {
    var random = SplitMix64(seed: hashes)
    var table = NameTable(capacity: 20)
    var names: [Int: String] = [:]
    for step in 0..<5000 {
      let name = "name \(Int.random(in: 0..<60, using: &random))"
      let hash = NameTable.mixed(name) & hashes
      let known = names.first { $0.value == name }?.key
      #expect(find(name, in: table, hash: hash) == known, "step \(step)")
      if known != nil { continue }
      if names.count < 20 {
        #expect(append(name, to: &table, hash: hash) == names.count)
        names[names.count] = name
      } else {
        let number = Int.random(in: 0..<20, using: &random)
        #expect(replace(number, with: name, in: &table, hash: hash))
        names[number] = name
      }
    }
    for (number, name) in names {
      #expect(find(name, in: table, hash: NameTable.mixed(name) & hashes) == number)
      #expect(self.name(number, of: table) == name)
    }
  }
}

extension NameTable {
  /// The same for a name on every run.
  fileprivate static func mixed(_ name: String) -> UInt64 {
    name.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
  }
}
