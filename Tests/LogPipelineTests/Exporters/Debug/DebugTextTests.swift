import FrameQueues
import LogPipeline
import Testing

@Suite struct DebugTextTests {
  private var request: Message {
    let record =
      Message.record(
        body: .text("user \u{1B}[31mred\u{1B}[0m\nforged line"),
        attributes: [.pair("k\n", .text("a\" b=\"c")), .pair("list", .list([.integer(1), .text("\u{9B}2J")]))])
      + .int(2, 17) + .bytes(9, Array(1...16)) + .bytes(10, Array(1...8)) + .fixed32(8, 1)
    return .request(
      resource: .resource(.pair("service.name", .text("shop"))), scope: Message(.string(1, "lib"), .string(2, "1")),
      records: record, .record(body: nil) + .string(3, "WARN\r"))
  }

  @Test func normalIsOneLineARecord() throws {
    let encoded = try Encoded(request, as: DebugDialect(verbosity: .normal))
    #expect(
      encoded.lines == [
        #"2023-11-14T22:13:20.123456789Z Error user \u{1b}[31mred\u{1b}[0m\u{a}forged line "#
          + #"k\u{a}="a\" b=\"c" list=[1,"\u{9b}2J"]"#,
        #"2023-11-14T22:13:20.123456789Z WARN\u{d}"#,
      ])
  }

  @Test func detailedShowsEveryField() throws {
    let encoded = try Encoded(request, as: DebugDialect(verbosity: .detailed))
    #expect(
      encoded.text == #"""
        ResourceLog #0
        Resource attributes:
             -> service.name: Str(shop)
        ScopeLogs #0
        InstrumentationScope lib 1
        LogRecord #0
        ObservedTimestamp: none
        Timestamp: 2023-11-14T22:13:20.123456789Z
        SeverityNumber: Error(17)
        Body: Str(user \u{1b}[31mred\u{1b}[0m\u{a}forged line)
        Attributes:
             -> k\u{a}: Str(a" b="c)
             -> list: Slice([1,"\u{9b}2J"])
        Trace ID: 0102030405060708090a0b0c0d0e0f10
        Span ID: 0102030405060708
        Flags: 1
        LogRecord #1
        ObservedTimestamp: none
        Timestamp: 2023-11-14T22:13:20.123456789Z
        SeverityText: WARN\u{d}
        SeverityNumber: Unspecified(0)
        Body: Empty()
        Trace ID: 
        Span ID: 
        Flags: 0

        """#)
  }

  @Test func nothingThatDrivesATerminalIsPrinted() throws {
    let harmful: [UInt32] =
      Array(0..<0x20) + Array(0x7F...0x9F) + [0x61C, 0x200E, 0x200F] + Array(0x2028...0x202E)
      + Array(0x2066...0x2069)
    let harmless: [UInt32] = [0x20, 0x7E, 0xA0, 0x61B, 0x61D, 0x2010, 0x2027, 0x202F, 0x2065, 0x206A, 0x1F98A]
    for code in harmful + harmless {
      guard let scalar = Unicode.Scalar(code) else { continue }
      let request = Message.request(
        records: .record(
          body: .text("<\(scalar)>"),
          attributes: [.pair("<\(scalar)>", .text("<\(scalar)>")), .pair("l", .list([.text("<\(scalar)>")]))]))
      for verbosity in [DebugDialect.Verbosity.normal, .detailed] {
        let text = try Encoded(request, as: DebugDialect(verbosity: verbosity)).text
        let scalars = text.unicodeScalars.filter { $0 == scalar && $0 != "\n" && $0 != " " }
        #expect(scalars.isEmpty == harmful.contains(code) || code == 0x20, "U+\(String(code, radix: 16))")
        if harmful.contains(code) { #expect(text.contains("<\\u{\(String(code, radix: 16))}>")) }
      }
    }
  }

  @Test func anEscapeThatWasSentLooksUnlikeOneThatWasMade() throws {
    let request = Message.request(records: .record(body: .text(#"\u{a}"#)))
    #expect(try Encoded(request, as: DebugDialect(verbosity: .normal)).text.contains(#"\\u{a}"#))
  }

  @Test func severitiesOutOfRangeHaveANameToo() throws {
    for (number, name) in [(1, "Trace"), (24, "Fatal4"), (25, "Undefined"), (-1, "Undefined"), (0, "Unspecified")] {
      let request = Message.request(records: .int(2, UInt64(bitPattern: Int64(number))))
      let text = try Encoded(request, as: DebugDialect(verbosity: .detailed)).text
      #expect(text.contains("SeverityNumber: \(name)(\(number))\n"))
    }
  }
}
