import Access
import NIOHTTP1
import Options
import Testing

@Suite struct HeaderSetterTests {
  private func edit(_ name: String, _ action: HeaderSetter.Action, _ value: String? = nil) -> HeaderSetter.Edit {
    HeaderSetter.Edit(name, action, value: value.map { .given(Secret($0)) })
  }

  private func written(
    _ edits: [HeaderSetter.Edit], to head: HTTPHeaders, after additional: (any RequestCredentials)? = nil
  ) async throws -> [String] {
    var head = head
    try await HeaderSetter(edits, after: additional).write(to: &head, within: .seconds(1))
    return head.map { "\($0.name)=\($0.value)" }.sorted()
  }

  @Test(arguments: [
    (HeaderSetter.Action.insert, ["x=1"], ["x=v"]), (.update, ["x=v"], []), (.upsert, ["x=v"], ["x=v"]),
    (.delete, [], []),
  ]) func eachActionDoesWhatItSays(_ action: HeaderSetter.Action, there: [String], missing: [String]) async throws {
    let edits = [edit("X", action, "v")]
    #expect(try await written(edits, to: ["x": "1"]) == there)
    #expect(try await written(edits, to: [:]) == missing)
  }

  @Test func theyAreDoneInTheirOrderAfterOtherCredentials() async throws {
    let bearer = FieldCredentials("Authorization") { "Bearer t" }
    let edits = [edit("authorization", .insert, "no"), edit("a", .upsert, "1"), edit("a", .delete)]
    #expect(try await written(edits, to: [:], after: bearer) == ["authorization=Bearer t"])
  }

  @Test func aRefusalIsWorthAnotherTryOnlyIfSomethingElseIsWritten() {
    let setter = HeaderSetter([edit("a", .upsert, "1")])
    #expect(!setter.wereRefused(in: ["a": "1", "b": "2"]))
    #expect(setter.wereRefused(in: ["a": "0"]))
    let chained = HeaderSetter([edit("a", .insert, "1")], after: FieldCredentials("authorization") { "new" })
    #expect(chained.wereRefused(in: ["authorization": "old"]))
    #expect(!chained.wereRefused(in: ["authorization": "new", "a": "x"]))
  }
}
