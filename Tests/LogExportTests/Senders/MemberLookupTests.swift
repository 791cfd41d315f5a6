import Foundation
import LogPipeline
import Synchronization
import Testing

@testable import LogExport

@Suite struct MemberLookupTests {
  private func options(_ change: (inout MemberLookupOptions) -> Void = { _ in }) -> MemberLookupOptions {
    var options = MemberLookupOptions()
    options.hostname = "members.test"
    change(&options)
    return options
  }

  @Test func everyAddressIsAMember() async {
    let table = MemberTable()
    let lookup = MemberLookup(options { $0.port = 9 }) { _ in ["10.0.0.2", "10.0.0.1", "fd00::1", "10.0.0.1"] }
    await lookup.look(for: table)
    #expect(table.ring.members == ["10.0.0.1:9", "10.0.0.2:9", "[fd00::1]:9"] && lookup.problem == nil)
    await lookup.stop()
  }

  @Test func whatWasKnownStaysWhereNobodyAnswers() async {
    let answers = Mutex<[Result<[String], MemberLookupError>]>([
      .success(["10.0.0.1"]), .failure(MemberLookupError("away")), .success([]), .success(["10.0.0.3"]),
    ])
    let lookup = MemberLookup(options()) { _ throws(MemberLookupError) in
      try answers.withLock { $0.removeFirst() }.get()
    }
    let table = MemberTable()
    var found: [[String]] = []
    var problems: [String?] = []
    for _ in 0..<4 {
      await lookup.look(for: table)
      found.append(table.ring.members)
      problems.append(lookup.problem)
    }
    #expect(found == [["10.0.0.1:4317"], ["10.0.0.1:4317"], ["10.0.0.1:4317"], ["10.0.0.3:4317"]])
    #expect(problems == [nil, "members.test: away", "members.test: it has no addresses", nil])
    await lookup.stop()
  }

  @Test func membersHaveALimit() async {
    let count = Mutex(MemberLookup.maxMembers)
    let lookup = MemberLookup(options()) { _ in (0..<count.withLock { $0 }).map { "10.0.\($0 / 256).\($0 % 256)" } }
    let table = MemberTable()
    await lookup.look(for: table)
    #expect(table.ring.members.count == 1024)
    count.withLock { $0 = 1025 }
    table.set([])
    await lookup.look(for: table)
    #expect(table.ring.members.isEmpty)
    #expect(lookup.problem == "members.test: it has 1025 addresses: the limit is 1024")
    await lookup.stop()
  }

  @Test func anAnswerIsNotWaitedForLongerThanAsked() async {
    let lookup = MemberLookup(options { $0.timeout = .milliseconds(20) }) { _ in
      Thread.sleep(forTimeInterval: 1)
      return ["10.0.0.1"]
    }
    let table = MemberTable()
    let began = ContinuousClock.now
    await lookup.look(for: table)
    #expect(ContinuousClock.now - began < .milliseconds(900) && table.ring.members.isEmpty)
    #expect(lookup.problem?.hasPrefix("members.test: no answer within") == true)
    await lookup.stop()
  }

  @Test func theSystemKnowsThisMachine() throws {
    #expect(try MemberLookup.addresses(of: "127.0.0.1") == ["127.0.0.1"])
    #expect(try Set(MemberLookup.addresses(of: "localhost")).isSubset(of: ["127.0.0.1", "::1"]))
    #expect(throws: MemberLookupError.self) { try MemberLookup.addresses(of: "no such name.invalid") }
  }

  @Test func itIsLookedUpNowAndThen() async throws {
    let calls = Mutex(0)
    let lookup = MemberLookup(options { $0.interval = .milliseconds(5) }) { _ in
      let call = calls.withLock { calls in
        calls += 1
        return calls
      }
      return ["10.0.0.\(min(call, 3))"]
    }
    let table = MemberTable()
    lookup.start(for: table)
    for _ in 0..<2000 where table.ring.members != ["10.0.0.3:4317"] { try await Task.sleep(for: .milliseconds(5)) }
    #expect(table.ring.members == ["10.0.0.3:4317"])
    await lookup.stop()
    try await Task.sleep(for: .milliseconds(50))
    let after = calls.withLock { $0 }
    try await Task.sleep(for: .milliseconds(100))
    #expect(calls.withLock { $0 } <= after + 1)
  }
}
