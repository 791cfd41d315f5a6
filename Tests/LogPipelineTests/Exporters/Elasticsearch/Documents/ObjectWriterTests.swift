import Testing

@testable import LogPipeline

/// Objects as they are, seen in the attributes of `otel` documents.
@Suite struct ObjectWriterTests {
  @Test func everyKindOfValueKeepsItsTypeAtAnyDepth() throws {
    let inner: TestValue = .map([
      ("s", "x"), ("b", false), ("i", -9_223_372_036_854_775_808), ("d", 1.0), ("e", .empty),
      ("bytes", .bytes([0, 255, 16])), ("list", .array([1, "two", .array([]), .map([])])), ("m", .map([("k", 2.5)])),
    ])
    let document = try BulkTestBatch().record(.empty, [("v", inner), ("nothing", .empty)]).document()
    #expect(
      document.contains(
        #""attributes":{"v":{"s":"x","b":false,"i":-9223372036854775808,"d":1.0,"e":null,"bytes":"00ff10","#
          + #""list":[1,"two",[],{}],"m":{"k":2.5}},"nothing":null}"#))
  }

  @Test func whatJSONCannotExpressBecomesNull() throws {
    let document = try BulkTestBatch().record(
      .empty, [("a", .double(.nan)), ("b", .double(.infinity)), ("c", .array([.double(-.infinity)]))]
    ).document()
    #expect(document.contains(#""attributes":{"a":null,"b":null,"c":[null]}"#))
  }

  @Test func latitudeAndLongitudeMergeIntoAPoint() throws {
    let document = try BulkTestBatch().record(
      .empty,
      [
        ("geo.location.lon", 2.5), ("x.geo.location.lat", 10.0), ("a", 1), ("geo.location.lat", -1.25),
        ("x.geo.location.lon", 20.5), ("alone.geo.location.lat", 3.5), ("xgeo.location.lon", 4.5),
        ("xgeo.location.lat", 5.5), ("i.geo.location.lat", 1), ("i.geo.location.lon", 2),
      ]
    ).document()
    #expect(
      document.contains(
        #""attributes":{"x.geo.location":[20.5,10.0],"a":1,"geo.location":[2.5,-1.25],"#
          + #""alone.geo.location.lat":3.5,"xgeo.location.lon":4.5,"xgeo.location.lat":5.5,"#
          + #""i.geo.location.lat":1,"i.geo.location.lon":2}"#))
  }

  @Test func aPointOfItsOwnKeepsItsPartsApart() throws {
    let document = try BulkTestBatch().record(
      .empty, [("geo.location.lat", 1.5), ("geo.location", "here"), ("geo.location.lon", 2.5)]
    ).document()
    #expect(document.contains(#"{"geo.location.lat":1.5,"geo.location":"here","geo.location.lon":2.5}"#))
  }

  @Test func ofARepeatedKeyTheLastValueStaysInItsPlace() throws {
    let document = try BulkTestBatch().resource([("r", 1), ("r", 2)]).record(
      .map([("k", 1), ("k", .map([("z", 1), ("z", 2)])), ("l", 3)]), [("a", 1), ("b", 2), ("a", 3), ("a.b", 4)]
    ).document()
    #expect(document.contains(#""attributes":{"b":2,"a":3,"a.b":4}"#))
    #expect(document.contains(#""resource":{"attributes":{"r":2}}"#))
    #expect(document.hasSuffix(#""body":{"structured":{"k":{"z":2},"l":3}}}"#))
  }

  @Test func keysThatOnlyDifferInTheMiddleAreDifferent() throws {
    let document = try BulkTestBatch().record(.empty, [("aaaaaaaa1bbbbbbbb", 1), ("aaaaaaaa2bbbbbbbb", 2)]).document()
    #expect(document.contains(#"{"aaaaaaaa1bbbbbbbb":1,"aaaaaaaa2bbbbbbbb":2}"#))
  }

  @Test func anEmptyKeyBecomesAnUnderscoreWithoutRepeatingOne() throws {
    let document = try BulkTestBatch().record(.map([("", 5)]), [("_", 1), ("", 2)]).document()
    #expect(document.contains(#""attributes":{"_":2}"#))
    #expect(document.hasSuffix(#""structured":{"_":5}}}"#))
  }

  @Test func charactersThatWouldBreakALineAreEscapedInKeysAndValues() throws {
    let nasty = "a\nb\"c\\d\u{0}e\u{1f}\r\tf\u{2028}é"
    let document = try BulkTestBatch().resource([(nasty, .string(nasty))]).scope(nasty, [(nasty, .string(nasty))])
      .record(.string(nasty), [(nasty, .map([(nasty, .string(nasty))]))]) { record, batch in
        record.severityText = batch.slice(nasty)
        record.eventName = batch.slice(nasty)
      }.document()
    #expect(document.contains(#""text":"a\nb\"c\\d\u0000e\u001f\r\tf"#))
  }

  @Test func aThousandAttributesAreAllThere() throws {
    let attributes: TestAttributes = (0..<1000).map { ("attribute.number.\($0)", .int(Int64($0))) }
    let document = try BulkTestBatch().record(.empty, attributes).document()
    let expected = attributes.indices.map { "\"attribute.number.\($0)\":\($0)" }.joined(separator: ",")
    #expect(document.contains("\"attributes\":{\(expected)},"))
  }

  @Test(arguments: 1...80)
  func theLastOfManyKeysIsComparedToo(_ count: Int) throws {
    var attributes: TestAttributes = (0..<count).map { ("k\($0)", .int(Int64($0))) }
    attributes.append(("k0", .string("again")))
    let document = try BulkTestBatch().record(.empty, attributes).document()
    #expect(document.contains(#""k0":"again"}"#))
    #expect(!document.contains(#""k0":0"#))
  }
}
