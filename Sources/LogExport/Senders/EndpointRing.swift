/// Chooses among a destination's endpoints: in turn, leaving out those that failed for growing pauses.
///
/// A resting endpoint whose pause has passed is probed by one request while the others go elsewhere. If all rest, the
/// one whose pause ends first is tried: the loop's own backoff spaces attempts.
package struct EndpointRing: Sendable {
  private struct Endpoint {
    var failures = 0
    var restsUntil = Duration.zero
  }

  private var endpoints: [Endpoint]
  private var nextIndex = 0
  private let firstPause: Duration
  private let longestPause: Duration

  package init(count: Int, firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(60)) {
    endpoints = Array(repeating: Endpoint(), count: max(count, 1))
    self.firstPause = firstPause
    self.longestPause = longestPause
  }

  /// The endpoint for the next request, leaving out those already tried for it; nil if all were.
  package mutating func next(at now: Duration, except tried: Set<Int> = []) -> Int? {
    let order = endpoints.indices.map { (nextIndex + $0) % endpoints.count }.filter { !tried.contains($0) }
    let awake = order.first { endpoints[$0].restsUntil <= now }
    let soonest = order.min { endpoints[$0].restsUntil < endpoints[$1].restsUntil }
    guard let chosen = awake ?? soonest else { return nil }
    nextIndex = (chosen + 1) % endpoints.count
    if endpoints[chosen].failures > 0 { endpoints[chosen].restsUntil = now + pause(after: endpoints[chosen].failures) }
    return chosen
  }

  package mutating func succeeded(_ index: Int) {
    guard endpoints.indices.contains(index) else { return }
    endpoints[index] = Endpoint()
  }

  package mutating func failed(_ index: Int, at now: Duration) {
    guard endpoints.indices.contains(index) else { return }
    endpoints[index].failures = min(endpoints[index].failures + 1, 32)
    endpoints[index].restsUntil = now + pause(after: endpoints[index].failures)
  }

  /// Endpoints that rest now; for tests.
  package func resting(at now: Duration) -> Int { endpoints.count { $0.restsUntil > now } }

  private func pause(after failures: Int) -> Duration {
    var pause = firstPause
    var left = failures
    while left > 1, pause < longestPause {
      pause = pause * 2
      left -= 1
    }
    return min(pause, longestPause)
  }
}
