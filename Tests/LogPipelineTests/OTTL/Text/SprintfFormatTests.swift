import Testing

@testable import LogPipeline

@Suite struct SprintfFormatTests {
  @Test func formatsAreTakenApart() {
    let format = SprintfFormat(Array("a%d %% %-5.2f%".utf8))
    #expect(
      format.parts == [
        .text(0..<1), .directive(.init(verb: "d")), .text(3..<4), .text(5..<7),
        .directive(.init(verb: "f", minus: true, width: .fixed(5), precision: .fixed(2))), .noVerb,
      ])
    #expect(format.directives.count == 2)
  }

  @Test(arguments: [
    ("%+v", SprintfFormat.Directive(verb: "v", plus: true)), ("%#x", .init(verb: "x", sharp: true)),
    ("% 05d", .init(verb: "d", space: true, zero: true, width: .fixed(5))), ("%*d", .init(verb: "d", width: .argument)),
    ("%.*f", .init(verb: "f", precision: .argument)), ("%.f", .init(verb: "f", precision: .fixed(0))),
    ("%[2]d", .init(verb: "d", argument: 1)), ("%ä", .init(verb: "ä")),
    ("%99999d", .init(verb: "d", width: .fixed(4096))),
    ("%[x]d", .init(verb: "d")),
  ])
  func directivesAreRead(_ text: String, _ directive: SprintfFormat.Directive) {
    #expect(SprintfFormat(Array(text.utf8)).parts == [.directive(directive)])
  }

  @Test(arguments: ["%", "%5", "%.", "%+", "%[1]"])
  func formatsMayLackAVerb(_ text: String) {
    #expect(SprintfFormat(Array(text.utf8)).parts == [.noVerb])
  }
}
