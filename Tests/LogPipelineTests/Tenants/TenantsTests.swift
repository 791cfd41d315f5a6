import Testing

@testable import LogPipeline

@Suite struct TenantsTests {
  private static let second: UInt64 = 1_000_000_000

  private func policy(
    records: Int? = nil, bytes: Int? = nil, burst: Duration = .seconds(1), _ whenIdle: TenantWhenIdle = .refuse,
    maxTenants: Int = 100
  ) -> TenantPolicy {
    var policy = TenantPolicy()
    policy.sources = [.field("x-tenant")]
    policy.quota.records = records.map { Rate(perSecond: $0, burst: burst) }
    policy.quota.bytes = bytes.map { Rate(perSecond: $0, burst: burst) }
    (policy.whenIdle, policy.maxTenants) = (whenIdle, maxTenants)
    return policy
  }

  private func head(_ name: String) -> HeadTenant { HeadTenant(name: Array(name.utf8), rank: 0) }

  /// Why a head is refused; nil if it is not.
  private func refusal(
    _ tenants: Tenants, _ name: String, bytes: Int = 0, at now: UInt64 = second, isBusy: Bool = false,
    from sender: [UInt8] = []
  ) -> TenantRefusal? {
    do throws(TenantRefusal) {
      var ask = TenantAsk(bodyBytes: bytes, now: now)
      (ask.isBusy, ask.areCoresBusy) = (isBusy, isBusy)
      _ = try tenants.admit(head(name), from: sender, ask)
      return nil
    } catch {
      return error
    }
  }

  /// Why a decoded request is refused; nil if it is not.
  private func refusal(
    _ tenants: Tenants, _ demands: [(name: String, records: Int, bytes: Int)], at now: UInt64 = second,
    isBusy: Bool = false, from sender: [UInt8] = []
  ) -> TenantRefusal? {
    var request = RequestContext(clientAddress: "", monotonicNano: now)
    (request.isBusy, request.areCoresBusy) = (isBusy, isBusy)
    request.sender = sender
    if demands.count == 1 { request.tenant = head(demands[0].name) }
    let list = demands.map { TenantDemands.Demand(name: Array($0.name.utf8), records: $0.records, bytes: $0.bytes) }
    do throws(TenantRefusal) {
      _ = try tenants.take(TenantDemands(list), of: request)
      return nil
    } catch {
      return error
    }
  }

  // MARK: Rates

  @Test func atTheQuotaARequestIsTakenAndOneRecordMoreIsNot() {
    let tenants = Tenants(policy(records: 10))
    #expect(refusal(tenants, [("a", 10, 100)]) == nil)
    let refused = refusal(tenants, [("a", 1, 10)])
    #expect(refused?.reason == .records && refused?.retryAfter == .milliseconds(100))
    #expect(refused?.message == "the tenant's quota of 10 records a second is used up: 1 more have to wait")
    #expect(refused?.tenant == Array("a".utf8) && refused?.records == 1 && refused?.bytes == 10)
    #expect(refusal(tenants, "a")?.reason == .records)
    #expect(refusal(tenants, [("b", 10, 100)]) == nil)
    #expect(refusal(tenants, [("a", 1, 10)], at: Self.second + 100_000_000) == nil)
  }

  @Test func bytesLikewise() {
    let tenants = Tenants(policy(bytes: 1000))
    #expect(refusal(tenants, [("a", 1, 900)]) == nil)
    #expect(refusal(tenants, "a", bytes: 100) == nil)
    let refused = refusal(tenants, "a", bytes: 101)
    #expect(refused?.reason == .bytes && refused?.retryAfter == .milliseconds(1))
    #expect(refusal(tenants, [("a", 1, 101)])?.message.contains("101 more have to wait") == true)
    #expect(refusal(tenants, [("a", 1, 100)], at: Self.second + 1_000_000) == nil)
  }

  /// Once a large request has been refused, smaller ones wait until it has had its chance.
  @Test func aLargeRequestIsNotStarvedBySmallOnes() {
    let tenants = Tenants(policy(records: 10))
    #expect(refusal(tenants, [("a", 5, 1)]) == nil)
    #expect(refusal(tenants, [("a", 10, 1)])?.retryAfter == .milliseconds(500))
    #expect(refusal(tenants, "a", at: Self.second + 400_000_000) != nil)
    #expect(refusal(tenants, [("a", 10, 1)], at: Self.second + 500_000_000) == nil)
  }

