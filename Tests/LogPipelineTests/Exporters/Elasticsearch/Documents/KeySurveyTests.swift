import Testing

@testable import LogPipeline

@Suite struct KeySurveyTests {
  private func survey(_ keys: [String]) throws -> KeySurvey {
    let batch = BulkTestBatch().record(.empty, keys.map { ($0, "value") })
    let record = try #require(batch.batch.records.first)
    return KeySurvey(record.attributes, of: batch.batch.attributes, batch.batch.store.span.bytes)
  }

  @Test func ordinaryKeysAskForNothing() throws {
    let survey = try survey(["http.method", "user", "a", "bc", "event.names", "data", "location.lat"])
    #expect(!survey.mayRepeat && !survey.mayRoute && !survey.mayLocate && survey.eventName == nil)
    let empty = try self.survey([])
    #expect(!empty.mayRepeat && empty.eventName == nil)
  }

  /// A hash of eight bits only says where to compare.
  @Test func keysRepeatOnlyIfTheyAreTheSame() throws {
    for length in [1, 2, 3, 4, 7, 8, 9, 40] {
      let key = String(repeating: "k", count: length)
      #expect(try survey([key, "other", key]).mayRepeat, "\(length)")
      #expect(try !survey([key, key + "k"]).mayRepeat, "\(length)")
    }
    #expect(try !survey(["prefix-a-suffix!", "prefix-b-suffix!"]).mayRepeat)
  }

  @Test(arguments: ["", " ", "a b\t", "key\n"]) func keysThatMayBeBlankMayRepeat(_ key: String) throws {
    #expect(try survey([key]).mayRepeat)
  }

  @Test func sixtyFourKeysAreComparedAndNotOneMore() throws {
    #expect(try !survey((0..<64).map { "key\($0)" }).mayRepeat)
    #expect(try survey((0..<65).map { "key\($0)" }).mayRepeat)
  }

  @Test func keysThatSteerTheDocumentAreSeen() throws {
    #expect(try survey(["x", "data_stream.dataset"]).mayRoute)
    #expect(try survey(["elasticsearch.index"]).mayRoute && survey(["elastic.mapping.mode"]).mayRoute)
    #expect(try survey(["client.geo.location.lat"]).mayLocate && survey(["geo.location.lon"]).mayLocate)
    #expect(
      try survey(["event.name", "x", "event.name", "y"]).eventName == survey(["z", "z", "event.name"]).eventName)
  }
}
