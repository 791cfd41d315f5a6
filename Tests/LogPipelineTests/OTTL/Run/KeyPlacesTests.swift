import Testing

@testable import LogPipeline

@Suite struct KeyPlacesTests {
  @Test(arguments: [5, 16, 17, 300]) func keysAreFoundInMapsOfAnySize(_ count: Int) throws {
    var run = OTTLRun(OTTLCode(), request: RequestContext())
    let start = run.begin()
    for number in 0..<count {
      let key = try run.text(of: Array("key\(number)".utf8)[...])
      try run.add(key, .int(Int64(number)))
    }
    let map = run.map(from: start)
    let keys = KeyPlaces(of: map, in: run)
    for number in 0..<count {
      let key = try run.text(of: Array("key\(number)".utf8)[...])
      let (place, index) = (keys.place(of: run.bytes(key), in: map, run), run.index(of: run.bytes(key), in: map))
      #expect(place == number && index == number)
    }
    let other = try run.text(of: Array("key".utf8)[...])
    let place = keys.place(of: run.bytes(other), in: map, run)
    #expect(place == nil)
  }
}
