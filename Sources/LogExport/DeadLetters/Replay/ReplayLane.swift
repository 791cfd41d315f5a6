import LogPipeline

/// A part of a letter: what is sent and settled as one.
struct ReplayPart: Sendable {
  /// Where the letter begins in the file, which tells letters apart.
  let letter: Int
  /// Its number among the letter's parts.
  let index: Int
  let bytes: [UInt8]
  let records: Int
}

/// Parts that are sent in one body, and how often that has failed.
struct ReplayBatch: Sendable {
  var parts: [ReplayPart]
  /// Attempts with these parts.
  var attempts = 0
  /// Attempts that may have failed because of the body itself.
  var strikes = 0
  /// How many bodies of the lane had been taken when this one first failed.
  var passedBefore: Int?
  /// When it may be sent.
  var notBefore: Duration = .zero
  /// Milliseconds since 1970 of the first attempt.
  var firstSent: Int?

  init(_ parts: [ReplayPart]) { self.parts = parts }

  var records: Int { parts.reduce(0) { $0 &+ $1.records } }
  var byteCount: Int { parts.reduce(0) { $0 &+ $1.bytes.count } }
  var body: ExportBody {
    ExportBody(copyOf: parts.map(\.bytes)).part(0..<byteCount, records: records)
  }

  /// Two batches that together hold the parts; nil if there is one part.
  var halves: [ReplayBatch]? {
    guard parts.count > 1 else { return nil }
    return [parts.prefix(parts.count / 2), parts.dropFirst(parts.count / 2)].map { half in
      var batch = self
      batch.parts = Array(half)
      batch.attempts = min(attempts, 1)
      batch.strikes = min(strikes, 1)
      return batch
    }
  }
}

/// Letters of one kind on their way: what is to be sent next, what waits to be sent again, and whether a body or the
/// destination is at fault for that. It does no I/O and reads no clock.
struct ReplayLane {
  /// What a failed attempt comes to.
  enum Failure: Equatable {
    /// It is sent again later, perhaps halved.
    case repeated
    /// It is a single part, which the destination does not take while it takes others.
    case isAtFault
    /// The lane is closed: what failed is left.
    case left
  }

  /// Bytes of a body, unless one part is larger.
  static let batchBytes = 1 << 20
  /// Strikes after which a single part is at fault if others are taken.
  static let mostStrikes = 5
  /// Strikes after which a body of several parts is halved, which costs nothing if it is not at fault.
  private static let strikesToHalve = 2
  /// So many bodies may wait to be sent again before others are held up.
  private static let mostWaiting = 16
  private static let retry: RetryOptions = {
    var retry = RetryOptions()
    retry.initialInterval = .milliseconds(200)
    retry.maxInterval = .seconds(5)
    retry.multiplier = 2
    return retry
  }()

  let exporter: String
  let dialect: ReplayDialect
  private var gathering = ReplayBatch([])
  private var gatheredBytes = 0
  /// Bodies that were not sent yet.
  private(set) var fresh: [ReplayBatch] = []
  private var waiting: [ReplayBatch] = []
  private(set) var inFlight = 0
  /// Bytes of parts that are not settled.
  private(set) var heldBytes = 0
  /// Bodies that were taken, in full or in part.
  private var passed = 0
  /// Failures of the destination in a row, all that came during a pause as one; then it is left alone for a while.
  private var failuresInRow = 0
  private var pausedUntil: Duration = .zero
  /// When a part was last settled, or the first of those that are under way was sent.
  private var progressedAt: Duration = .zero
  private(set) var isClosed = false

  init(exporter: String, dialect: ReplayDialect) {
    self.exporter = exporter
    self.dialect = dialect
  }

  /// Whether something is to be sent.
  var hasWork: Bool { !(gathering.parts.isEmpty && fresh.isEmpty && waiting.isEmpty) }

  private var isTrying: Bool { inFlight > 0 || !waiting.isEmpty }

  mutating func add(_ part: ReplayPart) {
    heldBytes += part.bytes.count
    let most = dialect.answersForEach ? Self.batchBytes : 0
    if gatheredBytes + part.bytes.count > most { flush() }
    gathering.parts.append(part)
    gatheredBytes += part.bytes.count
    if gatheredBytes >= most { flush() }
  }

