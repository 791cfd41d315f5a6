import Testing

@testable import LogPipeline

@Suite struct OTTLXMLFunctionTests {
  private static let document = #"<a x="1"><b y="2">t</b><b/>u<c>v</c></a>"#

  @Test(arguments: [
    (#"GetXML(body, "/a/b")"#, #"'<b y="2">t</b><b></b>'"#), (#"GetXML(body, "//@y")"#, "'2'"),
    (#"GetXML(body, "/a/c/text()")"#, "'v'"), (#"GetXML(body, "/x")"#, "''"),
    (#"RemoveXML(body, "/a/b")"#, #"'<a x="1">u<c>v</c></a>'"#),
    (#"RemoveXML(body, "//@*")"#, "'<a><b>t</b><b></b>u<c>v</c></a>'"),
    (#"RemoveXML(body, "//b | //c")"#, #"'<a x="1">u</a>'"#),
    (#"InsertXML(body, "/a", "<n/>")"#, #"'<a x="1"><b y="2">t</b><b></b>u<c>v</c><n/></a>'"#),
    (#"InsertXML(body, "//b", "<n>1</n>")"#, #"'<a x="1"><b y="2">t<n>1</n></b><b><n>1</n></b>u<c>v</c></a>'"#),
    (#"InsertXML(body, "//@x", "<n/>")"#, "!badText"), (#"InsertXML(body, "/a", "<n>")"#, "!badText"),
    (#"InsertXML(body, "/a/text()", "<n/>")"#, "!badText"),
    (#"ConvertAttributesToElementsXML(body)"#, "'<a><b>t<y>2</y></b><b></b>u<c>v</c><x>1</x></a>'"),
    (#"ConvertAttributesToElementsXML(body, "/a/@x")"#, #"'<a><b y="2">t</b><b></b>u<c>v</c><x>1</x></a>'"#),
    (#"ConvertTextToElementsXML(body)"#, #"'<a x="1"><b y="2">t</b><b></b><value>u</value><c>v</c></a>'"#),
    (#"ConvertTextToElementsXML(body, "/a", "w")"#, #"'<a x="1"><b y="2">t</b><b></b><w>u</w><c>v</c></a>'"#),
    (#"ConvertTextToElementsXML(body, "/a/c")"#, #"'<a x="1"><b y="2">t</b><b></b>u<c>v</c></a>'"#),
    (#"GetXML(attributes["i"], "/a")"#, "!wrongType"), (#"GetXML("<a>", "/a")"#, "!badText"),
    (#"GetXML(Concat([body, "<z/>"], ""), "/z")"#, "'<z></z>'"),
    (#"InsertXML(body, "/a", attributes["none"])"#, "!nothing"),
  ])
  func documentsAreEdited(_ expression: String, _ expected: String) throws {
    #expect(try OTTLOutcome.of(expression, body: Self.document) == expected)
  }

  @Test(arguments: [
    (#"set(body, GetXML(body, "a["))"#, "/"), (#"set(body, RemoveXML(body, "//a[b and c]"))"#, "not known"),
    (#"set(body, GetXML(body, body))"#, "constant"),
  ])
  func problemsAreFoundAtLoad(_ statement: String, _ part: String) throws {
    let problem = try #require(try OTTLTesting.problem(statement))
    #expect(problem.contains(part), "\(problem)")
  }

  @Test func documentsGetNoLargerThanTheLimit() throws {
    let body = "<r>" + String(repeating: "<b/>", count: 20_000) + "</r>"
    let inserted = "<n>" + String(repeating: "x", count: 2_000) + "</n>"
    #expect(try OTTLOutcome.of(#"InsertXML(body, "//b", "\#(inserted)")"#, body: body) == "!noRoom")
  }
}
