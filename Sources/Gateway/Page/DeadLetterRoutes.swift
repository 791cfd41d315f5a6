import LogExport
import LogPipeline

/// What the page's view of dead letters asks, and has done.
struct DeadLetterRoutes: Sendable {
  let desk: DeadLetterDesk

  /// Letters of one answer at most, and by default.
  private static let maxLetters = 500
  private static let defaultLetters = 100
  /// Bytes of a form that names letters one by one.
  private static let maxFormBytes = 64 << 10
  /// Bytes of a letter's content that are shown.
  private static let maxShownBytes = 256 << 10

  var all: [AdminRoute] {
    [
      AdminRoute(method: .get, path: "/api/dead_letters", demand: .look(.deadLetters), maxAtOnce: 2) {
        request throws(AdminRefusal) in
        try await overview(request.arguments)
      },
      AdminRoute(method: .get, path: "/api/dead_letters/letters", demand: .look(.deadLetters), maxAtOnce: 2) {
        request throws(AdminRefusal) in
        try await letters(request.arguments)
      },
      AdminRoute(method: .get, path: "/api/dead_letters/replay/progress", demand: .look(.deadLetters)) {
        _ throws(AdminRefusal) in
        desk.job.map(Self.json) ?? .null
      },
      AdminRoute(method: .post, path: "/api/dead_letters/letter", demand: .look(.deadLetters), maxAtOnce: 2) {
        request throws(AdminRefusal) in
        try await letter(request)
      },
      AdminRoute(
        method: .post, path: "/api/dead_letters/replay", demand: .change(.deadLetters), maxBodyBytes: Self.maxFormBytes
      ) {
        request throws(AdminRefusal) in
        try replay(request)
      },
      AdminRoute(method: .post, path: "/api/dead_letters/replay/stop", demand: .change(.deadLetters)) {
        _ throws(AdminRefusal) in
        desk.stopReplay()
        return .null
      },
      AdminRoute(
        method: .post, path: "/api/dead_letters/purge", demand: .change(.deadLetters), maxBodyBytes: Self.maxFormBytes,
        maxAtOnce: 1
      ) {
        request throws(AdminRefusal) in
        try await purge(request)
      },
    ]
  }

  // MARK: What there is

  /// The files; of one that is named, what it holds by exporter and kind of reason.
  private func overview(_ arguments: SelectArguments) async throws(AdminRefusal) -> AdminJSON {
    guard arguments["file"] == nil else {
      let file = try file(arguments)
      let summary = try await Self.reading { () throws(FileFailure) in try DeadLetterSummary(path: file.path) }
      let rows = summary.rows.sorted { $1.value.last < $0.value.last }
      return .object([
        ("groups", .list(rows.map(Self.json))), ("unreadable_lines", .number(summary.unreadableLines)),
      ])
    }
    let desk = desk
    let files = await BlockingWork.run { desk.files.map { ($0, DeadLetterDesk.size(of: $0.path)) } }
    return .object([("files", .list(files.map(Self.json)))])
  }

  private func letters(_ arguments: SelectArguments) async throws(AdminRefusal) -> AdminJSON {
    let (file, filter) = (try file(arguments), try filter(arguments))
    let (from, limit) = (try count("from", arguments) ?? 0, try count("limit", arguments) ?? Self.defaultLetters)
    if limit > Self.maxLetters {
      throw AdminRefusal("limit: \(limit) letters are wanted: the limit is \(Self.maxLetters)")
    }
    let desk = desk
    let found = try await Self.reading { () throws(FileFailure) in
      try desk.letters(of: file, matching: filter, from: from, limit: limit)
    }
    let letters = found.lines.map { place, letter, bytes in
      AdminJSON.object([
        ("place", .text("\(place)")), ("time", .text(letter.time)), ("exporter", .text(letter.exporter)),
        ("kind", .text(letter.reasonKind)), ("attempts", .number(letter.attempts)),
        ("first_sent", .text(letter.firstSent)), ("format", .optional(letter.format?.rawValue)),
        ("path", .text(letter.path)), ("records", .number(letter.records)), ("bytes", .number(bytes)),
      ])
    }
    return .object([("letters", .list(letters)), ("next", found.next.map { .number($0) } ?? .null)])
  }

  private func letter(_ request: AdminRoute.Request) async throws(AdminRefusal) -> AdminJSON {
    let file = try file(request.arguments)
    guard let place = request.arguments["place"].flatMap({ DeadLetterPlace($0) }) else {
      throw AdminRefusal("place: that of a letter is needed")
    }
    let desk = desk
    let letter = try await Self.reading { () throws(FileFailure) in
      try desk.letter(at: place, of: file, for: request.asker)
    }
    guard let letter else { throw AdminRefusal("the letter is not there any more", status: 404) }
    let content = Self.content(of: letter)
    let shown = content.cut(toBytes: Self.maxShownBytes)
    return .object([
      ("reason", .text(letter.reason)), ("content", .text(shown)),
      ("left_out", .number(content.utf8.count - shown.utf8.count)),
    ])
  }

  /// What was sent, as text: OTLP in JSON.
  private static func content(of letter: DeadLetter) -> String {
    guard let body = letter.body else { return String(decoding: letter.record, as: UTF8.self) }
    if letter.format == .otlp {
      var batch = LogBatch()
      var frames = FrameWriter(maxBytes: .max)
      let isRead = (try? batch.decode(protobuf: body, limits: DecodeLimits())) != nil
      if isRead, (try? FileDialect().encode(batch, into: &frames)) != nil {
        return String(decoding: frames.bytes.array, as: UTF8.self)
      }
    }
    return String(decoding: body, as: UTF8.self)
  }

