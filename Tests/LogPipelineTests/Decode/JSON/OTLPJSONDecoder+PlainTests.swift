import LogPipeline
import Testing

/// Each member in its plain form against the same with white space, which the plain way leaves to the general one.
@Suite struct OTLPJSONDecoderPlainTests {
  /// The same JSON with a space before each colon and bracket outside strings.
  private func spaced(_ json: String) -> String {
    var (spaced, isInside, isEscaped) = ("", false, false)
    for character in json.unicodeScalars {
      if !isInside && ":{}[],".unicodeScalars.contains(character) { spaced += " " }
      spaced.unicodeScalars.append(character)
      if character == "\"" && !isEscaped { isInside.toggle() }
      isEscaped = character == "\\" && !isEscaped
    }
    return spaced
  }

  /// What a request reads as, every field of its records, or its error.
  private func readable(_ json: String) -> String {
    do {
      let batch = try JSONRequest.decode(json)
      let records = batch.records.map { record in
        """
        \(record.timeUnixNano) \(record.observedTimeUnixNano) \(record.severityNumber) \(record.flags) \
        \(record.droppedAttributesCount) \(record.traceID) \(record.spanID) \(batch.text(record.severityText)) \
        \(batch.text(record.eventName)) \(batch.readable(record.body)) \(batch.readable(record.attributes))
        """
      }
      return "\(records) \(batch.scopes.map { batch.readable($0.attributes) }) \(batch.oddities)"
    } catch {
      return "\(error.reason)"
    }
  }

  /// Reads three records: of these members alone, of these twice, and of these before others. What follows the last
  /// decides whether it may be loaded with a single check.
  private func expectSame(_ members: String, sourceLocation: SourceLocation = #_sourceLocation) {
    for rest in ["", #","flags":1"#, #","flags":1,"eventName":"\#(String(repeating: "e", count: 70))""#] {
      let json = JSONRequest.record("\(members)},{\(members),\(members)},{\"flags\":3,\(members)\(rest)")
      let (plain, general) = (readable(json), readable(spaced(json)))
      #expect(plain == general, "\(json)", sourceLocation: sourceLocation)
    }
  }

  private static let lengths = Array(0...70) + [127, 128, 129, 1000]

  private static let integers = [
    "0", "1", "9", "10", "12345678", "123456789", "1234567890", "-1", "-0", "00", "01", "-", "", "+1", "1.0", "1e2",
    "1.5",
    "12345678901234567", "123456789012345678", "999999999999999999", "1234567890123456789", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616",
    "99999999999999999999",
    "123456789012345678901234", "4294967295", "4294967296", "2147483648", "1 ", "1x", "1760000000000000000",
    "0999999999999999999", "1000000000000000000",
  ]

