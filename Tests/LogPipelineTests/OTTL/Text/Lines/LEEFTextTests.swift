import Testing

@testable import LogPipeline

@Suite struct LEEFTextTests {
  private func shown(_ text: String) -> String? { ShownFields.of(text) { LEEFText.read($0, into: &$1) } }

  private func expected(_ version: String, _ attributes: String) -> String {
    "{leef.version: \(version), leef.vendor: V, leef.product.name: P, leef.product.version: 1, leef.event.id: 9, leef.attributes: {\(attributes)}}"
  }

  @Test(arguments: [
    ("LEEF:1.0|V|P|1|9|src=1.1.1.1\tdst=2.2.2.2", "1.0", "src: 1.1.1.1, dst: 2.2.2.2"),
    ("<1>x LEEF:1.0|V|P|1|9", "1.0", ""), ("LEEF:1.0|V|P|1|9|a=b|c\tnone\t=x\td= y ", "1.0", "a: b|c, d:  y "),
    ("LEEF:2.0|V|P|1|9|^|a=1^b=2", "2.0", "a: 1, b: 2"), ("LEEF:2.0|V|P|1|9|0x7C|a=1|b=2", "2.0", "a: 1, b: 2"),
    ("LEEF:2.0|V|P|1|9||a=1\tb=2", "2.0", "a: 1, b: 2"), ("LEEF:2.0|V|P|1|9|a=1\tb=2", "2.0", "a: 1, b: 2"),
    ("LEEF:2.0|V|P|1|9|x09|a=1", "2.0", nil), ("LEEF:2.0|V|P|1|9|", "2.0", ""),
  ])
  func messagesAreRead(_ text: String, _ version: String, _ attributes: String?) {
    #expect(shown(text) == attributes.map { expected(version, $0) })
  }

  @Test(arguments: [
    "", "LEEF:", "LEEF:3.0|V|P|1|9|", "LEEF:1.0|V|P|1", "LEEF:2.0|V|P|1|9", "LEEF:2.0|V|P|1|9|0xZZ|a=1", "x",
  ])
  func whatIsNoMessageIsRefused(_ text: String) {
    #expect(shown(text) == nil)
  }
}
