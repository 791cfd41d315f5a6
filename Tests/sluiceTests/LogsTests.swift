import ArgumentParser
import Testing

@testable import sluice

@Suite struct LogsTests {
  @Test(arguments: [
    (["--limit=-1"], "--limit: expected a number from 0 to 1000000"),
    (["--limit", "1000001"], "--limit: expected a number from 0 to 1000000"),
    (["--context", "1001"], "--context: expected a number from 0 to 1000"),
    (["--context", "1", "--follow"], "--context and --follow cannot be given together"),
    (["--path", "/x", "--address", "localhost:1"], "--path and --address cannot be given together"),
    (["--address", "localhost:0"], "--address: expected host:port with a port from 1 to 65535"),
  ])
  func whatCannotBeIsRefused(_ arguments: [String], _ message: String) {
    #expect { try Logs.parse(arguments) } throws: { Logs.message(for: $0) == message }
  }

  @Test func argumentsAtTheirLimitsAreTaken() throws {
    let logs = try Logs.parse(["order", "paid", "--limit", "1000000", "--context", "1000"])
    #expect(logs.words == ["order", "paid"] && logs.limit == 1_000_000 && logs.context == 1000)
    #expect(try Logs.parse(["-n", "0", "-f"]).follow)
  }

  @Test func linesComeWhole() {
    let buffer = LineBuffer()
    buffer.add(Array("a\nb".utf8))
    #expect(buffer.take() == ["a"] && buffer.take().isEmpty)
    buffer.add(Array("c\n\nd\n".utf8))
    #expect(buffer.take() == ["bc", "d"])
  }
}

@Suite struct RecordTextTests {
  @Test func aRecordIsALine() {
    let line = """
      {"_time":"2026-01-01T00:00:00.000000001Z","_stream_id":"0","_stream":"{}","_msg":"paid\\n\\u001b[1m",\
      "severity":"info","severity_number":"9","trace_id":"ab","service.name":"shop","odd":"\\ud83d\\ude00"}
      """
    #expect(
      RecordText.text(of: line)
        == "2026-01-01T00:00:00.000000001Z INFO shop paid\\u{a}\\u{1b}[1m trace_id=ab odd=😀")
    #expect(RecordText.text(of: "{\"_skipped\":\"7\"}") == "… 7 records were passed over")
    #expect(RecordText.text(of: "{}") == "- - -")
  }

  @Test(arguments: [
    "", "{", "x\u{1b}", "{\"a\":1}", "{\"a\":\"b\"", "{\"a\":\"b\"}x", "{\"a\":\"\\u12\"}", "{\"a\":\"\\q\"}",
  ])
  func whatIsNoRecordIsShownAsItIs(_ line: String) {
    #expect(FlatObject.members(of: line) == nil)
    #expect(RecordText.text(of: line) == visible(line))
  }
}
