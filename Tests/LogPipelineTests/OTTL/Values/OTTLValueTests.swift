import Testing

@testable import LogPipeline

@Suite struct OTTLValueTests {
  @Test func aValueTakes24Bytes() {
    #expect(MemoryLayout<OTTLValue>.size == 24)
    #expect(MemoryLayout<OTTLMember>.stride == 40)
  }

  @Test func scalarsComeBackAsTheyWere() {
    #expect(OTTLValue.bool(true).boolValue && !OTTLValue.bool(false).boolValue)
    for number in [Int64.min, -1, 0, .max] {
      #expect(OTTLValue.int(number).intValue == number)
      #expect(OTTLValue.time(number).nanoseconds == number)
      #expect(OTTLValue.time(number).zone == .utc)
      #expect(OTTLValue.time(number, in: .ahead(by: -5400)).nanoseconds == number)
      #expect(OTTLValue.duration(number).nanoseconds == number)
    }
    #expect(OTTLValue.double(-0.5).doubleValue == -0.5)
    #expect(OTTLValue.spanID(.max).spanIDValue == .max)
    let id = TraceID(high: 1, low: .max)
    #expect(OTTLValue.traceID(id).traceIDValue == id)
    #expect(OTTLValue.none.isNone && !OTTLValue.int(0).isNone)
  }

  @Test(arguments: [OTTLPlace.batch, .attributes, .scratch, .program]) func placesAreKept(_ place: OTTLPlace) {
    let text = OTTLText(place: place, slice: ByteSlice(offset: .max, count: .max))
    #expect(OTTLValue.string(text).text.place == place)
    #expect(OTTLValue.bytes(text).text.slice == text.slice)
    let map = OTTLValue.map(EntryRange(start: .max, count: 3), in: place)
    #expect(map.members.place == place && map.members.range == EntryRange(start: .max, count: 3))
    #expect(map.memberCount == 3)
  }

  @Test func valuesOfABatchAreTaken() {
    let kinds: [(Value, OTTLValue.Kind)] = [
      (.empty, .none), (.bool(true), .bool), (.int(1), .int), (.double(1), .double), (.string(.empty), .string),
      (.bytes(.empty), .bytes), (.array(.empty), .list), (.map(.empty), .map),
    ]
    for (value, kind) in kinds { #expect(OTTLValue(value).kind == kind) }
  }
}
