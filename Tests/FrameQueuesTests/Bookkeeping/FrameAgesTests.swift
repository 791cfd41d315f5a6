import Testing

@testable import FrameQueues

@Suite struct FrameAgesTests {
  @Test func theOldestFrameHeldSetsTheAge() {
    var ages = FrameAges()
    #expect(ages.oldest(at: .seconds(9)) == .zero)
    ages.appended(1, at: .seconds(10))
    ages.appended(2, at: .seconds(20))
    ages.appended(3, at: .seconds(30))
    #expect(ages.oldest(at: .seconds(40)) == .seconds(30))
    ages.acknowledged(below: 2, of: 4)
    #expect(ages.oldest(at: .seconds(40)) == .seconds(20))
    ages.acknowledged(below: 3, of: 4)
    #expect(ages.oldest(at: .seconds(40)) == .seconds(10))
    ages.acknowledged(below: 4, of: 4)
    #expect(ages.oldest(at: .seconds(40)) == .zero)
  }

  @Test func framesOfOneSecondCountAsTheFirstOfThem() {
    var ages = FrameAges()
    for frame in 1...10 as ClosedRange<UInt64> { ages.appended(frame, at: .milliseconds(Int(frame) * 100)) }
    ages.acknowledged(below: 10, of: 11)
    #expect(ages.oldest(at: .seconds(5)) == .milliseconds(4900))
  }

  /// A backlog of a day is known by a bounded number of moments, to about a hundredth of its age.
  @Test func aLongBacklogIsKnownToAboutAHundredth() {
    var ages = FrameAges()
    for second in 0..<86_400 as Range<UInt64> { ages.appended(second + 1, at: .seconds(Int(second))) }
    for low in stride(from: 1 as UInt64, to: 80_000, by: 997) {
      ages.acknowledged(below: low, of: 86_401)
      let error = ages.oldest(at: .seconds(86_400)) - .seconds(86_400 - Int(low) + 1)
      #expect(error >= .zero && error <= .seconds(864), "\(low)")
    }
  }

  @Test func bothQueuesKnowTheAgeOfWhatTheyHold() async throws {
    let rig = try DiskRig()
    let queues: [any FrameQueue] = [MemoryQueue(capacityBytes: 100), rig.queue]
    for queue in queues {
      #expect(queue.oldestAge == .zero)
      try queue.appendOne([1])
      rig.commit()
      try await Task.sleep(for: .milliseconds(20))
      #expect(queue.oldestAge >= .milliseconds(20))
      queue.acknowledge(try #require(queue.lease(maxBytes: 10)))
      #expect(queue.oldestAge == .zero)
    }
  }

  @Test func whatAnEarlierProcessLeftCountsFromTheStart() async throws {
    let rig = try DiskRig()
    try rig.queue.append([1])
    rig.commit()
    try rig.kill()
    try await Task.sleep(for: .milliseconds(20))
    #expect((.milliseconds(20) ... .seconds(60)).contains(rig.queue.oldestAge))
  }
}
