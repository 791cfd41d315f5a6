import Files
import Foundation
import Options
import Testing

@testable import Access

@Suite struct BearerTokenTableTests {
  private let files: [String: TemporaryFile]

  init() throws { files = ["blue": try TemporaryFile(""), "red": try TemporaryFile("")] }

  private func path(_ tenant: String) -> String { files[tenant]?.path ?? "/nowhere" }

  private func write(_ text: String, _ tenant: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(tenant)), options: .atomic)
  }

  private func source(_ tenant: String) -> BearerTokenTable.Source {
    let identity = Identity(authenticator: "", tenant: tenant)
    return .init(file: path(tenant), option: "tokens.\(tenant)") { content in
      BearerTokens.tokens(in: content).map { .init(token: $0, identity: identity) }
    }
  }

  private func tenants(_ table: BearerTokenTable, _ tokens: String...) -> [String?] {
    tokens.map { table.value.identity(of: $0)?.tenant }
  }

  /// What a look at each file comes to.
  private func look(_ table: BearerTokenTable) -> [FileChange?] { table.files.map { $0.files.look() } }

  @Test func aFileThatIsBrokenKeepsNoOtherFromBeingUsed() throws {
    try write("b1", "blue")
    try write("r1", "red")
    let table = try BearerTokenTable([source("blue"), source("red")], maxCount: 9, maxFileBytes: 99)
    #expect(table.files.map(\.option) == ["tokens.blue", "tokens.red"])
    #expect(tenants(table, "b1", "r1", "x") == ["blue", "red", nil])
    try write("not ASCII: ä", "blue")
    try write("r2", "red")
    let found = look(table)
    guard case .kept? = found[0] else { return #expect(Bool(false), "\(found)") }
    #expect(found[1] == .used)
    #expect(tenants(table, "b1", "r1", "r2") == ["blue", nil, "red"])
    #expect(table.files.map(\.files.counts.failures) == [1, 0])
    try write("b2\nb3", "blue")
    #expect(look(table) == [.used, nil] && tenants(table, "b1", "b2", "b3", "r2") == [nil, "blue", "blue", "red"])
    #expect(table.value.first.reveal() == "b2")
  }

  @Test func aTokenOfAnotherFileIsNotTakenFromIt() throws {
    try write("b1", "blue")
    try write("r1", "red")
    let table = try BearerTokenTable([source("blue"), source("red")], maxCount: 3, maxFileBytes: 99)
    for text in ["b1", "r2\nb1"] {
      try write(text, "red")
      #expect(look(table)[1] == (text == "b1" ? .kept(because: "a token is another sender's too") : nil))
      #expect(tenants(table, "b1", "r1", "r2") == ["blue", "red", nil])
    }
    try write("r1\nr2\nr3", "red")
    #expect(look(table)[1] == .kept(because: "there are 4 tokens: the limit is 3 (max_tokens)"))
    try write("r2\nr3", "red")
    #expect(look(table)[1] == .used && tenants(table, "b1", "r1", "r3") == ["blue", nil, "red"])
  }

  @Test func theFirstReadingHasToBeRight() throws {
    try write("t", "blue")
    try write("t", "red")
    #expect(throws: FileReadError.self) {
      try BearerTokenTable([source("blue"), source("red")], maxCount: 9, maxFileBytes: 99)
    }
    #expect(throws: FileReadError.self) { try BearerTokenTable([source("none")], maxCount: 9, maxFileBytes: 99) }
    #expect(throws: FileReadError.self) { try BearerTokenTable([source("blue")], maxCount: 9, maxFileBytes: 0) }
  }

  @Test func aTokenThatIsGivenTwiceCountsTwice() throws {
    let sources = ["a", "a", "c"].map { token in
      BearerTokenTable.Source(file: nil, option: "tokens") { _ in
        [.init(token: Secret(token), identity: Identity(authenticator: "", tenant: "one"))]
      }
    }
    let error = #expect(throws: FileReadError.self) {
      try BearerTokenTable(sources, maxCount: 2, maxFileBytes: 99)
    }
    #expect(error?.reason == "there are 3 tokens: the limit is 2 (max_tokens)")
    let table = try BearerTokenTable(sources, maxCount: 3, maxFileBytes: 99)
    #expect(tenants(table, "a", "c", "x") == ["one", "one", nil] && table.value.first.reveal() == "a")
  }
}
