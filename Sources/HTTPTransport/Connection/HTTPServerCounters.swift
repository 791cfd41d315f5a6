/// What a server has counted since it started.
package struct HTTPServerCounters: Sendable, Equatable {
  package var connectionsOpen = 0
  package var connectionsTotal = 0
  package var requestsHTTP1 = 0
  package var requestsHTTP2 = 0
  package var bytesRead = 0
  package var bytesWritten = 0
  /// Refusals by their cause; causes that have not occurred are absent.
  package var refusals: [HTTPAbuse: Int] = [:]

  package init() {}
}
