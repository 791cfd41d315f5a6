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

/// Fields whose values come from the metadata of the records' requests.
@Suite struct HeaderSetterMetadataTests {
  private func written(
    _ action: HeaderSetter.Action, otherwise: String? = nil, to head: HTTPHeaders, of metadata: SenderMetadata
  ) async throws -> [String] {
    let edit = HeaderSetter.Edit("X-Scope", action, .metadata(key: "tenant", otherwise: otherwise.map { Secret($0) }))
    let setter = HeaderSetter([HeaderSetter.Edit("a", .upsert, value: .given(Secret("1")))])
    var head = head
    try await HeaderSetter([edit], after: setter).write(to: &head, of: metadata, within: .seconds(1))
    return head.filter { $0.name != "a" }.map { "\($0.name)=\($0.value)" }
  }

  private let metadata = SenderMetadata([(key: "other", value: "o"), (key: "tenant", value: "acme")])

  @Test(arguments: [
    (HeaderSetter.Action.insert, ["x-scope=old"], ["x-scope=acme"]), (.update, ["x-scope=acme"], []),
    (.upsert, ["x-scope=acme"], ["x-scope=acme"]),
  ]) func eachActionDoesWhatItSays(_ action: HeaderSetter.Action, there: [String], missing: [String]) async throws {
    #expect(try await written(action, to: ["x-scope": "old"], of: metadata) == there)
    #expect(try await written(action, to: [:], of: metadata) == missing)
  }

  @Test func withoutAValueTheDefaultStands() async throws {
    #expect(try await written(.upsert, otherwise: "d", to: [:], of: SenderMetadata()) == ["x-scope=d"])
    #expect(try await written(.upsert, otherwise: "d", to: [:], of: metadata) == ["x-scope=acme"])
  }

  @Test func withoutAnyTheFieldIsLeftAsItIs() async throws {
    for action in [HeaderSetter.Action.insert, .update, .upsert] {
      #expect(try await written(action, to: ["x-scope": "old"], of: SenderMetadata()) == ["x-scope=old"])
      #expect(try await written(action, to: [:], of: SenderMetadata()) == [])
    }
  }

  /// Nothing else will be written for the same records.
  @Test func aRefusalIsNotWorthAnotherTry() {
    let edit = HeaderSetter.Edit("X-Scope", .upsert, .metadata(key: "tenant", otherwise: nil))
    #expect(!HeaderSetter([edit]).wereRefused(in: ["x-scope": "acme"]))
  }
}