  @Test func everyNumberOfARecordReadsAsWithSpaces() {
    for key in [
      "timeUnixNano", "observedTimeUnixNano", "severityNumber", "flags", "droppedAttributesCount", "timeUnixNanoX",
    ] {
      for integer in Self.integers {
        expectSame(#""\#(key)":"\#(integer)""#)
        if !integer.isEmpty { expectSame(#""\#(key)":\#(integer)"#) }
      }
    }
  }

  @Test func everyIntegerOfAValueReadsAsWithSpaces() {
    for integer in Self.integers {
      expectSame(#""body":{"intValue":"\#(integer)"}"#)
      expectSame(#""attributes":[{"key":"k","value":{"intValue":"\#(integer)"}}]"#)
      if !integer.isEmpty { expectSame(#""attributes":[{"key":"k","value":{"intValue":\#(integer)}}]"#) }
    }
  }

  @Test func everyDoubleReadsAsWithSpaces() {
    var texts = [
      "0.0", "-0.0", "0.1", "-1.5", "00.1", ".5", "5.", "1", "-7", "1e5", "1.5e3", "1.5.5", "-", "--1.0", "1.-5",
    ]
    var numbers = SplitMix64(seed: 5)
    for digits in 1...20 {
      for places in 1...20 {
        let whole = String((0..<digits).map { _ in Character("\(Int.random(in: 1...9, using: &numbers))") })
        texts.append(whole + "." + (0..<places).map { _ in "\(Int.random(in: 0...9, using: &numbers))" }.joined())
      }
    }
    for text in texts {
      expectSame(#""body":{"doubleValue":\#(text)}"#)
      guard let expected = Double(text), text.wholeMatch(of: /-?(0|[1-9]\d*)\.\d+/) != nil else { continue }
      let value = try? JSONRequest.value(#"{"doubleValue":\#(text)} "# + String(repeating: " ", count: 64))
      #expect(value == .double(expected), "\(text)")
    }
  }

  @Test func everyTextReadsAsWithSpaces() {
    for length in Self.lengths {
      let text = String(repeating: "abcdefghij", count: length / 10 + 1).prefix(length)
      expectSame(#""severityText":"\#(text)""#)
      expectSame(#""eventName":"\#(text)""#)
      expectSame(#""body":{"stringValue":"\#(text)"}"#)
      expectSame(#""attributes":[{"key":"\#(text)","value":{"stringValue":"\#(text)"}},{"key":"k","value":{}}]"#)
    }
  }

  @Test func whatEndsPlainTextIsSeenAtEveryPlaceOfEveryLength() {
    for special in [#"\""#, #"\\"#, #"\n"#, #"\u00e9"#, "\u{e9}", "\u{65e5}", "\u{1F6B0}", "\u{1}", "\u{1F}", "\u{7F}"]
    {
      for length in [0, 1, 2, 14, 15, 16, 17, 31, 32, 33, 47, 48] {
        for place in Set([0, 1, length / 2, length - 1, length]) where (0...length).contains(place) {
          let text = String(repeating: "x", count: place) + special + String(repeating: "y", count: length - place)
          expectSame(#""severityText":"\#(text)""#)
          expectSame(#""body":{"stringValue":"\#(text)"}"#)
          expectSame(#""attributes":[{"key":"\#(text)","value":{"stringValue":"v"}}]"#)
          expectSame(#""attributes":[{"key":"k","value":{"stringValue":"\#(text)"}}]"#)
        }
      }
    }
  }

  @Test func everyByteEndsPlainTextOrNotAsInTheGeneralWay() throws {
    for byte in UInt8.min...UInt8.max {
      for place in 0..<33 {
        var text = [UInt8](repeating: 0x61, count: 40)
        text[place] = byte
        let request = JSONRequest.text(text) + Array(repeating: 0x20, count: 64)
        guard byte >= 0x20, byte != 0x5C else {
          #expect(JSONRequest.error(request) != nil)
          continue
        }
        if byte == 0x22 {
          #expect(JSONRequest.error(request) != nil)
          continue
        }
        let batch = try JSONRequest.decode(request)
        #expect(batch.text(batch.records[0].body.slice) == String(decoding: text, as: UTF8.self))
        #expect(batch.oddities.repairedStrings == (byte < 0x80 ? 0 : 1))
      }
    }
  }

  @Test func everyIdReadsAsWithSpaces() {
    let digits = Array("0123456789abcdefABCDEF/:@`gG\u{e9} ".unicodeScalars)
    for length in [0, 1, 15, 16, 17, 31, 32, 33, 40] {
      let id = String((0..<length).map { Character(digits[$0 % 22]) })
      expectSame(#""traceId":"\#(id)""#)
      expectSame(#""spanId":"\#(id)""#)
    }
    for place in 0..<32 {
      for digit in digits {
        var id = Array(repeating: Character("7"), count: 32)
        id[place] = Character(digit)
        expectSame(#""traceId":"\#(String(id))""#)
        expectSame(#""spanId":"\#(String(id.prefix(16)))""#)
      }
    }
  }

  @Test func otherMembersAndOrdersReadAsWithSpaces() {
    for members in [
      #""body":null"#, #""body":{}"#, #""body":{"boolValue":true}"#, #""body":{"boolValue":false}"#,
      #""body":{"boolValue":1}"#,
      #""body":{"bytesValue":"AP8="}"#, #""body":{"stringValue":"a","intValue":"1"}"#, #""body":{"stringValue":null}"#,
      #""body":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}},null]}}"#,
      #""body":{"stringValues":"a"}"#, #""severityText":null"#, #""timeUnixNano":null"#, #""flags":null"#,
      #""x":[{"a":1}]"#,
      #""attributes":null"#, #""attributes":[]"#, #""attributes":[null]"#, #""attributes":[{}]"#,
      #""attributes":[{"value":{"stringValue":"v"},"key":"k"}]"#, #""attributes":[{"key":"k"}]"#,
      #""attributes":[{"key":"k","value":null},{"key":"l","value":{"intValue":"1"}}]"#,
      #""attributes":[{"key":"k","value":{"stringValue":"v"},"more":1},{"key":"l","value":{"boolValue":true}}]"#,
      #""attributes":[{"key":"k","value":{"stringValue":"v"}}"#,
      #""attributes":[{"key":"k","value":{"stringValue":"v"}},]"#,
      #""attributes":[{"key":"k","value":{"stringValue":"v"}}{"key":"l"}]"#, #""flags":1,"#, #""flags":1 2"#,
      #""flags""#,
      #""severityNumber":"SEVERITY_NUMBER_INFO""#,
      #""body":{"arrayValue":{"values":[{"intValue":"1"},{"boolValue":true}]}}"#,
    ] {
      expectSame(members)
    }
  }

  @Test func aRequestMayHoldAsManyValuesAsTheLimitSaysAndNoMore() {
    for count in [1, 2, 169, 170, 171, 400] {
      let pairs = (0..<count).map { #"{"key":"k\#($0)","value":{"stringValue":"some text"}}"# }.joined(separator: ",")
      let json = JSONRequest.record(#""attributes":[\#(pairs)]"#)
      var limits = DecodeLimits()
      limits.maxValues = count
      #expect((try? JSONRequest.decode(json, limits: limits))?.attributes.count == count)
      limits.maxValues = count - 1
      #expect(JSONRequest.error(json, limits: limits)?.reason == .tooManyValues(limit: count - 1))
    }
  }

  @Test func aRequestCutAnywhereIsRefused() {
    let json = JSONRequest.record(
      #""timeUnixNano":"1760000000000000000","severityText":"INFO","body":{"stringValue":"some text that is not short"},"#
        + #""attributes":[{"key":"k","value":{"intValue":"12"}},{"key":"d","value":{"doubleValue":1.25}}],"flags":1,"#
        + #""traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174""#)
    let bytes = Array(json.utf8)
    for end in bytes.indices { #expect(JSONRequest.error(Array(bytes[..<end])) != nil) }
    #expect(JSONRequest.error(bytes) == nil)
  }
}
