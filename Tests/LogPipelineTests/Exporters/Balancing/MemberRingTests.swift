import Testing

@testable import LogPipeline

@Suite struct MemberRingTests {
  private let keys = (0..<10_000).map { MemberRing.key(of: Array("key \($0)".utf8)) }

  private func members(_ ring: MemberRing) -> [String] {
    keys.compactMap { ring.place(of: $0).map { ring.members[$0] } }
  }

  @Test func everyMemberGetsItsShare() {
    let ring = MemberRing((0..<10).map { "10.0.0.\($0):4317" })
    let counts = Dictionary(grouping: members(ring)) { $0 }.mapValues(\.count)
    #expect(counts.count == 10 && counts.values.allSatisfy { (850...1150).contains($0) }, "\(counts)")
  }

  @Test func theOrderOfMembersDoesNotMatter() {
    #expect(MemberRing(["b", "a", "b"]) == MemberRing(["a", "b"]) && MemberRing(["b", "a"]).members == ["a", "b"])
  }

  @Test func onlyWhatAMemberHadMovesWhenItGoes() {
    let names = (0..<5).map { "m\($0)" }
    let (before, after) = (members(MemberRing(names)), members(MemberRing(names.filter { $0 != "m2" })))
    for (old, new) in zip(before, after) where old != "m2" { #expect(old == new) }
    let moved = zip(before, after).filter { $0 == "m2" && $1 != "m2" }
    #expect(moved.count == before.count { $0 == "m2" } && Set(moved.map(\.1)).count == 4)
  }

  /// Replicas of several versions send what belongs together to the same member.
  @Test func keysAreAsFixedAsAFormat() {
    #expect(MemberRing.mix(1) == 0x4179_B061_E0C0_E0D0 && MemberRing.mix(.max) == 0x448E_29CE_D410_3459)
    #expect(MemberRing.key(of: TraceID(high: 1, low: 2)) == 0x46B5_A887_6A4D_0ED2)
    #expect(MemberRing.key(of: TraceID(high: 2, low: 1)) != MemberRing.key(of: TraceID(high: 1, low: 2)))
  }

  @Test func aMemberThatHasGoneHasAHeir() {
    let ring = MemberRing(["a", "b"])
    #expect(ring.member(for: "a") == "a")
    #expect(ring.member(for: "gone").map { ring.members.contains($0) } == true)
    #expect(MemberRing().member(for: "a") == nil && MemberRing().place(of: 1) == nil)
  }
}
