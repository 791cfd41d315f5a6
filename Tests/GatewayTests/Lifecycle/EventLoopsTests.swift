import NIOCore
import Testing

@testable import Gateway

@Suite struct EventLoopsTests {
  @Test func thereIsAThreadForEachCoreThatMayBeUsed() {
    #expect((1...System.coreCount).contains(EventLoops.availableCores))
  }
}
