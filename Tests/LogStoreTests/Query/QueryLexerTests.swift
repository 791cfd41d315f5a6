import Testing

@testable import LogStore

@Suite struct QueryLexerTests {
  private func shown(_ query: String) throws -> [String] {
    try QueryLexer.tokens(of: query).map { token in
      let kind =
        switch token.kind {
        case .word(let isPrefix): isPrefix ? "word*" : "word"
        case .quoted(let isPrefix): isPrefix ? "quoted*" : "quoted"
        case .sign: "sign"
        case .end: "end"
        }
      return "\(token.offset)\(token.isJoined ? "+" : "") \(kind) \(token.text)"
    }
  }

  private static let cut: [(String, [String])] = [
    ("a:b", ["0 word a", "1+ sign :", "2+ word b", "3+ end "]), (" x ", ["1 word x", "3 end "]),
    ("a-b -c", ["0 word a-b", "4 sign -", "5+ word c", "6+ end "]),
    ("k>=5", ["0 word k", "1+ sign >=", "3+ word 5", "4+ end "]),
    ("er* \"a b\"*", ["0 word* er", "4 quoted* a b", "10+ end "]), ("'it\\'s'", ["0 quoted it's", "7+ end "]),
    ("\"\\n\\t\\\\\\d\"", ["0 quoted \n\t\\\\d", "10+ end "]), ("`\\n`", ["0 quoted \\n", "4+ end "]),
    ("支付 x", ["0 word 支付", "3 word x", "4+ end "]), ("a/b.c_d+e@f#g%", ["0 word a/b.c_d+e@f#g%", "14+ end "]),
  ]

  @Test(arguments: cut) func textIsCut(_ query: String, _ tokens: [String]) throws {
    #expect(try shown(query) == tokens)
  }

  @Test func aQuoteWithoutEndIsShownAtItsStart() {
    #expect(throws: QueryError(message: "the quote ' has no end", query: "a 'b\\'", offset: 2)) { try shown("a 'b\\'") }
  }
}
