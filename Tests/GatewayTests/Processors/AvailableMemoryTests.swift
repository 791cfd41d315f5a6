import Testing

@testable import Gateway

@Suite struct AvailableMemoryTests {
  @Test func isSomeOfWhatTheMachineHas() {
    #expect(AvailableMemory.bytes > 16 << 20)
    #expect(AvailableMemory.bytes < 1 << 50)
  }
}
