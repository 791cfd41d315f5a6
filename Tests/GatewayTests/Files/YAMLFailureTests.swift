import Gateway
import Options
import Testing

@Suite struct YAMLFailureTests {
  private func problem(_ yaml: String) -> String {
    let report = ConfigReport()
    _ = YAMLParser.parse(Array(yaml.utf8), source: "f.yaml", report: report)
    return report.errors.map(\.description).joined(separator: "\n")
      .replacing("f.yaml:", with: "").replacing(" cannot parse YAML:", with: "")
  }

  @Test(arguments: [
    ("a: \"x\nb: 1\nc: 2\n", "1:4: the quote that opens here is not closed"),
    ("a:\n  - 'x\n  - y\n", "2:5: the quote that opens here is not closed"),
    ("é: {b: \"x, c: 1}\nd: 1\n", "1:8: the quote that opens here is not closed"),
    ("a: \"x\nb: \"y\"\n", "1:4: the quote that opens here closes in line 2, column 4: is one missing?"),
    ("a:\n  b: 'x\n  c:\n    d: 'y'\n", "2:6: the quote that opens here closes in line 4, column 8: is one missing?"),
    ("a: 'it's'\n", "1:8: found text after the quote that closes here: is a quote missing, or to be doubled?"),
  ]) func aQuoteThatIsNotClosedIsPlacedWhereItOpens(_ yaml: String, _ expected: String) {
    #expect(problem(yaml) == expected)
  }

  @Test(arguments: [
    ("a: [1, 2\nb: 3", "1:4: the \"[\" that opens here is not closed: expected \",\" or \"]\" in line 2, column 2"),
    (
      "x: 1\na: {b: {c: 1}\nd: 2\n",
      "2:4: the \"{\" that opens here is not closed: expected \",\" or \"}\" in line 3, column 1"
    ),
    ("a: {b: [1, 2}\n", "1:13: expected \",\" or \"]\" for the \"[\" in column 8"),
    ("a: {b: 1 c: 2}\n", "1:11: expected \",\" or \"}\" for the \"{\" in column 4"),
  ]) func aBracketThatIsNotClosedIsPlacedWhereItOpens(_ yaml: String, _ expected: String) {
    #expect(problem(yaml) == expected)
  }

  @Test(arguments: [
    ("a:\n\tb: 1", "2:1"), ("\ta: 1", "1:1"), ("a:\n  b: 1\n\tc: 2\n", "3:1"), ("a: |\n\tx\n", "2:1"),
    ("a:\n  - b\n  \t- c: é\n", "3:3"),
  ]) func aTabIsCalledATab(_ yaml: String, _ place: String) {
    #expect(problem(yaml) == "\(place): found a tab: YAML indents with spaces")
  }

  @Test(arguments: ["@", "`", "%"]) func aCharacterOfYAMLsIsNamed(_ character: String) {
    #expect(problem("é: \(character)x") == "1:4: a value cannot start with \"\(character)\": put it in quotes")
  }

  @Test func otherProblemsAreLibyamls() {
    #expect(problem("a: b: c") == "1:5: mapping values are not allowed in this context")
  }
}
