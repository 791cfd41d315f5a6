import Testing

@testable import LogPipeline

@Suite struct FieldTreeTests {
  @Test func readsPathsWithEscapedDots() throws {
    let timestamp = try #require(RecordFieldPath("body.timestamp"))
    #expect(timestamp.root == .body && timestamp.keys == [Array("timestamp".utf8)])
    let host = try #require(RecordFieldPath(#"attributes.host\.name"#))
    #expect(host.root == .attributes && host.keys == [Array("host.name".utf8)])
    let ip = try #require(RecordFieldPath(#"attributes.src.a\\b"#))
    #expect(ip.keys == [Array("src".utf8), Array(#"a\\b"#.utf8)])
  }

  @Test(arguments: ["", "body", "attributes", "body.", "attributes..a", "severity.text", ".body.a", "Body.a"])
  func otherTextsAreNoPaths(_ text: String) {
    #expect(RecordFieldPath(text) == nil)
  }

  @Test func findsWhatIsNamedAndWhatGoesOnBelow() {
    var tree = FieldTree()
    for path in [["a"], ["b", "c"], ["b", "d"]] { tree.insert(path.map { Array($0.utf8) }) }
    let store = Array("abcdx".utf8)
    func find(_ tree: FieldTree, _ offset: UInt32) -> (isNamed: Bool, below: FieldTree?) {
      tree.find(ByteSlice(offset: offset, count: 1), in: store.span.bytes)
    }
    #expect(find(tree, 0).isNamed && find(tree, 0).below == nil)
    #expect(!find(tree, 4).isNamed && find(tree, 4).below == nil)
    let below = find(tree, 1)
    #expect(!below.isNamed)
    #expect(below.below.map { find($0, 2).isNamed && find($0, 3).isNamed && !find($0, 0).isNamed } == true)
  }
}
