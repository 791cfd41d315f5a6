import LogPipeline

/// One run of a replay: a single task reads letters, has them sent and settles them.
///
/// Invariant: a letter is in `open` from when it is read until all its parts are settled; then it is taken out of the
/// file.
final class ReplayRun {
  /// A letter on its way.
  private struct OpenLetter {
    let range: Range<Int>
    let reason: String
    let attempts: Int
    let lane: Int
    let partCount: Int
    /// Parts that are not settled.
    var parts: [Int: ReplayPart] = [:]
  }

  private enum Event: Sendable {
    case tick
    case sent(lane: Int, ReplayBatch, Judgement)
  }

  /// Bodies under way at once.
  private static let maxInFlight = 8
  private static let requestTimeout: Duration = .seconds(90)

  private let replay: DeadLetterReplay
  private let sender: any Sender
  private let time: ExportTime
  private let rewrite: DeadLetterRewrite
  private var reader: DeadLetterReader
  private var outcome = DeadLetterReplay.Outcome()
  private var lanes: [ReplayLane] = []
  private var laneOfKind: [ReplayKind: Int] = [:]
  private var open: [Int: OpenLetter] = [:]
  private var isRead = false
  /// True once a line has been read that is a letter.
  private var hasLetters = false
  private var failure: FileFailure?
  /// When what is still under way is cut off.
  private var endsAt: Duration?

  init(_ replay: DeadLetterReplay, _ sender: any Sender, time: ExportTime = .system) throws {
    self.replay = replay
    self.sender = sender
    self.time = time
    rewrite = try DeadLetterRewrite(path: replay.path, time: time)
    reader = try DeadLetterReader(path: replay.path)
  }

  func run() async throws -> DeadLetterReplay.Outcome {
    await send()
    outcome.gaveUp = lanes.contains { $0.isClosed }
    outcome.wasStopped = replay.stop.isRaised
    while !isRead, let line = try reader.next() {
      if !line.bytes.isEmpty { outcome.untouchedLetters += 1 }
    }
    keepUnsettledParts()
    outcome.untouchedLetters += open.count
    if rewrite.hasChanges { try rewrite.commit(from: reader.offset) }
    if let failure = failure ?? rewrite.failure { throw failure }
    if isRead, !hasLetters, !reader.hasReadNothing { throw FileFailure("\(replay.path) holds no dead letters") }
    return outcome
  }

  private var isEnding: Bool { failure != nil || replay.stop.isRaised }
  private var inFlight: Int { lanes.reduce(0) { $0 + $1.inFlight } }
  /// Whether anything is still to be sent.
  private var hasWork: Bool { !isEnding && (!isRead || lanes.contains { !$0.isClosed && $0.hasWork }) }
  /// Whether answers may still lead to more being sent.
  private var isUnderWay: Bool { hasWork || !isEnding && lanes.contains { !$0.isClosed && $0.inFlight > 0 } }

  private func send() async {
    await withTaskGroup(of: Event.self) { group in
      group.addTask { await Self.tick() }
      while true {
        fill()
        while !isEnding, let (lane, batch) = nextBatch() {
          let (sender, dialect) = (sender, lanes[lane].dialect)
          group.addTask { await Self.send(batch, by: sender, speaking: dialect, lane) }
        }
        guard hasWork || inFlight > 0, let event = await group.next() else { break }
        switch event {
        case .tick:
          group.addTask { await Self.tick() }
          look(at: time.now())
        case .sent(let lane, let batch, let judgement): settle(batch, judgement, in: lane)
        }
        if let endsAt, time.now() >= endsAt { break }
      }
      // What was answered in the last moment counts.
      group.cancelAll()
      while let event = await group.next() {
        if case .sent(let lane, let batch, let judgement) = event { settle(batch, judgement, in: lane) }
      }
    }
  }

  private static func tick() async -> Event {
    try? await Task.sleep(for: .milliseconds(10))
    return .tick
  }

  private static func send(
    _ batch: ReplayBatch, by sender: any Sender, speaking dialect: ReplayDialect, _ lane: Int
  ) async -> Event {
    let attempt = await Attempt.send(batch.body, by: sender, along: dialect.route, within: requestTimeout)
    return .sent(lane: lane, batch, Judgement(of: attempt, speaking: dialect))
  }

  /// Closes lanes that get nowhere, and sets the end when nothing more is to be sent.
  private func look(at now: Duration) {
    replay.progress(outcome, reader.offset)
    for index in lanes.indices { lanes[index].closeIfStuck(for: replay.giveUpAfter, at: now) }
    if replay.stop.stage == .atOnce { endsAt = now }
    if endsAt == nil, !isUnderWay { endsAt = now + replay.finishWithin }
  }

  private func nextBatch() -> (lane: Int, ReplayBatch)? {
    guard inFlight < Self.maxInFlight else { return nil }
    let now = time.now()
    for index in lanes.indices {
      guard var batch = lanes[index].next(at: now) else { continue }
      batch.firstSent = batch.firstSent ?? time.unixMilliseconds()
      return (index, batch)
    }
    return nil
  }
}

