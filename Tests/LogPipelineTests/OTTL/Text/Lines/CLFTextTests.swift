import Testing

@testable import LogPipeline

@Suite struct CLFTextTests {
  private func shown(_ text: String, _ form: CLFText = .clf) -> String? {
    ShownFields.of(text) { form.read($0, into: &$1) }
  }

  private static let head = #"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "#
  private static let shownHead =
    "clf.remote_host: 127.0.0.1, clf.rfc931: -, clf.auth_user: frank, clf.timestamp: 10/Oct/2000:13:55:36 -0700, "

  @Test(arguments: [
    (
      #""GET /a.gif HTTP/1.0" 200 2326"#,
      "clf.request: GET /a.gif HTTP/1.0, clf.method: GET, clf.request_uri: /a.gif, clf.protocol: HTTP/1.0, clf.status: 200, clf.bytes: 2326"
    ),
    (#""-" 304 -"#, "clf.request: -, clf.status: 304"),
    (#""GET /" 400 0"#, "clf.request: GET /, clf.status: 400, clf.bytes: 0"),
    (
      #""GET /\"\x41\t HTTP/1.1" 200 1"#,
      "clf.request: GET /\"A\t HTTP/1.1, clf.method: GET, clf.request_uri: /\"A\t, clf.protocol: HTTP/1.1, clf.status: 200, clf.bytes: 1"
    ), (#""\q\x4" 200 1"#, #"clf.request: \q\x4, clf.status: 200, clf.bytes: 1"#),
  ])
  func linesAreRead(_ rest: String, _ fields: String) {
    #expect(shown(Self.head + rest) == "{\(Self.shownHead)\(fields)}")
  }

  @Test func combinedLinesHaveTwoMore() {
    let line = Self.head + #""-" 200 5 "http://x/" "a \"b\"""#
    #expect(
      shown(line, .combined)
        == "{\(Self.shownHead)clf.request: -, clf.status: 200, clf.bytes: 5, clf.referer: http://x/, clf.user_agent: a \"b\"}"
    )
    #expect(shown(line) == nil)
    #expect(shown(Self.head + #""-" 200 5"#, .combined) == nil)
  }

  @Test(arguments: [
    "", "a b c", #"a b c [d] "e" 200"#, #"a b c [d] "e" 2000 1"#, #"a b c [d] "e" xxx 1"#, #"a b c [d] "e" 200 x"#,
    #"a b c [d "e" 200 1"#,
    #"a b c [d] "e 200 1"#, #"a b c d "e" 200 1"#, #"a b c [d] "e" 200 1 "#, #"a b c [d]"e" 200 1"#,
    #"a b c [d] "e" 200 -1"#, #"a b c [d] "e\"#,
  ])
  func otherLinesAreRefused(_ text: String) {
    #expect(shown(text) == nil)
  }
}
