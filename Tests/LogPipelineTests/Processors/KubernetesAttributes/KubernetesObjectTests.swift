import Testing

@testable import LogPipeline

@Suite struct KubernetesObjectTests {
  @Test func whatIsWantedIsReadAndTheRestPassedOver() throws {
    let pod = try object(
      #"""
      {"kind":"Pod","metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"12","x":[{"y":"}"}],
      "creationTimestamp":"t","labels":{"l\u0031":"v\n","e":""},"annotations":null,"deletionTimestamp":"d",
      "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"r","uid":"ru","controller":true}]},
      "spec":{"nodeName":"k","hostname":"h","hostNetwork":true,"initContainers":[{"name":"i","image":"img:0"}],
      "containers":[{"name":"c","image":"img:1","env":[{"name":"c","value":"\"}"}]}]},
      "status":{"phase":"Running","startTime":"s","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],
      "containerStatuses":[{"name":"c","image":"docker.io/img:1","imageID":"repo@sha256:1",
      "containerID":"containerd://abc","state":{"terminated":{"containerID":"containerd://old"}}}]}}
      """#)
    #expect([pod.name, pod.namespace, pod.uid, pod.resourceVersion] == ["a", "n", "u", "12"])
    #expect([pod.creationTime, pod.startTime, pod.nodeName, pod.hostname] == ["t", "s", "k", "h"])
    #expect(pod.phase == "Running")
    #expect(pod.labels.map { [$0.key, $0.value] } == [["l1", "v\n"], ["e", ""]])
    #expect(pod.annotations.isEmpty)
    #expect(pod.owners.map { [$0.kind, $0.name, $0.uid] } == [["ReplicaSet", "r", "ru"]])
    #expect(pod.isOnHostNetwork)
    #expect(pod.addresses == ["10.0.0.1", "fd00::1"])
    #expect(
      pod.containers.map { [$0.name, $0.image, $0.imageID, $0.id] } == [
        ["i", "img:0", "", ""], ["c", "img:1", "repo@sha256:1", "abc"],
      ])
  }

  /// The order of members is the server's.
  @Test func theStatusMayComeBeforeTheSpec() throws {
    let pod = try object(
      #"{"status":{"containerStatuses":[{"name":"c","image":"full/img:1","imageID":"x","containerID":"plain"}]},"#
        + #""spec":{"containers":[{"name":"c","image":"img:1"}]}}"#)
    #expect(pod.containers.map { [$0.name, $0.image, $0.imageID, $0.id] } == [["c", "img:1", "x", "plain"]])
  }

  @Test(arguments: [
    "", "null", "[]", "{", #"{"metadata":7}"#, #"{"metadata":{"labels":{"a"}}}"#, #"{"metadata":{"name":"a}}"#,
    #"{"metadata":{}}{}"#, #"{"metadata":{"ownerReferences":[7]}}"#, #"{"spec":[]}"#, #"{"status":"x"}"#,
    #"{"status":{"podIPs":["10.0.0.1"]}}"#, "{\"metadata\":{\"name\":\"\\",
  ])
  func whatIsNoObjectIsRefused(_ json: String) {
    #expect(KubernetesObject(parsing: Array(json.utf8)) == nil)
  }

  @Test(arguments: [
    "{}", #"{"metadata":{"name":null,"labels":[],"ownerReferences":{}}}"#, #"{"status":{"podIP":7,"podIPs":null}}"#,
  ])
  func whatIsMissingOrOfAnotherKindIsNothing(_ json: String) throws {
    let read = try object(json)
    #expect(read.name.isEmpty && read.labels.isEmpty && read.owners.isEmpty && read.addresses.isEmpty)
  }

  @Test func listsAreBounded() throws {
    let containers = (0..<65).map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
    let owners = (0..<17).map { #"{"name":"\#($0)"}"# }.joined(separator: ",")
    let addresses = (0..<9).map { #"{"ip":"\#($0)"}"# }.joined(separator: ",")
    let pod = try object(
      #"{"metadata":{"ownerReferences":[\#(owners)]},"spec":{"containers":[\#(containers)]},"#
        + #""status":{"podIPs":[\#(addresses)]}}"#)
    #expect([pod.containers.count, pod.owners.count, pod.addresses.count] == [64, 16, 8])
  }

  /// Every cut and every changed byte of an object is refused or read, and ends.
  @Test func hostileBytesAreReadOrRefused() {
    let whole = Array(podJSON("cart", "10.0.0.1", more: #","annotations":{"a\u00e9":"\"}{"}"#).utf8)
    var read = 0
    for cut in whole.indices where KubernetesObject(parsing: Array(whole[..<cut])) != nil { read += 1 }
    #expect(read == 0)
    for index in whole.indices {
      for byte in [0, UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "]"), UInt8(ascii: "\\"), 0xFF] {
        var changed = whole
        changed[index] = byte
        if KubernetesObject(parsing: changed) != nil { read += 1 }
      }
    }
    #expect(read > 100)
  }
}
