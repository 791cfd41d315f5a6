import Testing

@testable import LogPipeline

@Suite struct XMLFieldsTests {
  @Test(arguments: [
    (
      "<log id=\"1\"><user>tom &amp; jo</user><n/> tail </log>",
      "{tag: log, attributes: {id: 1}, content: tail, children: [{tag: user, content: tom & jo}, {tag: n}]}"
    ),
    ("<n:a n:x='&lt;'/>", "{tag: a, attributes: {x: <}}"),
    ("<!-- c --><a> x <b/> y <![CDATA[<z>]]></a>", "{tag: a, content: xy<z>, children: [{tag: b}]}"),
    ("", nil), ("text", nil), ("<a>", nil),
  ])
  func elementsBecomeMaps(_ text: String, _ expected: String?) {
    #expect(ShownFields.of(text) { (try? XMLTree($0))?.addElements(to: &$1) ?? false } == expected)
  }

  @Test(arguments: [
    ("<e><id>1</id><user><name>x</name><name>y</name></user><empty/></e>", "{e: {id: 1, user: {name: [x, y]}}}"),
    ("<a x=\"1\">t</a>", "{a: t}"), ("<a><b>1</b>extra<c><![CDATA[2]]></c></a>", "{a: {b: 1, c: 2}}"),
    ("<a><b><c>1</c></b><b><c>2</c></b></a>", "{a: {b: [{c: 1}, {c: 2}]}}"), ("<a/>", "{}"), ("<a><b/></a>", "{}"),
    ("", "{}"),
    ("<a>1</a><b>2</b>", "{a: 1, b: 2}"), ("<n:a>&lt;</n:a>", "{a: <}"),
  ])
  func elementsBecomeTheirTexts(_ text: String, _ expected: String) {
    #expect(ShownFields.of(text) { (try? XMLTree($0))?.addSimplified(to: &$1) ?? false } == expected)
  }

  @Test func mapsAreNotNestedTooDeep() {
    let deep = String(repeating: "<a>", count: 100) + "x" + String(repeating: "</a>", count: 100)
    #expect(ShownFields.of(deep) { (try? XMLTree($0))?.addElements(to: &$1) ?? false } == nil)
    #expect(ShownFields.of(deep) { (try? XMLTree($0))?.addSimplified(to: &$1) ?? false } == nil)
  }
}
