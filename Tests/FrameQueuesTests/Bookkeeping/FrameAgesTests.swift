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

  @Test func framesOfTenMillisecondsCountAsTheFirstOfThem() {
    var ages = FrameAges()
    for frame in 1...10 as ClosedRange<UInt64> { ages.appended(frame, at: .milliseconds(Int(frame))) }
    ages.appended(11, at: .milliseconds(11))
    ages.acknowledged(below: 10, of: 12)
    #expect(ages.oldest(at: .milliseconds(50)) == .milliseconds(49))
    #expect(ages.time(of: 10) == .milliseconds(1) && ages.time(of: 11) == .milliseconds(11))
    ages.acknowledged(below: 11, of: 12)
    #expect(ages.oldest(at: .milliseconds(50)) == .milliseconds(39))
    #expect(ages.time(of: 10) == nil)
  }

  /// After a backlog moments are as close together again as before it.
  @Test func whatComesAfterALongBacklogIsKnownAsWell() {
    var ages = FrameAges()
    for second in 0..<3600 as Range<UInt64> { ages.appended(second + 1, at: .seconds(Int(second))) }
    for low in 3590..<3600 as Range<UInt64> { ages.acknowledged(below: low, of: 3601) }
    var frame: UInt64 = 3601
    for step in 1...100 {
      ages.appended(frame, at: .seconds(3600) + .milliseconds(10 * step))
      frame += 1
      ages.acknowledged(below: frame - 2, of: frame)
    }
    #expect(ages.time(of: frame - 1) == .seconds(3601))
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
      try queue.appendOne([2])
      rig.commit()
      let (first, second) = (try #require(queue.lease(maxBytes: 1)), try #require(queue.lease(maxBytes: 1)))
      #expect(first.age >= .milliseconds(20) && first.age < .seconds(60))
      #expect(second.age <= first.age - .milliseconds(10))
      queue.acknowledge(first)
      queue.acknowledge(second)
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
    let age = try #require(rig.queue.lease(maxBytes: 10)).age
    #expect((.milliseconds(20) ... .seconds(60)).contains(age))
  }
}
