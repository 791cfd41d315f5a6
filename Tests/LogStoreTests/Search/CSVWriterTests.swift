import Testing

@testable import LogStore

@Suite struct CSVWriterTests {
  private func line(_ cells: [String], disarmed: Bool = false) -> String {
    var writer = CSVWriter(disarmsFormulas: disarmed)
    writer.append(cells)
    return String(decoding: writer.array, as: UTF8.self)
  }

  @Test(arguments: [
    ("plain", "plain"), (#"a "b", c"#, #""a ""b"", c""#), ("two\nlines", "\"two\nlines\""), ("\r", "\"\r\""),
    ("", ""), ("支付, 5", #""支付, 5""#), ("=1+cmd()", "=1+cmd()"),
  ])
  func aCellIsOneCell(_ cell: String, _ written: String) {
    #expect(line(["a", cell]) == "a,\(written)\r\n")
  }

  @Test(arguments: [
    ("=1+cmd()", #""'=1+cmd()""#), ("@x", #""'@x""#), ("-5", "-5"), ("+1.5e3", "+1.5e3"), ("-x", #""'-x""#),
    ("\tx", "\"'\tx\""), ("plain", "plain"), (#"="a""#, #""'=""a""""#),
    ("\n=x", "\"'\n=x\""), ("＝x", "\"'＝x\""), ("\u{FEFF}=x", "\"'\u{FEFF}=x\""),
  ])
  func aCellForASpreadsheetIsNoFormula(_ cell: String, _ written: String) {
    #expect(line([cell], disarmed: true) == "\(written)\r\n")
  }

  private func table(_ records: [SampleRecord], fields: [String]? = nil) throws -> (text: String, isCut: Bool) {
    let store = try StoreFixture { $0.blockRecords = 7 }.openInMemory()
    try store.append(records)
    let table = RecordTable(try store.view.records(.all, QueryPipes()).records, fields: fields)
    var writer = CSVWriter()
    table.write(to: &writer)
    return (String(decoding: writer.array, as: UTF8.self), table.isCut)
  }

  @Test func aTableHasAColumnForEachField() throws {
    var first = SampleRecord("one, two", time: 1_000_000_000)
    first.severity = 9
    first.stream = SampleStream(service: "shop", scope: "lib")
    first.attributes = [SamplePair("z", .int(1))]
    var second = first
    (second.time, second.body) = (2_000_000_000, .text("three"))
    second.attributes = [SamplePair("a", .text("x"))]
    let (text, isCut) = try table([first, second])
    let lines = text.split(separator: "\r\n")
    #expect(!isCut && lines.count == 3 && lines[0].hasPrefix("_time,severity,service.name,_msg,a,"))
    #expect(lines[1].hasPrefix("1970-01-01T00:00:02.000000000Z,info,shop,three,x,"))
    #expect(lines[2].hasPrefix("1970-01-01T00:00:01.000000000Z,info,shop,\"one, two\",,"))
    let chosen = try table([first], fields: ["z", "none", "_time"]).text
    #expect(chosen == "z,none,_time\r\n1,,1970-01-01T00:00:01.000000000Z\r\n")
  }

  @Test func aTableEndsAtItsLimit() throws {
    let store = try StoreFixture { $0.blockRecords = 7 }.openInMemory()
    try store.append((0..<100).map { SampleRecord("line \($0)", time: 1) })
    let table = RecordTable(try store.view.records(.all, QueryPipes()).records, fields: ["_msg"])
    var whole = CSVWriter()
    var cut = CSVWriter()
    #expect(table.write(to: &whole, limitBytes: 10_000))
    #expect(!table.write(to: &cut, limitBytes: 100) && cut.byteCount > 100 && cut.byteCount < 120)
  }

  @Test func columnsAreBounded() throws {
    func columns(_ fields: Int) throws -> (count: Int, isCut: Bool) {
      var record = SampleRecord("", time: 1)
      record.attributes = (0..<fields).map { SamplePair("f\($0)", .int(1)) }
      let (text, isCut) = try table([record])
      return (text.prefix { $0 != "\r\n" }.split(separator: ",").count, isCut)
    }
    let most = RecordTable.maxColumns - (try columns(0).count)
    #expect(try columns(most) == (RecordTable.maxColumns, false))
    #expect(try columns(most + 1) == (RecordTable.maxColumns, true))
  }
}
