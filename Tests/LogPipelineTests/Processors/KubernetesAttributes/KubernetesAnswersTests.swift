import LogPipeline
import Testing

@Suite struct KubernetesAnswersTests {
  @Test func aPageSaysWhereAWatchAndTheNextPageBegin() {
    let first = KubernetesListFrame(
      parsing: Array(#"{"kind":"PodList","metadata":{"continue":"ab=","resourceVersion":"7"},"items":[,,]}"#.utf8))
    #expect(first?.resourceVersion == "7")
    #expect(first?.continuation == "ab=")
    let last = KubernetesListFrame(parsing: Array(#"{"metadata":{"resourceVersion":"7","continue":null}}"#.utf8))
    #expect(last?.continuation == "")
  }

  @Test(arguments: ["", "{}", "[]", #"{"metadata":{}}"#, #"{"metadata":{"resourceVersion":""}}"#, #"{"metadata":"#])
  func whatIsNoPageIsRefused(_ json: String) {
    #expect(KubernetesListFrame(parsing: Array(json.utf8)) == nil)
  }

  private func event(_ json: String) -> String? {
    switch KubernetesEvent(parsing: Array(json.utf8)) {
    case nil: nil
    case .put(let object): "put \(object.resourceVersion)"
    case .delete(let object): "delete \(object.resourceVersion)"
    case .bookmark(let version): "bookmark \(version)"
    case .failure(let status): "failure \(status.code) \(status.message)"
    }
  }

  @Test func eventsAreWhatTheySay() {
    let object = #""object":{"metadata":{"name":"a","resourceVersion":"9"}}"#
    #expect(event(#"{"type":"ADDED",\#(object)}"#) == "put 9")
    #expect(event(#"{\#(object),"type":"MODIFIED"}"#) == "put 9")
    #expect(event(#"{"type":"DELETED",\#(object)}"#) == "delete 9")
    #expect(event(#"{"type":"BOOKMARK",\#(object)}"#) == "bookmark 9")
    #expect(
      event(#"{"type":"ERROR","object":{"kind":"Status","metadata":{},"status":"Failure","message":"old","code":410}}"#)
        == "failure 410 old")
  }

  @Test(arguments: [
    "{}", #"{"type":"ADDED"}"#, #"{"type":"ADDED","object":7}"#, #"{"type":"NEW","object":{}}"#, #"{"object":{}}"#,
    #"{"type":7,"object":{}}"#, #"{"type":"ERROR","object":{"code":"x"}}"#, #"{"type":"ERROR","object":[]}"#,
  ])
  func whatIsNoEventIsRefused(_ json: String) {
    #expect(event(json) == nil)
  }

  @Test func aStatusIsCutShort() throws {
    let long = String(repeating: "a", count: 1100)
    let status = try #require(KubernetesStatus(parsing: Array(#"{"code":403,"message":"\#(long)"}"#.utf8)))
    #expect(status.message.utf8.count == 1024)
    #expect(KubernetesStatus(parsing: Array("<html>".utf8)) == nil)
  }
}
