import HTTPTransport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite struct MetricsPageTests {
  /// One who asks, and the number of the page that it gets.
  private struct Asker: Sendable {
    let responder: HTTPResponder
    let answer: EventLoopFuture<Int>

    init() {
      let loop = MultiThreadedEventLoopGroup.singleton.any()
      let promise = loop.makePromise(of: Int.self)
      answer = promise.futureResult
      responder = HTTPResponder(eventLoop: loop) { event in
        if case .whole(let response) = event { promise.succeed(response.status) }
      }
    }
  }

  /// Counts pages in their status; `meanwhile` is done while the first is written.
  private func page(meanwhile: @escaping @Sendable (MetricsPage) -> Void = { _ in }) -> MetricsPage {
    let written = Mutex(0)
    let own = Mutex<MetricsPage?>(nil)
    let page = MetricsPage {
      let number = written.withLock { written in
        written += 1
        return written
      }
      if number == 1, let page = own.withLock({ $0 }) { meanwhile(page) }
      return HTTPResponse(status: number)
    }
    own.withLock { $0 = page }
    return page
  }

  private func ask(_ page: MetricsPage) async throws -> Int {
    let asker = Asker()
    page.answer(through: asker.responder)
    return try await asker.answer.get()
  }

  @Test func whoAsksLaterGetsALaterPage() async throws {
    let page = page()
    for number in 1...20 { #expect(try await ask(page) == number) }
  }

  @Test func thoseWhoAskMeanwhileShareTheNextPage() async throws {
    let others = (0..<100).map { _ in Asker() }
    let page = page { page in for other in others { page.answer(through: other.responder) } }
    #expect(try await ask(page) == 1)
    for other in others { #expect(try await other.answer.get() == 2) }
    #expect(try await ask(page) == 3)
  }

  @Test func nothingIsWrittenForThoseWhoHaveGone() async throws {
    let page = page { page in
      for _ in 0..<100 {
        let other = HTTPResponder(eventLoop: MultiThreadedEventLoopGroup.singleton.any()) { _ in
          Issue.record("one who has gone is answered")
        }
        page.answer(through: other)
        other.cancel()
      }
    }
    #expect(try await ask(page) == 1)
    #expect(try await ask(page) == 2)
  }

  @Test func itRestsBetweenPagesInProportion() async throws {
    let page = MetricsPage {
      let end = ContinuousClock.now + .milliseconds(20)
      while ContinuousClock.now < end {}
      return HTTPResponse(status: 200)
    }
    let start = ContinuousClock.now
    for _ in 0..<5 { _ = try await ask(page) }
    // Five pages, and the rests between them.
    #expect(ContinuousClock.now - start >= .milliseconds(5 * 20 + 4 * 80))
  }
}
