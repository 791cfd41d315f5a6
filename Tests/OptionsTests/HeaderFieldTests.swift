import Testing

@testable import Gateway

@Suite struct HeaderFieldTests {
  @Test(arguments: [
    ("X-Scope", true), ("a!#$%&'*+-.^_`|~9", true), ("", false), ("a b", false), ("a:", false), ("ü", false),
  ])
  func aNameIsAToken(_ name: String, _ isName: Bool) {
    #expect(HeaderField.isName(name) == isName)
  }

  @Test(arguments: [
    ("", true), ("a b\tc", true), ("ü", true), ("a\n", false), ("a\r", false), ("\u{0}", false), ("\u{7F}", false),
  ])
  func aValueHasNoControlCharacters(_ value: String, _ isValue: Bool) {
    #expect(HeaderField.isValue(value) == isValue)
  }

  @Test func aReceiverRefusesHeadersThatCannotBeSent() {
    let yaml = withExporter("nop", "").replacing(
      "http: {", with: "http: {response_headers: {\"a b\": c}, cors: {allowed_headers: [\"x\\r\\nInjected: y\"]}, ")
    let path = "receivers.otlp.protocols.http"
    let found = standardProblems(yaml)
    #expect(found.count == 2)
    #expect(found.first?.hasSuffix("\(path).response_headers: \"a b\" is not the name of a header field") == true)
    #expect(found.last?.contains("\(path).cors.allowed_headers[0]: expected the name of a header field") == true)
  }

  @Test(arguments: ["elasticsearch", "victorialogs", "otlphttp", "otlp"])
  func everyExporterRefusesHeadersThatCannotBeSent(_ type: String) {
    let endpoint = type == "otlp" ? "b:4317" : "http://b"
    let options =
      "endpoint: \(endpoint)\nheaders:\n  X-Good: a\n  X-Bad: \"s3cr3t\\n\"\n  bad name: b\n  Content-Length: c"
    let path = "exporters.\(type).headers"
    #expect(
      problems(type, options) == [
        "f.yaml:7:14: \(path).X-Bad: expected text without control characters (is there a line feed at its end?)",
        "f.yaml:8:7: \(path): \"bad name\" is not the name of a header field",
        "f.yaml:9:7: \(path): \"Content-Length\" is set by the gateway itself",
      ])
  }
}