// Reading.
extension ReplayRun {
  /// Reads on until there is enough to send.
  private func fill() {
    func isEnough() -> Bool {
      lanes.reduce(0) { $0 + $1.fresh.count } >= Self.maxInFlight
        || lanes.reduce(0) { $0 + $1.heldBytes } >= replay.heldBytes
    }
    do throws(FileFailure) {
      while !isRead, !isEnding, !isEnough() {
        guard let line = try reader.next() else {
          isRead = true
          break
        }
        if !line.bytes.isEmpty, !take(line) { outcome.untouchedLetters += 1 }
      }
    } catch {
      failure = error
    }
    // Whatever keeps reading from going on, what was read is sent.
    for index in lanes.indices { lanes[index].flush() }
  }

  /// Takes a letter to send; false if it stays.
  private func take(_ line: DeadLetterReader.Line) -> Bool {
    guard let letter = line.letter else { return false }
    hasLetters = true
    guard replay.filter.matches(letter, in: line) else { return false }
    guard let body = letter.body else { return keep("its records were not kept") }
    guard let lane = lane(for: letter) else {
      let most = DeadLetterReplay.maxKinds
      return keep(
        lanes.count < most
          ? "letters like this cannot be sent over HTTP" : "of more than the \(most) kinds that one replay sends")
    }
    let now = UInt64(clamping: time.unixMilliseconds()).multipliedReportingOverflow(by: 1_000_000).partialValue
    if let problem = replay.gate.problem(with: letter, body, speaking: lanes[lane].dialect, unixNano: now) {
      return keep(problem.label)
    }
    if lanes[lane].isClosed { return false }
    let start = line.range.lowerBound
    let parts = lanes[lane].dialect.parts(of: body, records: letter.records)
    var opened = OpenLetter(
      range: line.range, reason: letter.reason, attempts: letter.attempts, lane: lane,
      partCount: parts.count)
    for (index, part) in parts.enumerated() {
      let part = ReplayPart(letter: start, index: index, bytes: part.bytes, records: part.records)
      opened.parts[index] = part
      lanes[lane].add(part)
    }
    open[start] = opened
    return true
  }

  private func keep(_ reason: String) -> Bool {
    outcome.kept.count(reason)
    return false
  }

  /// The lane for letters of this kind; nil if there can be none.
  private func lane(for letter: DeadLetter) -> Int? {
    let kind = ReplayKind(letter)
    if let lane = laneOfKind[kind] { return lane }
    guard lanes.count < DeadLetterReplay.maxKinds, let format = letter.format,
      let base = replay.dialect(letter.exporter, format), let dialect = ReplayDialect(letter, speaking: base)
    else { return nil }
    lanes.append(ReplayLane(exporter: letter.exporter, dialect: dialect))
    laneOfKind[kind] = lanes.count - 1
    return lanes.count - 1
  }
}

// Settling.
extension ReplayRun {
  private func settle(_ batch: ReplayBatch, _ judgement: Judgement, in lane: Int) {
    lanes[lane].ended()
    switch judgement.fate {
    case .delivered(let duplicates):
      outcome.duplicates &+= duplicates
      deliver(batch.parts, in: lane)
    case .rejected(let reason): reject(batch, batch.parts, judgement.shown(reason), because: reason, in: lane)
    case .halved(let reason):
      if let halves = batch.halves { return lanes[lane].sendHalves(halves) }
      reject(batch, batch.parts, judgement.shown(reason), because: reason, in: lane)
    case .again(let repetition): sendAgain(batch, judgement, repetition, in: lane)
    case .mixed(let outcomes): settle(batch, judgement, by: outcomes, in: lane)
    }
  }

  /// Settles parts one by one.
  private func settle(_ batch: ReplayBatch, _ judgement: Judgement, by outcomes: Verdict.Outcomes, in lane: Int) {
    if outcomes.rejectedUnnamed > 0 {
      let reason = outcomes.rejectedUnnamedReason
      return reject(batch, batch.parts, judgement.shown(reason), because: reason, in: lane)
    }
    var (delivered, again): ([ReplayPart], [ReplayPart]) = ([], [])
    var resend = RangeFinder(outcomes.resend.map { ($0, "") })
    var rejected = RangeFinder(outcomes.rejected.map { ($0.range, $0.reason) })
    var offset = 0
    for part in batch.parts {
      let range = offset..<(offset + part.bytes.count)
      offset = range.upperBound
      let (isAgain, reason) = (resend.find(in: range) != nil, rejected.find(in: range))
      if isAgain {
        again.append(part)
      } else if let reason {
        reject(batch, [part], judgement.shown(reason), because: reason, in: lane)
      } else {
        delivered.append(part)
      }
    }
    outcome.duplicates &+= outcomes.duplicates
    if !delivered.isEmpty { deliver(delivered, in: lane) }
    if again.isEmpty { return }
    var rest = batch
    rest.parts = again
    sendAgain(rest, judgement, Judgement.Repetition(reason: outcomes.resendReason, cause: .items), in: lane)
  }

