import Foundation
import Options
import Testing

@testable import Gateway

@Suite struct ComponentContentTests {
  private func section(_ key: String, _ path: String) -> ConfigNode {
    let place = ConfigPlace(source: "f.yaml")
    let entry = ConfigNode.Entry(key: key, place: place, value: ConfigNode(.scalar(.init(path)), at: place))
    return ConfigNode(.map([entry]), at: place)
  }

  @Test func aFileThatHoldsSomethingElseIsAnotherContent() throws {
    let file = try TemporaryFile("one")
    let before = ComponentContent(section("hmac_key_file", file.path), of: .processors)
    #expect(ComponentContent(section("hmac_key_file", file.path), of: .processors) == before)
    try Data("two".utf8).write(to: URL(fileURLWithPath: file.path))
    let after = ComponentContent(section("hmac_key_file", file.path), of: .processors)
    #expect(after != before && after.says(sameAs: before))
  }

  /// They are read again by themselves.
  @Test func filesOfTLSAndOfExtensionsDoNotCount() throws {
    let file = try TemporaryFile("one")
    let kinds: [(ComponentKind, String)] = [
      (.receivers, "cert_file"), (.extensions, "token_file"), (.extensions, "file"),
    ]
    let before = kinds.map { ComponentContent(section($0.1, file.path), of: $0.0) }
    try Data("two".utf8).write(to: URL(fileURLWithPath: file.path))
    #expect(kinds.map { ComponentContent(section($0.1, file.path), of: $0.0) } == before)
  }
}
