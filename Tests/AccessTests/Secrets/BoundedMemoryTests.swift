import Testing

@testable import Access

@Suite struct BoundedMemoryTests {
  @Test func holdsNoMoreThanItMay() {
    var memory = BoundedMemory<Int, Int>(maxCount: 10)
    for key in 0..<1000 {
      memory.add(key, of: key)
      #expect(memory.count <= 10)
      #expect(memory.value(of: key) == key)
    }
    #expect(memory.value(of: 0) == nil)
  }

  @Test func whatIsAskedForStays() {
    var memory = BoundedMemory<Int, Int>(maxCount: 10)
    memory.add(-1, of: -1)
    for key in 0..<100 {
      memory.add(key, of: key)
      #expect(memory.value(of: -1) == -1)
    }
    memory.remove(-1)
    #expect(memory.value(of: -1) == nil)
  }

  @Test func anEntryIsReplacedAndCountsOnce() {
    var memory = BoundedMemory<Int, Int>(maxCount: 4)
    for value in 0..<10 { memory.add(value, of: 1) }
    #expect(memory.count == 1 && memory.value(of: 1) == 9)
    memory.add(1, of: 2)
    memory.add(1, of: 3)
    memory.add(10, of: 1)
    #expect(memory.value(of: 1) == 10 && memory.count == 3)
  }

  @Test func withoutRoomNothingIsHeld() {
    var memory = BoundedMemory<Int, Int>(maxCount: 0)
    memory.add(1, of: 1)
    #expect(memory.count == 0 && memory.value(of: 1) == nil)
  }
}
