import Testing

@testable import LogPipeline

@Suite struct XPathTests {
  private static let document = """
    <a><b id="1">x</b><b id="2"><c>y</c>z</b><d e="f"><b>w</b><!--n--></d><g>&lt;</g></a>
    """

  /// What is found, nodes first, with `|` between.
  private func found(_ path: String, in document: String = document) throws -> String {
    let path = try XPath(Array(path.utf8))
    return document.withBytes { bytes in
      guard let tree = try? XMLTree(bytes) else { return "refused" }
      let found = path.find(in: tree)
      let nodes = found.nodes.map { node in written { _ = tree.append(node, to: &$0) } }
      let attributes = found.attributes.map { String(decoding: bytes.part(tree.attributes[$0].value), as: UTF8.self) }
      return (nodes + attributes).joined(separator: "|")
    }
  }

  @Test(arguments: [
    ("/a/b", #"<b id="1">x</b>|<b id="2"><c>y</c>z</b>"#),
    ("//b", #"<b id="1">x</b>|<b id="2"><c>y</c>z</b>|<b>w</b>"#), ("/b", ""),
    ("/a/b[1]", #"<b id="1">x</b>"#), ("/a/b[last()]", #"<b id="2"><c>y</c>z</b>"#),
    ("//b[1]", #"<b id="1">x</b>|<b>w</b>"#), ("/a/b[3]", ""),
    ("/a/b[@id='2']", #"<b id="2"><c>y</c>z</b>"#), ("/a/b[@id]", #"<b id="1">x</b>|<b id="2"><c>y</c>z</b>"#),
    ("//*[@e]/b", "<b>w</b>"),
    ("/a/b[c]", #"<b id="2"><c>y</c>z</b>"#), ("/a/b[c='y']/@id", "2"), ("/a/b[c=\"n\"]", ""),
    ("/a/b[text()='x']", #"<b id="1">x</b>"#),
    ("//@id", "1|2"), ("//@*", "1|2|f"), ("/a/d/@e", "f"), ("/a/*/c", "<c>y</c>"), ("//c/text()", "y"),
    ("/a//text()", "x|y|z|w|&lt;"),
    ("//comment()", "<!--n-->"), ("/a/d/node()", "<b>w</b>|<!--n-->"), ("//c | //d/b", "<c>y</c>|<b>w</b>"),
    ("//c|//c", "<c>y</c>"),
    ("//a[g='<']/g", "<g>&lt;</g>"), ("/a/b[2][@id='2']/c", "<c>y</c>"), ("/a/b[@id='1'][2]", ""),
    ("//d//b", "<b>w</b>"), ("//x", ""),
  ])
  func nodesAreFound(_ path: String, _ expected: String) throws {
    #expect(try found(path) == expected)
  }

  @Test func theDocumentIsFound() throws {
    #expect(try found("/") == Self.document.trimmingSuffix)
    #expect(try found("//n:x", in: "<r><n:x>1</n:x><x>2</x></r>") == "<n:x>1</n:x>")
  }

  @Test func nodesInsideEachOtherAreFoundOnce() throws {
    #expect(try found("//a//b", in: "<a><a><b/></a></a>") == "<b></b>")
    #expect(try found("//a/a", in: "<a><a><a/></a></a>") == "<a><a></a></a>|<a></a>")
  }

  @Test(arguments: [
    "", "a", "a/b", "/a[", "/a[]", "/a[0]", "/a[b", "/a[@x=1]", "/a/", "/a/..", "/a/.", "/a[position()=1]",
    "count(//a)", "//a[b and c]", "/a/@b/c",
    "/child::a", "/a b", "/a[b='x]", "//", "/a | ", "/a[9999999]", "/a[contains(b,'x')]",
    "/" + String(repeating: "a", count: 1024),
  ])
  func whatIsNotKnownIsRefused(_ path: String) {
    #expect(throws: TextFormatError.self) { try XPath(Array(path.utf8)) }
  }

  @Test(arguments: [
    ("/some/part/", "has no name where one is expected, found the end of the path"),
    ("/a[./b/@c='d']", #"has no name where one is expected, found "./b/@c='d']": ./ is not known here"#),
    ("//*[contains(text(), 'x')]", "uses contains, which is not known here: tests are by position, presence or value"),
    ("/a[b and c]", #"has a test that is not known here, found "and c]": tests are by position, presence or value"#),
    ("a/b", #"does not begin with /, found "a/b""#),
  ])
  func messagesSayWhatStandsThere(_ path: String, _ message: String) {
    let error = #expect(throws: TextFormatError.self) { try XPath(Array(path.utf8)) }
    #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
  }

  @Test func deepPathsTakeLinearTime() throws {
    let path = try XPath(Array("//a//a//b[c='x']".utf8))
    func time(_ count: Int) -> Duration {
      let text = String(repeating: "<a><a><b><c>x</c></b></a></a>", count: count)
      return bestTime { text.withBytes { bytes in if let tree = try? XMLTree(bytes) { _ = path.find(in: tree) } } }
    }
    #expect(time(16_000) < time(500) * 32 * 6 + .milliseconds(5))
  }
}

extension String {
  fileprivate var trimmingSuffix: String { hasSuffix("\n") ? String(dropLast()) : self }
}
