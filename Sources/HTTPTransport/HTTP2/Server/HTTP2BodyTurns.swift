// decision: docs/decisions/0305-large-bodies-in-turn.md

/// Lets the large bodies of an HTTP/2 connection come one after the other, by whom flow-control credit is given.
///
/// A client that sends several large requests at once cuts them into frames that come in turn, so that all of them
/// lie in memory half done, more than the processor's caches hold. Here the first that is known to be large has the
/// turn; the others get no credit beyond the window they began with until it is theirs. So that nobody waits for a
/// client that is slow with one request, as behind a proxy, this ends for the whole connection once a turn brings too
/// little between two looks.
struct HTTP2BodyTurns {
  /// A body of more bytes is large; smaller ones need no credit.
  let smallBytes: Int
  /// What the body whose turn it is brings at least between two looks.
  let leastProgressBytes: Int
  /// The stream whose turn it is.
  private(set) var current: Int32?
  /// False once all bodies may come at once.
  private(set) var isOn = true
  private var waiting: [Int32] = []
  private var progressBytes = 0

  /// Turns of streams that may send `windowBytes` without credit.
  init(windowBytes: Int) {
    leastProgressBytes = max(windowBytes, 1)
    smallBytes = min(max(windowBytes / 2, 0), 64 << 10)
  }

  /// Whether credit is to be given for all that has come of a stream's body, `bodyBytes` with the last `bytes` of it.
  mutating func received(_ bytes: Int, of stream: Int32, bodyBytes: Int) -> Bool {
    guard isOn else { return true }
    if current == stream {
      progressBytes = max(progressBytes, progressBytes &+ bytes)
      return true
    }
    guard bodyBytes > smallBytes else { return false }
    if current == nil {
      begin(stream)
      return true
    }
    if bodyBytes &- bytes <= smallBytes { waiting.append(stream) }
    return false
  }

  /// The stream is of no more interest. If it was its turn, the stream whose turn it is now and that is to have its
  /// credit.
  mutating func ended(_ stream: Int32) -> Int32? {
    if current == stream {
      current = nil
      if !waiting.isEmpty { begin(waiting.removeFirst()) }
      return current
    }
    if !waiting.isEmpty { waiting.removeAll { $0 == stream } }
    return nil
  }

  /// Looks whether the turn makes progress. If it does not while others wait, turns are over, and these are the streams
  /// that are to have their credit.
  mutating func look() -> [Int32] {
    defer { progressBytes = 0 }
    guard isOn, !waiting.isEmpty, progressBytes < leastProgressBytes else { return [] }
    isOn = false
    current = nil
    defer { waiting = [] }
    return waiting
  }

  /// Whether a stream gets no credit now, its body being large.
  func isWaiting(_ stream: Int32) -> Bool { waiting.contains(stream) }

  private mutating func begin(_ stream: Int32) {
    current = stream
    // It has until the look after the next.
    progressBytes = leastProgressBytes
  }
}
