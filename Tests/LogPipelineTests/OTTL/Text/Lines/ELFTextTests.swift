import Testing

@testable import LogPipeline

@Suite struct ELFTextTests {
  private func shown(_ text: String) -> String? { ShownFields.of(text) { ELFText.read($0, into: &$1) } }

  @Test func blocksAreRead() {
    #expect(
      shown("#Version: 1.0\n#Fields: time cs-method cs-uri\n00:34:23 GET /foo\n\n00:34:24 POST\n")
        == "{elf.version: 1.0, elf.fields: [time, cs-method, cs-uri], elf.entries: [{time: 00:34:23, cs-method: GET, cs-uri: /foo}, {time: 00:34:24, cs-method: POST, cs-uri: -}]}"
    )
    #expect(
      shown(
        "#Version: 1.0\r\n#Software: IIS 10\r\n#Date: 2024-01-01 00:00:00\r\n#Start-Date: a\r\n#End-Date: b\r\n#Remark: c\r\n#Fields: x y\r\n\"a b\" 2 3\r\n"
      )
        == "{elf.version: 1.0, elf.software: IIS 10, elf.date: 2024-01-01 00:00:00, elf.start_date: a, elf.end_date: b, elf.remark: c, elf.fields: [x, y], elf.entries: [{x: a b, y: 2}]}"
    )
  }

  @Test func fieldsMayChange() {
    #expect(
      shown("#Version: 1.0\nlost\n#Fields: a\n1\n#Fields: b c\n2 3")
        == "{elf.version: 1.0, elf.fields: [b, c], elf.entries: [{a: 1}, {b: 2, c: 3}]}")
    #expect(shown("#Version: 1.0") == "{elf.version: 1.0, elf.fields: [], elf.entries: []}")
  }

  @Test(arguments: ["", "#Fields: a\n1", "x", "#Version"])
  func aBlockHasAVersion(_ text: String) {
    #expect(shown(text) == nil)
  }

  /// Each line would give as many values as there are names.
  @Test func manyNamesAndLinesAreRefused() {
    let names = String(repeating: "a ", count: 1_000)
    #expect(shown("#Version: 1\n#Fields: \(names)\n" + String(repeating: "1\n", count: 100)) == nil)
    #expect(shown("#Version: 1\n#Fields: \(names)\n" + String(repeating: "1\n", count: 50)) != nil)
  }
}