  /// Sends what was gathered without waiting for more.
  mutating func flush() {
    if !gathering.parts.isEmpty { fresh.append(gathering) }
    gathering = ReplayBatch([])
    gatheredBytes = 0
  }

  /// The body to send now.
  mutating func next(at now: Duration) -> ReplayBatch? {
    guard !isClosed, now >= pausedUntil, let batch = takeNext(at: now) else { return nil }
    if !isTrying { progressedAt = now }
    inFlight += 1
    return batch
  }

  private mutating func takeNext(at now: Duration) -> ReplayBatch? {
    if let index = waiting.firstIndex(where: { $0.notBefore <= now }) { return waiting.remove(at: index) }
    guard !fresh.isEmpty, waiting.count < Self.mostWaiting || inFlight == 0 else { return nil }
    return fresh.removeFirst()
  }

  /// Takes note that an attempt with a body has ended; what follows says how.
  mutating func ended() { inFlight -= 1 }

  /// Takes note that parts are settled; `isDelivered` if the destination took them.
  mutating func settled(_ parts: [ReplayPart], isDelivered: Bool, at now: Duration) {
    if !isClosed { heldBytes -= parts.reduce(0) { $0 + $1.bytes.count } }
    progressedAt = now
    guard isDelivered else { return }
    passed += 1
    failuresInRow = 0
    pausedUntil = .zero
  }

  /// Has halves of a body sent at once.
  mutating func sendHalves(_ halves: [ReplayBatch]) {
    if !isClosed { fresh.insert(contentsOf: halves, at: 0) }
  }

  /// Takes a body that has to be sent again; `isSuspect` says that the body itself may be why, `isLast` that no more
  /// letters come.
  mutating func failed(
    _ batch: ReplayBatch, isSuspect: Bool, isLast: Bool, asked: Duration?, at now: Duration
  ) -> Failure {
    if isClosed { return .left }
    var batch = batch
    batch.attempts += 1
    if isSuspect {
      batch.strikes += 1
      batch.passedBefore = batch.passedBefore ?? passed
      if isAtFault(batch, isLast: isLast) { return .isAtFault }
    }
    if !isSuspect || passed == 0 { pause(at: now, asked: asked) }
    batch.notBefore = now + Self.delay(batch.attempts, asked: asked)
    let isHalved = batch.strikes >= Self.strikesToHalve && waiting.count < Self.mostWaiting
    waiting += isHalved ? batch.halves ?? [batch] : [batch]
    return .repeated
  }

  private func isAtFault(_ batch: ReplayBatch, isLast: Bool) -> Bool {
    guard batch.parts.count == 1, batch.strikes >= Self.mostStrikes else { return false }
    let isRest = isLast && fresh.isEmpty && gathering.parts.isEmpty
    return passed > (isRest ? 0 : batch.passedBefore ?? passed)
  }

  private mutating func pause(at now: Duration, asked: Duration?) {
    guard now >= pausedUntil else { return }
    failuresInRow += 1
    pausedUntil = now + Self.delay(failuresInRow, asked: asked)
  }

  private static func delay(_ attempts: Int, asked: Duration?) -> Duration {
    retry.delay(afterAttempts: attempts, asked: asked, random: 1)
  }

  /// Closes the lane if nothing of what is tried was settled for so long.
  mutating func closeIfStuck(for limit: Duration, at now: Duration) {
    guard !isClosed, isTrying, now - progressedAt >= limit else { return }
    isClosed = true
    heldBytes = 0
    (gathering, fresh, waiting) = (ReplayBatch([]), [], [])
  }
}

/// Letters that can go into one body.
struct ReplayKind: Hashable {
  let exporter: String
  let format: String
  let path: String
  let headers: [String]

  init(_ letter: DeadLetter) {
    exporter = letter.exporter
    format = letter.format?.rawValue ?? ""
    path = letter.path
    headers = letter.headers.flatMap { [$0.name, $0.value] }
  }
}