  // MARK: What is done

  private func replay(_ request: AdminRoute.Request) throws(AdminRefusal) -> AdminJSON {
    let (file, filter) = (try file(request.arguments), try filter(request.arguments))
    guard let exporter = filter.exporter else { throw AdminRefusal("exporter: the id of one is needed") }
    do throws(DeadLetterDesk.Refusal) {
      try desk.replay(file, filter, of: exporter, for: request.asker)
    } catch {
      switch error {
      case .busy: throw AdminRefusal("letters are being sent again: one replay at a time", status: 409)
      case .ends: throw AdminRefusal("the gateway ends", status: 503)
      case .noExporter(let id):
        throw AdminRefusal("no exporter \(id) that is configured writes this file", status: 404)
      case .notHTTP(let id):
        throw AdminRefusal(
          "\(id) does not send over HTTP: sluice dead-letter replay --path \(file.path) --to http://… sends them",
          status: 409)
      }
    }
    return desk.job.map(Self.json) ?? .null
  }

  private func purge(_ request: AdminRoute.Request) async throws(AdminRefusal) -> AdminJSON {
    let (file, filter) = (try file(request.arguments), try filter(request.arguments))
    if filter == DeadLetterFilter(), request.arguments["all"] != "1" {
      throw AdminRefusal("name what to remove, or say all=1")
    }
    let desk = desk
    let purged = try await Self.reading { () throws(FileFailure) in try desk.purge(file, filter, for: request.asker) }
    return .object([("purged", .number(purged))])
  }

  // MARK: Arguments

  /// One of the files that there are, so that no path from outside is opened.
  private func file(_ arguments: SelectArguments) throws(AdminRefusal) -> DeadLetterDesk.File {
    if let path = arguments["file"], let file = desk.files.first(where: { $0.path == path }) { return file }
    throw AdminRefusal("file: none of the files of dead letters that exporters have", status: 404)
  }

  private func filter(_ arguments: SelectArguments) throws(AdminRefusal) -> DeadLetterFilter {
    var filter = DeadLetterFilter(
      exporter: arguments["exporter"], reason: arguments["reason"], before: arguments["before"])
    filter.kind = arguments["kind"]
    if let before = filter.before, !DeadLetterFilter.isTime(before) {
      throw AdminRefusal("before: expected a time such as 2026-01-31T12:00:00Z")
    }
    let named = arguments.all("place")
    if !named.isEmpty {
      let places = named.compactMap { DeadLetterPlace($0) }
      if places.count < named.count { throw AdminRefusal("place: one is not that of a letter") }
      filter.places = Set(places)
    }
    return filter
  }

  private func count(_ name: String, _ arguments: SelectArguments) throws(AdminRefusal) -> Int? {
    do throws(SelectRefusal) { return try arguments.count(name) } catch { throw AdminRefusal(error.message) }
  }

  /// Reads or writes files where that may take long.
  private static func reading<Value: Sendable>(
    _ work: @escaping @Sendable () throws(FileFailure) -> Value
  ) async throws(AdminRefusal) -> Value {
    let result = await BlockingWork.run { Result { () throws(FileFailure) in try work() } }
    do throws(FileFailure) { return try result.get() } catch { throw AdminRefusal("\(error)", status: 409) }
  }

  // MARK: JSON

  private static func json(_ file: DeadLetterDesk.File, _ bytes: Int?) -> AdminJSON {
    let exporters = file.exporters.map { exporter in
      AdminJSON.object([("id", .text(exporter.id)), ("can_replay", .flag(exporter.sender is HTTPSender))])
    }
    return .object([
      ("file", .text(file.path)), ("bytes", bytes.map { .number($0) } ?? .null), ("backup", .flag(file.isBackup)),
      ("exporters", .list(exporters)),
    ])
  }

  private static func json(_ key: DeadLetterSummary.Key, _ row: DeadLetterSummary.Row) -> AdminJSON {
    .object([
      ("exporter", .text(key.exporter)), ("kind", .text(key.reason)), ("letters", .number(row.letters)),
      ("records", .number(row.records)), ("first", .text(row.first)), ("last", .text(row.last)),
    ])
  }

  private static func json(_ job: DeadLetterDesk.Job) -> AdminJSON {
    let outcome = job.outcome
    let counted = { (tally: Tally) in AdminJSON.object(tally.rows.map { ($0.text, .number($0.count)) }) }
    return .object([
      ("state", .text(job.state.rawValue)), ("file", .text(job.file)), ("exporter", .text(job.exporter)),
      ("read_bytes", .number(job.readBytes)), ("file_bytes", .number(job.fileBytes)),
      ("delivered", .number(outcome.delivered)), ("duplicates", .number(outcome.duplicates)),
      ("refused", .number(outcome.rejected)), ("left", .number(outcome.untouchedLetters)),
      ("gave_up", .flag(outcome.gaveUp)), ("stopped", .flag(outcome.wasStopped)),
      ("refusals", counted(outcome.rejections)), ("kept", counted(outcome.kept)),
      ("failures", counted(outcome.failures)), ("error", .optional(job.error)),
    ])
  }
}
