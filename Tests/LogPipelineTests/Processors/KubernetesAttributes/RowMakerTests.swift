import Testing

@testable import LogPipeline

@Suite struct RowMakerTests {
  @Test func timesAreNumbersThatGrow() {
    #expect(RowMaker.number(ofTime: "2026-01-31T09:00:00Z") == 20_260_131_090_000)
    #expect(RowMaker.number(ofTime: "2026-01-31T09:00:00.5Z") == 20_260_131_090_000)
    for odd in ["", "yesterday", "2026-01-31", "99999999999999999999999"] { #expect(RowMaker.number(ofTime: odd) == 0) }
  }

  @Test func formsAreKeptOnce() throws {
    let maker = try Cluster(
      """
      pod_association:
        - sources: [{from: connection}]
        - sources: [{from: resource_attribute, name: k8s.pod.ip}]
        - sources: [{from: resource_attribute, name: k8s.pod.uid}]
      """
    ).store.maker
    #expect(maker.forms == [[.address], [.uid]])
    #expect(try Cluster().store.maker.forms == [[.address]])
  }

  @Test func aPodHasAKeyForEachOfItsAddressesAndContainers() throws {
    let maker = try Cluster(
      """
      pod_association:
        - sources: [{from: connection}, {from: resource_attribute, name: container.id}]
      """
    ).store.maker
    let containers = (0..<40).map { #"{"name":"\#($0)","containerID":"x://\#($0)"}"# }.joined(separator: ",")
    let pod = try object(
      #"{"status":{"podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],"containerStatuses":[\#(containers)]}}"#)
    let keys = maker.row(of: pod, .pod) { _ in nil }.keys
    #expect(keys.count == 64)
    #expect(Set(keys).count == 64)
    #expect(keys.first == TableKey(KeySpace.pods(0), "10.0.0.1", "0"))
  }

  @Test func whatAPodDoesNotSayIsNoKey() throws {
    let maker = try Cluster(
      """
      pod_association:
        - sources: [{from: resource_attribute, name: k8s.pod.uid}, {from: resource_attribute, name: other}]
      """
    ).store.maker
    let pod = try object(podJSON("cart", "10.0.0.1"))
    #expect(maker.row(of: pod, .pod) { _ in nil }.keys.isEmpty)
  }

  @Test func valuesThatRunTogetherAreOtherKeys() {
    #expect(TableKey(1, "ab", "c") != TableKey(1, "a", "bc"))
    #expect(TableKey(1, "a") != TableKey(2, "a"))
    #expect(TableKey(1, "a") == TableKey(1, "a"))
  }

  @Test func thereIsALimitOfNames() {
    var table = KubernetesTable()
    for number in 0..<KubernetesTable.maxNames { #expect(table.number(of: "\(number)") == UInt16(number)) }
    #expect(table.number(of: "more") == nil)
    #expect(table.number(of: "7") == 7)
  }
}