  /// Whether the body itself may be why it is sent again.
  private static func isSuspect(_ repetition: Judgement.Repetition, _ judgement: Judgement) -> Bool {
    switch repetition.cause {
    case .attempt: judgement.suspicion != nil
    case .items: !isOverload(repetition.reason)
    case .count: true
    }
  }

  /// Whether an item is put off because Elasticsearch is busy.
  private static func isOverload(_ reason: String) -> Bool {
    ["es_rejected_execution_exception", "circuit_breaking_exception"].contains { reason.hasPrefix($0) }
  }

  private func deliver(_ parts: [ReplayPart], in lane: Int) {
    outcome.delivered &+= parts.reduce(0) { $0 &+ $1.records }
    lanes[lane].settled(parts, isDelivered: true, at: time.now())
    for part in parts { close(part) }
  }

  /// Keeps parts as new letters with the reason; `shown` is what of it may be said.
  private func reject(
    _ batch: ReplayBatch, _ parts: [ReplayPart], _ shown: String, because reason: String, in lane: Int
  ) {
    let letters = parts.map { part in
      var one = batch
      one.parts = [part]
      one.attempts += 1
      return letter(of: one, because: reason, in: lane)
    }
    guard keep(letters) else { return }
    let records = parts.reduce(0) { $0 &+ $1.records }
    outcome.rejected &+= records
    outcome.rejections.count(shown, records)
    lanes[lane].settled(parts, isDelivered: false, at: time.now())
    for part in parts { close(part) }
  }

  private func sendAgain(
    _ batch: ReplayBatch, _ judgement: Judgement, _ repetition: Judgement.Repetition, in lane: Int
  ) {
    // What is cut off at the end has not failed.
    if Task.isCancelled || endsAt.map({ time.now() >= $0 }) ?? false { return }
    let shown = judgement.shown(repetition.reason)
    if outcome.failures.count(shown) { replay.report(shown) }
    let failure = lanes[lane].failed(
      batch, isSuspect: Self.isSuspect(repetition, judgement), isLast: isRead || isEnding, asked: repetition.asked,
      at: time.now())
    guard failure == .isAtFault else { return }
    let told = Judgement.faultReason(repetition.reason, attempts: batch.attempts + 1)
    reject(batch, batch.parts, shown, because: told, in: lane)
  }

  /// Takes note that a part is settled, and takes its letter out of the file with the last.
  private func close(_ part: ReplayPart) {
    open[part.letter]?.parts[part.index] = nil
    guard let letter = open[part.letter], letter.parts.isEmpty else { return }
    rewrite.remove(letter.range)
    open[part.letter] = nil
  }

  /// Has letters of which only some parts are settled stand for the others alone.
  private func keepUnsettledParts() {
    for letter in open.values where letter.parts.count < letter.partCount {
      let rest = letter.parts.sorted { $0.key < $1.key }.map(\.value)
      var batch = ReplayBatch(rest)
      batch.attempts = letter.attempts
      let kept = self.letter(of: batch, because: letter.reason, in: letter.lane)
      if keep([kept]) { rewrite.remove(letter.range) }
    }
  }

  private func letter(of batch: ReplayBatch, because reason: String, in lane: Int) -> RejectedRecords {
    let dialect = lanes[lane].dialect
    return RejectedRecords(
      destination: lanes[lane].exporter, body: batch.body, reason: reason, attempts: batch.attempts,
      firstSentUnixMilliseconds: batch.firstSent ?? time.unixMilliseconds(), format: dialect.bodyFormat,
      route: dialect.route)
  }

  /// Says whether letters are kept; if not, the replay ends.
  private func keep(_ letters: [RejectedRecords]) -> Bool {
    do {
      try rewrite.take(letters)
      return true
    } catch {
      failure = failure ?? rewrite.failure
      return false
    }
  }
}

/// Finds texts by where they lie in a body, for places asked for in order.
private struct RangeFinder {
  private var ranges: ArraySlice<(range: Range<Int>, text: String)>

  init(_ ranges: [(range: Range<Int>, text: String)]) {
    self.ranges = ranges.sorted { $0.range.lowerBound < $1.range.lowerBound }[...]
  }

  /// The text of the first range that begins in `place`.
  mutating func find(in place: Range<Int>) -> String? {
    var found: String?
    while let first = ranges.first, first.range.lowerBound < place.upperBound {
      if found == nil, first.range.upperBound > place.lowerBound { found = first.text }
      // A range that goes on in the next place concerns that too.
      if first.range.upperBound > place.upperBound { break }
      ranges.removeFirst()
    }
    return found
  }
}
