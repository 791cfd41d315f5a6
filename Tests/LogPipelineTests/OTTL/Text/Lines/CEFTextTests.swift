import Testing

@testable import LogPipeline

@Suite struct CEFTextTests {
  private func shown(_ text: String) -> String? { ShownFields.of(text) { CEFText.read($0, into: &$1) } }

  private func expected(_ version: String, _ fields: String, _ extensions: String) -> String {
    let names = ["device_vendor", "device_product", "device_version", "device_event_class_id", "name", "severity"]
    let listed = zip(names, fields.split(separator: "/")).map { "cef.\($0): \($1)" }.joined(separator: ", ")
    return "{cef.version: \(version), \(listed), cef.extensions: {\(extensions)}}"
  }

  @Test(arguments: [
    (
      "CEF:0|V|P|1.0|100|a name|10|src=10.0.0.1 dst=2.1.2.2 spt=1232", "V/P/1.0/100/a name/10",
      "src: 10.0.0.1, dst: 2.1.2.2, spt: 1232"
    ),
    ("<13>Sep 19 host CEF:0|V|P|1|2|n|3|", "V/P/1/2/n/3", ""), ("CEF:0|V|P|1|2|n|3", "V/P/1/2/n/3", ""),
    ("CEF: 0|V\\|W|P\\\\|1|2|n|3|msg=a b c act=x", "V|W/P\\/1/2/n/3", "msg: a b c, act: x"),
    (#"CEF:0|V|P|1|2|n|3|a=x\=y\\ b=1\n2\r3 c=\q"#, "V/P/1/2/n/3", "a: x=y\\, b: 1\n2\r3, c: \\q"),
    ("CEF:0|V|P|1|2|n|3|a=b=c d=e", "V/P/1/2/n/3", "a: b=c, d: e"),
    ("CEF:0|V|P|1|2|n|3|a= b=2", "V/P/1/2/n/3", "a: , b: 2"),
    ("CEF:0|V|P|1|2|n|3|cs1=a | b cs1Label=L", "V/P/1/2/n/3", "cs1: a | b, cs1Label: L"),
    ("CEF:0|V|P|1|2|n|3|no pairs here", "V/P/1/2/n/3", ""),
  ])
  func messagesAreRead(_ text: String, _ fields: String, _ extensions: String) {
    #expect(shown(text) == expected("0", fields, extensions))
  }

  @Test(arguments: [
    "", "CEF:", "CEF:0|a|b|c|d|e", "CEF:x|V|P|1|2|n|3|", "CEF:|V|P|1|2|n|3|", "no",
  ])
  func whatIsNoMessageIsRefused(_ text: String) {
    #expect(shown(text) == nil)
  }
}
