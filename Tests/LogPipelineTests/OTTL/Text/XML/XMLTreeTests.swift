import Testing

@testable import LogPipeline

@Suite struct XMLTreeTests {
  private func rewritten(_ text: String) -> String? {
    text.withBytes { bytes in
      guard let tree = try? XMLTree(bytes) else { return nil }
      return written { _ = tree.append(0, to: &$0) }
    }
  }

  @Test(arguments: [
    ("<a/>", "<a></a>"), ("<a><b/>x</a>", "<a><b></b>x</a>"),
    ("<?xml version=\"1.0\"?>\n<a>\n  <b>1</b>\n</a>\n", "<?xml version=\"1.0\"?><a><b>1</b></a>"),
    ("<a x='1' y = \"2\"></a >", "<a x='1' y=\"2\"></a>"),
    ("<a><!-- c --><![CDATA[<x>]]></a>", "<a><!-- c --><![CDATA[<x>]]></a>"),
    ("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;&amp;</a>", "<a>&e;&amp;</a>"),
    ("<n:a n:x=\"1\"/>", "<n:a n:x=\"1\"></n:a>"), ("<ä>ö</ä>", "<ä>ö</ä>"),
    ("<a/><b/>", "<a></a><b></b>"), ("text", "text"), ("", ""), ("<a>x<b/>y</a>", "<a>x<b></b>y</a>"),
    ("<a x=\">\"/>", "<a x=\">\"></a>"),
  ])
  func documentsAreReadAndWritten(_ text: String, _ expected: String) {
    #expect(rewritten(text) == expected)
  }

  @Test(arguments: [
    "<a>", "</a>", "<a></b>", "<a", "<a x>", "<a x=1/>", "<a x=\"1/>", "<!--", "<![CDATA[", "<?x", "<!DOCTYPE", "<",
    "<1/>", "<a><b></a></b>", "< a/>",
    "<a x=\"1\"y=\"2\"", "<-a/>",
  ])
  func whatDoesNotFitTogetherIsRefused(_ text: String) {
    #expect(rewritten(text) == nil)
  }

  @Test func depthIsLimited() {
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    #expect(rewritten(nested(XMLTree.maxDepth)) != nil)
    #expect(rewritten(nested(XMLTree.maxDepth + 1)) == nil)
  }

  @Test func nodesAreLimited() {
    let most = String(repeating: "<a/>", count: XMLTree.maxNodes - 1)
    #expect(most.withBytes { (try? XMLTree($0))?.nodes.count } == XMLTree.maxNodes)
    #expect((most + "<a/>").withBytes { (try? XMLTree($0)) == nil })
  }

  @Test(arguments: [
    ("a&lt;&gt;&amp;&apos;&quot;", "a<>&'\""), ("&#65;&#x42;&#x20AC;", "AB€"), ("&nope;", "&nope;"),
    ("&#xD800;", "&#xD800;"), ("&", "&"), ("&lt", "&lt"),
    ("&#;", "&#;"), ("&#99999999999;", "&#99999999999;"), ("&;x", "&;x"),
  ])
  func referencesAreResolved(_ text: String, _ expected: String) {
    #expect(text.withBytes { part in written { XMLTree.append(decoding: part, to: &$0) } } == expected)
  }
}
