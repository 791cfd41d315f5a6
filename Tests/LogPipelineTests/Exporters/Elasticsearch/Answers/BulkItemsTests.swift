import Testing

@testable import LogPipeline

@Suite struct BulkItemsTests {
  private func read(_ text: String, maxItems: Int = 4) -> (items: BulkItems, isWhole: Bool) {
    var items = BulkItems(maxItems: maxItems)
    let isWhole = items.read(Array(text.utf8))
    return (items, isWhole)
  }

  private func item(_ text: String) throws -> BulkItems.Item {
    let (items, isWhole) = read(#"{"items":[\#(text)]}"#)
    #expect(isWhole && items.count == 1)
    return try #require(items.notable.first)
  }

  private static let stored = #"{"create":{"status":201}}"#

  @Test func whatWasStoredIsCountedAndNotKept() {
    let (items, isWhole) = read(#"{"took":3,"errors":false,"items":[\#(Self.stored),\#(Self.stored)]}"#)
    #expect(isWhole && items.count == 2 && items.ownCount == 2 && items.notable.isEmpty)
    #expect(items.errors == false && items.hasItems)
  }

  @Test func whatSaysMoreIsKeptWithItsPosition() {
    let rejected = #"{"create":{"status":400,"error":{"type":"t","reason":"r"}}}"#
    let aside = #"{"create":{"status":201,"failure_store":"used"}}"#
    let (items, isWhole) = read(#"{"items":[\#(Self.stored),\#(rejected),\#(aside)],"errors":true}"#)
    #expect(isWhole && items.errors == true && items.ownCount == 3)
    #expect(items.notable.map(\.position) == [1, 2])
    #expect(items.notable.map(\.isStored) == [false, true])
    #expect(items.notable.map(\.failureStore) == [.unused, .used])
    #expect(items.notable.first?.reason == "t: r")
  }

  @Test func readingStopsAtOneItemMoreThanThereMayBe() {
    let many = Array(repeating: Self.stored, count: 100).joined(separator: ",")
    let (items, isWhole) = read(#"{"items":[\#(many)]}"#, maxItems: 4)
    #expect(!isWhole && items.count == 5)
    let asMany = Array(repeating: Self.stored, count: 4).joined(separator: ",")
    #expect(read(#"{"items":[\#(asMany)]}"#, maxItems: 4).isWhole)
  }

  @Test(arguments: [
    "", "[]", "null", "{", #"{"items":{}}"#, #"{"items":[1]}"#, #"{"items":[]} x"#, #"{"items":[],"items":[]}"#,
    #"{"errors":"false"}"#, #"{"errors":1}"#, #"{"items":[{"create":[]}]}"#,
  ])
  func whatIsNoAnswerIsNotWhole(text: String) {
    #expect(!read(text).isWhole)
  }

  /// What was read before a fault stays, and nothing is made up.
  @Test func anAnswerCutAnywhereHasNoMoreItems() {
    let whole = #"{"errors":false,"items":[\#(Self.stored),\#(Self.stored)]}"#
    for count in 0..<whole.utf8.count {
      let (items, isWhole) = read(String(whole.prefix(count)))
      #expect(!isWhole && items.count <= 2 && items.ownCount == items.count)
    }
  }

  @Test func theFailureStoreMayStandInTheError() throws {
    let inside = #"{"create":{"status":400,"error":{"type":"t","failure_store":"failed"}}}"#
    #expect(try item(inside).failureStore == .failed)
    for other in [#""not_enabled""#, #""not_applicable_or_unknown""#, "null", "[1]", #""usedusedusedusedused""#] {
      #expect(try item(#"{"create":{"status":400,"failure_store":\#(other)}}"#).failureStore == .unused)
    }
  }

  @Test func anItemIsOwnIfItAnswersOneCreate() throws {
    #expect(try item(#"{"create":{"status":400}}"#).isOwn)
    #expect(try item(#"{"create":{"status":599}}"#).isOwn)
    #expect(try item(#"{"create":{"error":{"type":"t"}}}"#).isOwn)
    for other in [
      #"{"create":{"status":600}}"#, #"{"create":{"status":399}}"#, #"{"index":{"status":400}}"#, "{}",
      #"{"create":{"error":{"reason":"r"}}}"#, #"{"create":{"status":400,"status":400}}"#,
      #"{"create":{"status":400.0}}"#, #"{"create":{"status":400},"index":{"status":400}}"#,
    ] {
      #expect(try !item(other).isOwn, "\(other)")
    }
  }

  @Test func aReasonHasItsTypeBeforeTheColonOnlyIfThatIsAName() throws {
    let texts = [
      (#"{"type":"a_type","reason":"why"}"#, "a_type: why"), (#"{"type":"a_type"}"#, "a_type"),
      (#"{"type":"A type","reason":"why"}"#, "error of no known type: A type why"),
      (#""text""#, "error of no known type: text"), ("{}", "error of no known type"), ("null", "item status 400"),
    ]
    for (error, reason) in texts {
      #expect(try item(#"{"create":{"status":400,"error":\#(error)}}"#).reason == reason)
    }
    let long = String(repeating: "é", count: 5000)
    let cut = try item(#"{"create":{"status":400,"error":{"type":"t","reason":"\#(long)"}}}"#).reason
    #expect(cut.utf8.count <= BulkAnswer.maxReasonBytes && cut.hasPrefix("t: éé"))
  }
}
