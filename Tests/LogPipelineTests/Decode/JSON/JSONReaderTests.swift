import Testing

@testable import LogPipeline

@Suite struct JSONReaderTests {
  private func reading<R>(_ text: String, _ read: (inout JSONReader) throws -> R) rethrows -> R {
    let unescapedKey = UnsafeMutableRawPointer.allocate(byteCount: JSONKey.maxBytes, alignment: 1)
    defer { unescapedKey.deallocate() }
    return try Array(text.utf8).withUnsafeBytes { bytes in
      var reader = JSONReader(bytes, maxDepth: 8, unescapedKey: unescapedKey)
      return try read(&reader)
    }
  }

  /// The keys of an object whose values are all true or false, as far as they are kept.
  private func keys(_ text: String) throws -> [String] {
    try reading(text) { json in
      var keys: [String] = []
      var isFirst = true
      _ = json.peek()
      json.position += 1
      while let key = try json.nextKey(&isFirst) {
        keys.append(String(decoding: UnsafeRawBufferPointer(start: key.start, count: key.count), as: UTF8.self))
        _ = try json.readBool()
      }
      #expect(json.position == json.end)
      return keys
    }
  }

  @Test(
    arguments: [
      ("", 0, "expected '{'"), (" ", 1, "expected '{'"), ("null", 0, "expected '{'"), ("[]", 0, "expected '{'"),
      ("{", 1, "expected '\"' or '}'"), ("{,}", 1, "expected '\"' or '}'"), (#"{"a":1,}"#, 7, "expected '\"'"),
      (#"{"a" 1}"#, 5, "expected ':'"), (#"{"a":1 "b":2}"#, 7, "expected ',' or '}'"),
      (#"{"a":[1 2]}"#, 8, "expected ',' or ']'"), (#"{"a":[1,]}"#, 8, "expected a JSON value"),
      (#"{"a":}"#, 5, "expected a JSON value"), (#"{"a":nul}"#, 5, "expected a JSON value"),
      (#"{"a":truE}"#, 5, "expected a JSON value"), (#"{"a":'b'}"#, 5, "expected a JSON value"),
      (#"{"a":1}x"#, 7, "expected nothing after the request"), (#"{}{}"#, 2, "expected nothing after the request"),
      ("{}\u{0}", 2, "expected nothing after the request"), (#"{"a":1/**/}"#, 6, "expected ',' or '}'"),
      (#"{"a":01}"#, 6, "expected ',' or '}'"), (#"{"a":"b}"#, 8, "expected '\"' at the end of a string"),
      (#"{"resourceLogs":[{}"#, 19, "expected ',' or ']'"), (#"{a:1}"#, 1, "expected '\"' or '}'"),
    ] as [(String, Int, StaticText)])
  func errorsNameTheOffsetAndWhatWasExpected(request: String, offset: Int, expected: StaticText) {
    #expect(JSONRequest.error(request) == DecodeError(.malformed(expected), at: offset))
  }

  @Test func aMissingCommaIsNamedWhereItIsMissing() throws {
    let members = #""severityNumber":9,"severityText":"Info" "name":"logA""#
    let request = JSONRequest.record(members)
    let offset = try #require(Array(request.utf8).firstRange(of: Array(#""name""#.utf8))).lowerBound
    let error = try #require(JSONRequest.error(request))
    #expect(error.message == "byte \(offset): expected ',' or '}'")
  }

  @Test func keysAreReadWithoutTheirEscapes() throws {
    #expect(try keys(#"{"a":true,"\u0062\n":false,"é":true , "" : false}"#) == ["a", "b\n", "é", ""])
    #expect(try keys("{ }") == [])
  }

  /// What is kept of a long key is longer than any name that is known, so that it is taken for none of them.
  @Test func ofALongKeyNoMoreIsKeptThanThereIsRoomFor() throws {
    let long = String(repeating: "k", count: 10_000)
    #expect(try keys(#"{"\u006b\#(long)":true}"#) == [String(long.prefix(JSONKey.maxBytes))])
    #expect(try keys(#"{"\#(long)":true}"#) == [long])
  }

  @Test func aKeyIsComparedWhole() {
    Array("stringValue".utf8).withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let key = JSONKey(start: base, count: 11)
      let isName = "stringValue" ~= key
      let areOthers = ["stringValu", "stringValue2", "StringValue", ""].map { (name: StaticString) in name ~= key }
      #expect(isName && areOthers == [false, false, false, false])
      #expect(!key.hasUnderscore)
    }
    Array("a_b".utf8).withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      #expect(JSONKey(start: base, count: 3).hasUnderscore && !JSONKey(start: base, count: 1).hasUnderscore)
    }
  }

  @Test func nothingIsReadBeyondTheEnd() {
    let steps = reading("ab") { json in [json.stepOver("abc"), json.stepOver("ab"), json.stepOver("a")] }
    #expect(steps == [false, true, false])
    let ends = reading(" \t\r\n") { json in [json.peek(), json.peek()] + [UInt8(json.position)] }
    #expect(ends == [0, 0, 4])
    #expect(reading("") { $0.peek() } == 0)
    // What is no white space of JSON is not stepped over.
    #expect(reading("\u{B}x") { $0.peek() } == 0x0B)
  }

  @Test func aByteOrderMarkIsOneOnlyWhole() {
    #expect(reading("\u{FEFF}1") { $0.position } == 3)
    let cut = [UInt8]([0xEF, 0xBB]).withUnsafeBytes { bytes in
      withUnsafeTemporaryAllocation(byteCount: JSONKey.maxBytes, alignment: 1) { room in
        room.baseAddress.map { JSONReader(bytes, maxDepth: 1, unescapedKey: $0).position }
      }
    }
    #expect(cut == 0)
  }

  @Test func literalsAreReadWhole() throws {
    #expect(try reading("true") { try $0.readBool() } && !reading("false") { try $0.readBool() })
    #expect(try reading(" null") { try $0.readNull() } && !reading("1") { try $0.readNull() })
    for text in ["tru", "fals", "nul", "TRUE"] {
      #expect(throws: DecodeError.self) {
        try reading(text) { json in
          if try json.readNull() { return }
          _ = try json.readBool()
        }
      }
    }
  }
}