  @Test func overTheQuotaATenantIsTakenWhileThereIsRoomToSpare() {
    let tenants = Tenants(policy(records: 10, .admit))
    for _ in 0..<50 { #expect(refusal(tenants, [("a", 10, 10)]) == nil && refusal(tenants, "a") == nil) }
    #expect(refusal(tenants, [("a", 10, 10)], isBusy: true)?.reason == .records)
    #expect(refusal(tenants, "a", isBusy: true)?.reason == .records)
    // It has its quota again a second later, however much it had before.
    #expect(refusal(tenants, [("a", 10, 10)], at: 2 * Self.second, isBusy: true) == nil)
    #expect(refusal(tenants, [("a", 1, 1)], at: 2 * Self.second, isBusy: true)?.reason == .records)
    #expect(refusal(tenants, [("a", 1, 1)], at: 2 * Self.second) == nil)
  }

  @Test func aRequestOfSeveralTenantsIsTakenWholeOrNotAtAll() {
    let tenants = Tenants(policy(records: 10))
    #expect(refusal(tenants, [("a", 10, 1)]) == nil)
    #expect(refusal(tenants, [("b", 10, 1), ("a", 1, 1)])?.tenant == Array("a".utf8))
    #expect(refusal(tenants, [("b", 10, 1)]) == nil)
  }

  @Test func whatIsRefusedAfterAllIsGivenBack() throws {
    let tenants = Tenants(policy(records: 10))
    var request = RequestContext(clientAddress: "", monotonicNano: Self.second)
    request.tenant = head("a")
    let demands = TenantDemands([.init(name: Array("a".utf8), records: 10, bytes: 1)])
    let parts = try tenants.take(demands, of: request)
    #expect(throws: TenantRefusal.self) { try tenants.take(demands, of: request) }
    #expect(parts.list.count == 1 && parts.sender?.demand.records == 10)
    tenants.giveBack(parts)
    #expect(throws: Never.self) { try tenants.take(demands, of: request) }
  }

  @Test func aNamedTenantHasAQuotaOfItsOwn() {
    var policy = policy(records: 10)
    policy.quotas = [Array("a".utf8): TenantQuota()]
    let tenants = Tenants(policy)
    #expect(refusal(tenants, [("a", 1000, 1)]) == nil)
    #expect(refusal(tenants, [("a", 1000, 1)]) == nil)
    #expect(refusal(tenants, [("b", 10, 1)]) == nil)
    #expect(refusal(tenants, [("b", 1, 1)])?.reason == .records)
  }

  // MARK: Work

  @Test func whereTheGatewayIsBusyATenantAheadOfItsShareIsRefusedByItsHead() {
    let tenants = Tenants(policy(.admit))
    for _ in 0..<20 {
      _ = refusal(tenants, "quiet", isBusy: true)
      _ = refusal(tenants, [("quiet", 1, 1000)], isBusy: true)
      if refusal(tenants, "noisy", isBusy: true) == nil { _ = refusal(tenants, [("noisy", 1, 1 << 20)], isBusy: true) }
    }
    let refused = refusal(tenants, "noisy", isBusy: true)
    #expect(refused?.reason == .workShare && refused?.message.contains("\(1 << 20)") == true)
    #expect(refusal(tenants, "noisy") == nil)
    #expect(refusal(tenants, "quiet", isBusy: true) == nil)
  }

  /// A sender that names a new tenant each time has what one has that names always the same; a rate of each does not
  /// help it, nor does it take places from others.
  @Test(arguments: [nil, 1_000_000]) func aSenderOfManyNamesHasTheShareOfOne(rate: Int?) {
    var policy = policy(bytes: rate, .admit, maxTenants: 1000)
    policy.quotas = [Array("listed".utf8): TenantQuota()]
    let tenants = Tenants(policy)
    var (taken, takenOfListed) = (0, 0)
    for turn in 0..<2000 {
      let now = Self.second + UInt64(turn) * 1_000_000
      if refusal(tenants, "\(turn % 500)", at: now, isBusy: true, from: [1]) == nil,
        refusal(tenants, [("\(turn % 500)", 1, 64 << 10)], at: now, isBusy: true, from: [1]) == nil
      {
        taken += 1
      }
      for quiet: UInt8 in 2...4 {
        #expect(refusal(tenants, "q\(quiet)", at: now, isBusy: true, from: [quiet]) == nil)
        #expect(refusal(tenants, [("q\(quiet)", 1, 256)], at: now, isBusy: true, from: [quiet]) == nil)
      }
      // One that the configuration lists has shares of its own, whoever brings it.
      if refusal(tenants, "listed", at: now, isBusy: true, from: [1]) == nil,
        refusal(tenants, [("listed", 1, 64 << 10)], at: now, isBusy: true, from: [1]) == nil
      {
        takenOfListed += 1
      }
    }
    #expect(taken < takenOfListed + 40 && takenOfListed < taken + 40 && taken > 20, "\(taken) \(takenOfListed)")
    for _ in 0..<3 { _ = refusal(tenants, [("another", 1, 1 << 20)], at: 3 * Self.second, isBusy: true, from: [1]) }
    let refused = refusal(tenants, "one more", at: 3 * Self.second, isBusy: true, from: [1])
    #expect(refused?.reason == .workShare && refused?.message.contains("the sender is") == true, "\(refused as Any)")
  }

  @Test func whoHasARateIsNotHeldToAShareOfTheWork() {
    var policy = policy(.admit)
    policy.quotas = [Array("paid".utf8): TenantQuota()]
    policy.quotas[Array("paid".utf8)]?.records = Rate(perSecond: 1000, burst: .seconds(1))
    let tenants = Tenants(policy)
    _ = refusal(tenants, "other", isBusy: true)
    for _ in 0..<20 { #expect(refusal(tenants, [("paid", 1, 1 << 20)], isBusy: true) == nil) }
    #expect(refusal(tenants, "paid", isBusy: true) == nil)
  }

  // MARK: Bounds

  @Test func namesBeyondTheLimitShareOnePlace() {
    let tenants = Tenants(policy(records: 1, maxTenants: 100))
    for name in 0..<100_000 { _ = refusal(tenants, "\(name)") }
    #expect(tenants.count == 100)
    #expect(refusal(tenants, [("new", 1, 1)]) == nil)
    #expect(refusal(tenants, [("newer", 1, 1)])?.reason == .records)
    // Those who have had nothing lately make room a second later.
    #expect(refusal(tenants, [("newer", 1, 1)], at: 5 * Self.second) == nil)
    #expect(tenants.count <= 100)
  }

  @Test func namedTenantsAlwaysHaveAPlace() {
    var policy = policy(records: 1, maxTenants: 1)
    policy.weights = [Array("vip".utf8): 3]
    let tenants = Tenants(policy)
    #expect(refusal(tenants, [("a", 1, 1)]) == nil && refusal(tenants, [("b", 1, 1)]) == nil)
    #expect(refusal(tenants, [("vip", 1, 1)]) == nil)
    #expect(refusal(tenants, [("vip", 1, 1)]) != nil && refusal(tenants, [("c", 1, 1)]) != nil)
  }

  @Test func whatWasHadGoesOnUnderAnotherPolicy() {
    let tenants = Tenants(policy(records: 10))
    #expect(refusal(tenants, [("a", 10, 1)]) == nil)
    let next = Tenants(policy(records: 20), after: tenants)
    #expect(refusal(next, [("a", 10, 1)])?.reason == .records)
    tenants.note(.missing)
    #expect(next.refused(.missing) == 1 && next.refused(.records) == 0)
  }

  // MARK: Demands

  @Test func bytesOfABodyArePartedByTexts() throws {
    func logs(_ tenant: String, _ bodies: String...) -> Message {
      var scope = Message()
      for body in bodies { scope = scope + Message.message(2, record(body: body)) }
      let owner = resource(("tenant.id", .text(tenant)))
      return Message.message(1, Message.message(1, owner) + Message.message(2, scope))
    }
    let long = String(repeating: "x", count: 268)
    var batch = try LogBatch.decoded(request: logs("a", "1234", "1234") + logs("b", long) + logs("a", "1234"))
    var policy = TenantPolicy()
    policy.sources = [.attribute("tenant.id")]
    var request = RequestContext()
    try Tenants(policy).assign(&batch, of: &request)
    let demands = TenantDemands(batch, bodyBytes: 1000)
    #expect(demands.list.map { String(decoding: $0.name, as: UTF8.self) } == ["a", "b"])
    #expect(demands.list.map(\.records) == [3, 1])
    // 3 records of 4 + 32 bytes, and one of 268 + 32.
    #expect(demands.list.map(\.bytes) == [1000 * 108 / 408, 1000 * 300 / 408])
  }

  @Test(arguments: [(0, 0, 10, 0), (1, 3, 10, 3), (3, 3, 10, 10), (5, 3, 10, 10), (1, 2, Int.max, Int.max / 2)])
  func proportionsDoNotOverflow(part: Int, total: Int, whole: Int, expected: Int) {
    #expect(proportion(part, of: total, in: whole) == expected)
  }
}
