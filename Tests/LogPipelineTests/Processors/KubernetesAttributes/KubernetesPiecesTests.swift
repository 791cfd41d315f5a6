import LogPipeline
import Testing

@Suite struct KubernetesPiecesTests {
  /// The objects of a text that comes in pieces of so many bytes, then what of a list is left; or the failure.
  private func cut(_ text: String, _ form: KubernetesPieces.Form, by size: Int = .max, limit: Int = 64) -> [String] {
    var pieces = KubernetesPieces(form, maxObjectBytes: limit)
    var found: [String] = []
    var rest = Array(text.utf8)[...]
    do throws(KubernetesPieces.Failure) {
      while !rest.isEmpty {
        try pieces.take(Array(rest.prefix(size))) { json in
          found.append(String(decoding: json, as: UTF8.self))
          return true
        }
        rest = rest.dropFirst(size)
      }
    } catch {
      return found + [error.reason]
    }
    if form == .list { found += [String(decoding: pieces.frame, as: UTF8.self), "\(pieces.isComplete)"] }
    return found
  }

  @Test(arguments: 1...80) func aListIsCutHoweverItComes(_ size: Int) {
    let list = #"{"kind":"L","metadata":{"a":[1],"c":"}"},"items":[{"a":"]\"}"}, {"b":{"c":[{}]}}]}"# + "\n"
    #expect(
      cut(list, .list, by: size) == [
        #"{"a":"]\"}"}"#, #"{"b":{"c":[{}]}}"#, #"{"kind":"L","metadata":{"a":[1],"c":"}"},"items":[, ]}"# + "\n",
        "true",
      ])
  }

  @Test(arguments: 1...30) func aWatchIsCutHoweverItComes(_ size: Int) {
    let events = "{\"a\":{\"b\":\"{\"}}\n{\"c\":[1,{}]}\r\n \n{}"
    #expect(cut(events, .watch, by: size) == [#"{"a":{"b":"{"}}"#, #"{"c":[1,{}]}"#, "{}"])
  }

  @Test func aListWithoutObjectsIsComplete() {
    #expect(cut(#"{"items":[]}"#, .list) == [#"{"items":[]}"#, "true"])
    #expect(cut(#"{"items":null}"#, .list) == [#"{"items":null}"#, "true"])
    #expect(cut(#"{"items":[{"#, .list) == [#"{"items":["#, "false"])
  }

  @Test(arguments: [
    "x", "]", "}", "[]", "\"a\"", "7", #"{"a":1}x"#, "{}}", "<html>",
  ])
  func whatIsNoObjectEndsTheCutting(_ text: String) {
    #expect(cut(text, .list).last == "is no JSON object")
    #expect(cut(text, .watch).last == "is no JSON object")
  }

  @Test func aSecondListEndsTheCutting() {
    #expect(cut("{}{}", .list).last == "is no JSON object")
  }

  @Test(arguments: [1, 7, 100]) func anObjectHasTheLimitAndNoMore(_ size: Int) {
    let fits = "{\"a\":\"" + String(repeating: "x", count: 56) + "\"}"
    #expect(fits.utf8.count == 64)
    #expect(cut(fits, .watch, by: size) == [fits])
    #expect(cut("{\"items\":[\(fits)]}", .list, by: size).first == fits)
    let large = "{\"a\":\"" + String(repeating: "x", count: 57) + "\"}"
    let told = "has an object of at least 65 bytes: max_object_size is 64"
    #expect(cut(large, .watch, by: size) == [told])
    #expect(cut("{\"items\":[\(large)]}", .list, by: size).last == told)
  }

  @Test func whatIsBesideObjectsHasALimit() {
    let most = 65_536 - "{\"a\":\"\"}".utf8.count
    #expect(cut("{\"a\":\"\(String(repeating: "x", count: most))\"}", .list).last == "true")
    #expect(
      cut("{\"a\":\"\(String(repeating: "x", count: most + 1))\"}", .list).last
        == "has at least 65537 bytes beside its objects: the limit is 65536")
    // Objects that are none of a list's are part of it.
    #expect(cut("{\"a\":{\"b\":\"\(String(repeating: "x", count: most))\"}}", .list, by: 1000).count == 1)
  }

  @Test func whatAReaderRefusesEndsTheCutting() {
    var pieces = KubernetesPieces(.watch, maxObjectBytes: 64)
    #expect(throws: KubernetesPieces.Failure.self) { try pieces.take(Array("{}".utf8)) { _ in false } }
  }
}
