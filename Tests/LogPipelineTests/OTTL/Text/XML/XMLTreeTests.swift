import Testing

@testable import LogPipeline

@Suite struct XMLTreeTests {
  private func rewritten(_ text: String) -> String? {
    text.withBytes { bytes in
      guard let tree = XMLTree(bytes) else { return nil }
      return written { _ = tree.append(0, to: &$0) }
    }
  }

  @Test(arguments: [
    ("<a/>", "<a></a>"), ("<a><b/>x</a>", "<a><b></b>x</a>"), ("<?xml version=\"1.0\"?>\n<a>\n  <b>1</b>\n</a>\n", "<?xml version=\"1.0\"?><a><b>1</b></a>"),
    ("<a x='1' y = \"2\"></a >", "<a x='1' y=\"2\"></a>"), ("<a><!-- c --><![CDATA[<x>]]></a>", "<a><!-- c --><![CDATA[<x>]]></a>"),
    ("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;&amp;</a>", "<a>&e;&amp;</a>"), ("<n:a n:x=\"1\"/>", "<n:a n:x=\"1\"></n:a>"), ("<ä>ö</ä>", "<ä>ö</ä>"),
    ("<a/><b/>", "<a></a><b></b>"), ("text", "text"), ("", ""), ("<a>x<b/>y</a>", "<a>x<b></b>y</a>"), ("<a x=\">\"/>", "<a x=\">\"></a>"),
  ])
  func documentsAreReadAndWritten(_ text: String, _ expected: String) {
    #expect(rewritten(text) == expected)
  }

  @Test(arguments: [
    "<a>", "</a>", "<a></b>", "<a", "<a x>", "<a x=1/>", "<a x=\"1/>", "<!--", "<![CDATA[", "<?x", "<!DOCTYPE", "<", "<1/>", "<a><b></a></b>", "< a/>",
    "<a x=\"1\"y=\"2\"", "<-a/>",
  ])
  func whatDoesNotFitTogetherIsRefused(_ text: String) {
    #expect(rewritten(text) == nil)
  }

  @Test func depthIsLimited() {
    func nested(_ depth: Int) -> String { String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth) }
    #expect(rewritten(nested(XMLTree.maxDepth)) != nil)
    #expect(rewritten(nested(XMLTree.maxDepth + 1)) == nil)
  }

  @Test func nodesAreLimited() {
    let most = String(repeating: "<a/>", count: XMLTree.maxNodes - 1)
    #expect(most.withBytes { XMLTree($0)?.nodes.count } == XMLTree.maxNodes)
    #expect((most + "<a/>").withBytes { XMLTree($0) == nil })
  }

  @Test(arguments: [
    ("a&lt;&gt;&amp;&apos;&quot;", "a<>&'\""), ("&#65;&#x42;&#x20AC;", "AB€"), ("&nope;", "&nope;"), ("&#xD800;", "&#xD800;"), ("&", "&"), ("&lt", "&lt"),
    ("&#;", "&#;"), ("&#99999999999;", "&#99999999999;"), ("&;x", "&;x"),
  ])
  func referencesAreResolved(_ text: String, _ expected: String) {
    #expect(text.withBytes { part in written { XMLTree.append(decoding: part, to: &$0) } } == expected)
  }

  @Test(arguments: [
    ("<log id=\"1\"><user>tom &amp; jo</user><n/> tail </log>",
      "{tag: log, attributes: {id: 1}, content: tail, children: [{tag: user, content: tom & jo}, {tag: n}]}"),
    ("<n:a n:x='&lt;'/>", "{tag: a, attributes: {x: <}}"), ("<!-- c --><a> x <b/> y <![CDATA[<z>]]></a>", "{tag: a, content: xy<z>, children: [{tag: b}]}"),
    ("", nil), ("text", nil), ("<a>", nil),
  ])
  func elementsBecomeMaps(_ text: String, _ expected: String?) {
    #expect(ShownFields.of(text) { XMLTree($0)?.addElements(to: &$1) ?? false } == expected)
  }

  @Test(arguments: [
    ("<e><id>1</id><user><name>x</name><name>y</name></user><empty/></e>", "{e: {id: 1, user: {name: [x, y]}}}"),
    ("<a x=\"1\">t</a>", "{a: t}"), ("<a><b>1</b>extra<c><![CDATA[2]]></c></a>", "{a: {b: 1, c: 2}}"),
    ("<a><b><c>1</c></b><b><c>2</c></b></a>", "{a: {b: [{c: 1}, {c: 2}]}}"), ("<a/>", "{}"), ("<a><b/></a>", "{}"), ("", "{}"),
    ("<a>1</a><b>2</b>", "{a: 1, b: 2}"), ("<n:a>&lt;</n:a>", "{a: <}"),
  ])
  func elementsBecomeTheirTexts(_ text: String, _ expected: String) {
    #expect(ShownFields.of(text) { XMLTree($0)?.addSimplified(to: &$1) ?? false } == expected)
  }

  @Test func mapsAreNotNestedTooDeep() {
    let deep = String(repeating: "<a>", count: 100) + "x" + String(repeating: "</a>", count: 100)
    #expect(ShownFields.of(deep) { XMLTree($0)?.addElements(to: &$1) ?? false } == nil)
    #expect(ShownFields.of(deep) { XMLTree($0)?.addSimplified(to: &$1) ?? false } == nil)
  }
}
